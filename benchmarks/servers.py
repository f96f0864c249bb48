"""Starts the servers a benchmark measures, as processes of their own, and tells what they cost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import util
from pathlib import Path

from benchmarks.traffic import KEYWORDS, TOKEN

ROOT = Path(__file__).parent.parent
NO_FLASK = "not measured: pip install '.[bench]'"


@dataclass(frozen=True)
class Server:
    """A running one. `start_seconds`: from the start of its process to ready."""

    port: int
    process: subprocess.Popen[bytes]
    start_seconds: float

    def resident(self) -> float:
        """Return the memory of all its processes in MB; what they share counts once (the sum of their PSS)."""
        return sum(_proportional(pid) for pid in self._pids()) / 1000

    def cpu(self) -> float:
        """Return the CPU that all its processes and threads have used so far, in seconds."""
        return sum(_ticks(pid) for pid in self._pids()) / os.sysconf("SC_CLK_TCK")

    def _pids(self) -> list[int]:
        pid = self.process.pid
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def _proportional(pid: int) -> int:
    """Return a process's share of the memory it uses, in kB."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(rollup.partition("\nPss:")[2].split()[0])


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def free_port() -> int:
    """Find a port nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(
    command: list[str], port: int, ready: str, env: dict[str, str] | None = None, stop: signal.Signals = signal.SIGTERM
) -> Iterator[Server]:
    """Start a server, wait until it is ready, and stop it at the end."""
    began = time.perf_counter()
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **(env or {})}, stdout=quiet, stderr=quiet) as process:
        try:
            _wait(f"http://127.0.0.1:{port}{ready}", process)
            yield Server(port, process, time.perf_counter() - began)
        finally:
            process.send_signal(stop)
            process.wait(30)


@contextmanager
def bare() -> Iterator[Server]:
    """Start the yardstick."""
    port = free_port()
    with started([sys.executable, "-m", "benchmarks.bare", str(port)], port, "/") as server:
        yield server


@contextmanager
def gateway() -> Iterator[Server]:
    """Start a gateway that MTs arrive at."""
    port = free_port()
    with started([sys.executable, "-m", "benchmarks.gateway", str(port)], port, "/seen") as server:
        yield server


def has_flask() -> bool:
    """Tell whether the peer can be started."""
    return all(util.find_spec(name) for name in ("flask", "gunicorn"))


@contextmanager
def flask_peer(folder: Path) -> Iterator[Server]:
    """Start what a user would write by hand, under gunicorn with two workers."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-w",
        "2",
        "-b",
        f"127.0.0.1:{port}",
        "benchmarks.peers.flask_sqlite:app",
    ]
    with started(command, port, "/", {"DATABASE": str(folder / "flask.db"), "HTTP_TOKEN": TOKEN}) as server:
        yield server


@contextmanager
def ouistop(folder: Path, **settings: str) -> Iterator[Server]:
    """Start ours on a database in a folder, or on the one that DATABASE_URL names."""
    port = free_port()
    env = _environment(folder) | {"PORT": str(port)} | settings
    with started([sys.executable, "-m", "bot", "serve"], port, "/readyz", env) as server:
        yield server


def migrate(folder: Path, **settings: str) -> None:
    """Make the tables, with `ouistop migrate`."""
    command = [sys.executable, "-m", "bot", "migrate"]
    env = {**os.environ, **_environment(folder), **settings}
    subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)


def _environment(folder: Path) -> dict[str, str]:
    keywords = folder / "keywords.yaml"
    if not keywords.exists():
        keywords.write_text(KEYWORDS, encoding="utf-8")
    return {
        "DATABASE_URL": f"sqlite:///{folder / 'ouistop.db'}",
        "KEYWORDS": str(keywords),
        "HTTP_TOKEN": TOKEN,
        "LOG_LEVEL": "warning",
    }


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(3000):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError as error:
            if error.code != 503:  # not ready yet
                return
            time.sleep(0.01)
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise RuntimeError("the server is not ready after 30 seconds")
