"""Transcripts: conversations in a text file that a marketer can read, played and compared line by line.

`script.py` reads the format, `writing.py` writes it, `play.py` plays one on a stage: on the pure core (`on_core.py`) or
on the server's own parts (`on_server.py`). docs/transcripts.md explains the marks.
"""

from bot.transcripts.play import Stage, play
from bot.transcripts.script import Script, read_script
from bot.transcripts.writing import Cast, answered, head, texted, time_passed, written

__all__ = ["Cast", "Script", "Stage", "answered", "head", "play", "read_script", "texted", "time_passed", "written"]
