"""Loads the server's program once, then forks a life of it for every line it reads.

A program of its own: `nursery.py KEYWORDS` reads one JSON object a line ({"folder", "log", "environ"}) and writes the
pid of the life it started, which is `ouistop serve` from its first line on. Only the loading of Python, its libraries
and the words of the languages, more than a second of each start, is shared: fifty lives fit into a minute.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import sys
from pathlib import Path

import bot.commands.serve
from bot import app, cli, logs
from bot.core.loading import load_catalog

PR_SET_PDEATHSIG = 1
LOADED = (bot.commands.serve, app, logs)


def main() -> None:
    """Fork until the other end closes."""
    load_catalog(Path(sys.argv[1]).read_text("utf-8"), "keywords.yaml", ("http",)).catalog.warm()
    gc.collect()
    gc.freeze()  # a life's own collections need not look at what all of them share
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead leave nothing behind that must be waited for
    while line := sys.stdin.buffer.readline():  # bytes: the command has yet to say how its texts are encoded
        order = json.loads(line)
        if (pid := os.fork()) == 0:
            live(**order)
        print(pid, flush=True)


def live(folder: str, log: str, environ: dict[str, str]) -> None:
    """Be `ouistop serve`, in a session of its own as a service is, until the end of the process."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # it does not outlive a test run that is broken off
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    nothing = os.open(os.devnull, os.O_RDWR)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for theirs, ours in enumerate((nothing, nothing, written)):
        os.dup2(ours, theirs)
    sys.argv = ["ouistop", "serve"]
    cli.main()
    raise AssertionError("ouistop serve ends its process")


if __name__ == "__main__":
    main()
