"""One thread, whole functions, one transaction each; and how aiosqlite's private door behaves, on which that rests."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import aiosqlite
import pytest
import sqlalchemy

from bot.store.sqlite import Sqlite


@pytest.fixture
async def database(tmp_path: Path):
    opened = Sqlite(str(tmp_path / "test.db"))
    await opened.open()
    await opened.write(lambda connection: connection.execute("CREATE TABLE t (a)"))
    yield opened
    await opened.close()


async def test_aiosqlite_runs_a_function_on_its_own_thread_and_hands_back_what_it_returns_or_raises():
    async with aiosqlite.connect(":memory:") as connection:
        there = await connection._execute(threading.get_ident)

        assert there != threading.get_ident()
        with pytest.raises(ZeroDivisionError):
            await connection._execute(lambda: 1 // 0)


async def test_what_is_acknowledged_survives_a_power_cut(database: Sqlite):
    pragmas = ("journal_mode", "synchronous")
    mode = await database.look(lambda c: [c.execute(f"PRAGMA {pragma}").fetchone()[0] for pragma in pragmas])

    assert mode == ["wal", 2]


async def test_work_that_raises_leaves_nothing_behind(database: Sqlite):
    def half(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO t VALUES (1)")
        raise KeyError("half done")

    with pytest.raises(KeyError):
        await database.write(half)
    count = await database.look(lambda c: c.execute("SELECT count(*) FROM t").fetchone()[0])

    assert count == 0


async def test_plain_work_that_raises_leaves_nothing_behind(database: Sqlite):
    def half(connection: sqlalchemy.Connection) -> None:
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        raise KeyError("half done")

    with pytest.raises(KeyError):
        await database.change(half)
    count = await database.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM t").scalar())

    assert count == 0


async def test_a_reader_sees_what_was_written_and_cannot_write(database: Sqlite):
    await database.write(lambda connection: connection.execute("INSERT INTO t VALUES (7)"))
    seen = await database.read(lambda c: c.exec_driver_sql("SELECT a FROM t").scalar())

    assert seen == 7
    with pytest.raises(sqlalchemy.exc.OperationalError, match="readonly"):
        await database.read(lambda c: c.exec_driver_sql("INSERT INTO t VALUES (8)"))


async def test_a_database_that_is_closed_says_so(tmp_path: Path):
    closed = Sqlite(str(tmp_path / "test.db"))

    with pytest.raises(sqlite3.OperationalError, match="closed"):
        await closed.write(lambda connection: None)


async def test_a_copy_made_in_use_is_whole(database: Sqlite, tmp_path: Path):
    await database.write(lambda connection: connection.execute("INSERT INTO t VALUES (7)"))
    await database.backup(tmp_path / "copy.db")
    copy = sqlite3.connect(tmp_path / "copy.db")
    rows = copy.execute("SELECT a FROM t").fetchall()
    copy.close()

    assert rows == [(7,)]


async def test_nothing_is_written_to_a_file_that_was_taken_away_until_it_is_back(database: Sqlite, tmp_path: Path):
    """What a program writes to a file that was deleted is gone with it, and nobody tells the program."""
    file, away = tmp_path / "test.db", tmp_path / "away.db"
    file.rename(away)
    for write in (database.write, database.change):
        with pytest.raises(sqlite3.OperationalError, match="moved, deleted or replaced"):
            await write(lambda connection: None)
    file.touch()
    with pytest.raises(sqlite3.OperationalError, match="moved, deleted or replaced"):
        await database.write(lambda connection: None)
    away.rename(file)

    assert await database.write(lambda connection: "written") == "written"
