"""A disk that is full, a database that is locked or gone: providers hear 503 and when to call again, and it passes."""

from __future__ import annotations

import asyncio
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientTimeout
from books import SQLITE
from command_line import TOKEN, scrubbed, write
from nodes import family
from postgres import fresh_database, server
from reckoning import Reckoning
from scene import Scene, scene
from test_cli_serve import text

pytestmark = pytest.mark.slow

SEED = 20261125
ROOM = 32  # MiB
MIB = 1024 * 1024


async def unready(play: Scene) -> None:
    """Wait until the server says it is not ready, and until texts have been refused for a while."""
    refused = play.diary.unavailable
    await says(play, 503)
    async with asyncio.timeout(60):
        while play.diary.unavailable < refused + 20:
            await asyncio.sleep(0.01)


async def says(play: Scene, status: int) -> None:
    """Wait until /readyz answers so."""
    async with ClientSession(timeout=ClientTimeout(total=30)) as session, asyncio.timeout(60):
        while True:
            async with session.get(f"{play.nodes[0].address}/readyz") as answer:
                if answer.status == status:
                    return
            await asyncio.sleep(0.05)


async def overcome(play: Scene, fault: Callable[[], object], end: Callable[[], object]) -> Reckoning:
    """Let the crowd text before, during and after a fault, and add up; the server is not touched."""
    await play.served()
    await asyncio.sleep(0.3)
    fault()
    await unready(play)
    end()
    await says(play, 200)
    await play.served()
    await play.sent()
    return await play.end()


def settled(reckoning: Reckoning) -> None:
    """Nothing is lost, nothing is done twice and nothing is in doubt: nobody was killed."""
    print(f"seed {SEED}:", reckoning.figures())  # shown where the test fails, or with -s
    assert reckoning.faults() == []


# ---- the disk --------------------------------------------------------------------------------------------------------


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A folder on a file system of a few megabytes: mounted here, or where that is not allowed a container's own."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode == 0:
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)
    elif Path("/dev/shm").is_dir() and shutil.disk_usage("/dev/shm").total <= 128 * MIB:
        with tempfile.TemporaryDirectory(dir="/dev/shm") as small:
            yield Path(small)
    else:
        pytest.fail("no small file system to fill: run this as root with CAP_SYS_ADMIN, or with a small /dev/shm")


def fill(disk: Path) -> None:
    """Leave no room on a disk."""
    with (disk / "ballast").open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(MIB)):
            pass


async def test_on_a_full_disk_nothing_is_acknowledged_and_when_there_is_room_again_all_goes_on(tmp_path: Path):
    with small_disk(tmp_path / "disk") as disk:
        async with scene(tmp_path, f"{SQLITE}{disk / 'test.db'}", random.Random(SEED)) as play:
            settled(await overcome(play, lambda: fill(disk), (disk / "ballast").unlink))


async def test_where_no_file_may_grow_not_even_the_log_nothing_is_acknowledged_until_it_may_again(tmp_path: Path):
    async with scene(tmp_path, f"{SQLITE}{tmp_path / 'test.db'}", random.Random(SEED)) as play:
        settled(await overcome(play, lambda: _let_grow(play, 1000), lambda: _let_grow(play, resource.RLIM_INFINITY)))


def _let_grow(play: Scene, size: int) -> None:
    for pid in family(play.nodes[0].pid):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_log_that_cannot_be_written_costs_no_answer(tmp_path: Path):
    command = [sys.executable, "-m", "bot", "serve", "--port", "0"]
    environ = scrubbed({"HTTP_TOKEN": TOKEN})
    with (
        Path("/dev/full").open("wb") as full,  # every write finds no room
        subprocess.Popen(
            command, cwd=write(tmp_path), env=environ, stdout=subprocess.PIPE, stderr=full, text=True
        ) as running,
    ):
        said = [next(running.stdout) for _ in range(2)]
        address = said[1].split()[-1].rstrip("/")
        forged = urllib.request.Request(f"{address}/webhooks/http/mo", b"{}")
        try:
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(forged, timeout=10)
            taken = text(address, "1", "club")
        finally:
            running.terminate()

    refused.value.close()
    assert refused.value.code == 403
    assert taken == {"status": "accepted"}


# ---- the database ----------------------------------------------------------------------------------------------------


async def test_while_somebody_else_holds_the_database_nothing_is_acknowledged(tmp_path: Path):
    file = tmp_path / "test.db"
    async with scene(tmp_path, f"{SQLITE}{file}", random.Random(SEED)) as play:
        with closing(sqlite3.connect(file, timeout=20, isolation_level=None)) as other:
            hold, let_go = (lambda: other.execute("BEGIN IMMEDIATE")), other.rollback
            settled(await overcome(play, hold, let_go))


async def test_what_would_be_written_to_a_file_that_was_taken_away_is_not_acknowledged(tmp_path: Path):
    file, away = tmp_path / "test.db", tmp_path / "away.db"
    async with scene(tmp_path, f"{SQLITE}{file}", random.Random(SEED)) as play:
        settled(await overcome(play, lambda: file.rename(away), lambda: away.rename(file)))


async def test_while_postgresql_is_stopped_nothing_is_acknowledged(tmp_path: Path):
    postgres = server()
    try:
        async with scene(tmp_path, fresh_database(), random.Random(SEED)) as play:
            settled(await overcome(play, postgres.stop, postgres.ensure_postgres_running))
    finally:
        postgres.ensure_postgres_running()  # other tests use it, too
