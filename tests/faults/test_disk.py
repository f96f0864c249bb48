"""A disk that is full, a database that is locked or gone: providers hear 503 and when to call again, and it passes."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientTimeout
from books import SQLITE
from postgres import fresh_database, server
from reckoning import Reckoning
from scene import Scene, scene

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
    await asyncio.sleep(0.3)
    return await play.end()


def settled(reckoning: Reckoning) -> None:
    """Nothing is lost, nothing is done twice and nothing is in doubt: nobody was killed."""
    print(f"seed {SEED}:", reckoning.figures())  # shown where the test fails, or with -s
    assert reckoning.faults() == []


# ---- the disk --------------------------------------------------------------------------------------------------------


@contextmanager
def small_disk(folder: Path) -> Iterator[tuple[Callable[[], object], Callable[[], object]]]:
    """A file system of a few megabytes on a folder: gives what fills it and what makes room again."""
    ballast = folder / "ballast"

    def fill() -> None:
        with ballast.open("wb", buffering=0) as file, suppress(OSError):  # no space left
            while file.write(bytes(MIB)):
                pass

    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM}m", "tmpfs", folder], check=True)
    try:
        yield fill, ballast.unlink
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


async def test_on_a_full_disk_nothing_is_acknowledged_and_when_there_is_room_again_all_goes_on(tmp_path: Path):
    disk = tmp_path / "disk"
    with small_disk(disk) as (fill, make_room):
        async with scene(tmp_path, f"{SQLITE}{disk / 'test.db'}", random.Random(SEED)) as play:
            settled(await overcome(play, fill, make_room))


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
