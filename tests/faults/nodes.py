"""Servers that can be killed: real ones, of two processes each on SQLite, each on one port for all its lives."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from command_line import ROOT, scrubbed

LONGEST_END = 15.0  # seconds: a server that has lost its writer ends by itself


class Nursery:
    """Where lives of the server begin (`nursery.py`)."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def start(self, folder: Path, log: Path, environ: dict[str, str]) -> int:
        """Begin a life; return its pid."""
        order = {"folder": str(folder), "log": str(log), "environ": scrubbed(environ)}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def nursery(keywords: Path) -> Iterator[Nursery]:
    """Open one; what is left of its lives ends with it, however that comes."""
    pipe = subprocess.PIPE
    environ = scrubbed({"PYTHONPATH": str(ROOT)})
    command = [sys.executable, str(Path(__file__).with_name("nursery.py")), str(keywords)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, encoding="utf-8", env=environ) as process:
        yield Nursery(process)
        process.stdin.close()


class Node:
    """A server on one port, over all its lives."""

    def __init__(self, born: Nursery, folder: Path, environ: dict[str, str]) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"log-{self.port}"
        self._nursery = born
        self._folder = folder
        self._environ = {**environ, "PORT": str(self.port)}
        self.pid = 0

    def start(self) -> None:
        """Begin a life."""
        self.pid = self._nursery.start(self._folder, self.log, self._environ)

    async def kill(self, what: str) -> None:
        """SIGKILL its "server", its "writer" or "both"; return when all its processes are gone."""
        pids = family(self.pid)
        if what == "both":
            os.killpg(self.pid, signal.SIGKILL)
        else:
            os.kill(pids[0 if what == "server" else -1], signal.SIGKILL)
        await self._gone(pids)

    async def stop(self) -> None:
        """End it as whoever watches over it does, with SIGTERM."""
        pids = family(self.pid)
        os.kill(self.pid, signal.SIGTERM)
        await self._gone(pids)

    async def _gone(self, pids: list[int]) -> None:
        deadline = time.monotonic() + LONGEST_END
        while any(map(alive, pids)):
            assert time.monotonic() < deadline, f"a process of {pids} has not ended: {self.log.read_text('utf-8')}"
            await asyncio.sleep(0.005)


def family(pid: int) -> list[int]:
    """Return the server's process and the one that writes its database, if it is there already."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    return [pid, *map(int, children)]


def alive(pid: int) -> bool:
    """Tell whether a process runs."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def free_port() -> int:
    """Find a port nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
