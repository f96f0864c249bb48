"""The commands, one file each: `command` is the click command, and it imports what it needs when it runs.

`given.py` has the options that several share, `terminal.py` how things are drawn.
"""
