"""The process that writes: work and answers in order, exceptions as themselves, and an end that everybody hears of."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy
from boards import ANNA, board
from catalogs import NUMBER, catalog

from bot.core.errors import Unavailable
from bot.core.ledger import first_break
from bot.store.connection import PRAGMAS, Held
from bot.store.process import Process, _Desk
from bot.store.sqlite import Sqlite

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # the tests have threads; `serve` has none


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Process]:
    made = Process.fork()
    await made.open(str(tmp_path / "test.db"), PRAGMAS)
    yield made
    await made.close()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Sqlite]:
    made = Sqlite(str(tmp_path / "test.db"), Process.fork())
    await made.open()
    await made.write(_execute, "CREATE TABLE t (a)")
    yield made
    await made.close()


def _execute(connection: sqlite3.Connection, statement: str) -> list[tuple]:
    return connection.execute(statement).fetchall()


def _half(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO t VALUES (1)")
    raise KeyError("half done")


def _half_plainly(connection: sqlalchemy.Connection) -> None:
    connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    raise KeyError("half done")


def _pid(_: Held) -> int:
    return os.getpid()


def _add(_: Held, number: int) -> int:
    return number + 1


def _raise_odd(_: Held) -> None:
    raise _Odd("a", "b")


def _digest(_: Held, given) -> str:
    return given.digest


class _Odd(Exception):
    """One that goes into a pickle and does not come out."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} and {two}")


async def test_work_runs_in_another_process_and_answers_come_in_the_order_of_the_questions(process: Process):
    there = await process.run(_pid)
    answers = await asyncio.gather(*(process.run(_add, number) for number in range(100)))

    assert there != os.getpid()
    assert answers == list(range(1, 101))


async def test_what_is_raised_there_is_raised_here(process: Process):
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await process.run(_table_less)
    with pytest.raises(RuntimeError, match="_Odd: a and b"):
        await process.run(_raise_odd)

    assert await process.run(_add, 1) == 2


def _table_less(held: Held) -> None:
    held.plain.execute("SELECT * FROM nowhere")


async def test_a_question_given_up_does_not_shift_the_answers_of_the_others(process: Process):
    given_up = asyncio.ensure_future(process.run(_add, 1))
    await asyncio.sleep(0)
    given_up.cancel()

    assert await process.run(_add, 2) == 3


async def test_the_catalog_goes_over_once_and_a_new_one_takes_its_place(process: Process):
    first, second = catalog(), replace(catalog(), digest="feedfeedfeed")
    whole = len(process._pickled((_digest, (first,))))
    process._knows = None  # that one was only weighed
    told = [await process.run(_digest, given) for given in (first, first, second, second)]
    named = len(process._pickled((_digest, (second,))))

    assert told == [first.digest, first.digest, second.digest, second.digest]
    assert named < 500 < whole


async def test_a_question_that_cannot_be_sent_leaves_the_catalog_unsent(process: Process):
    given = catalog()
    with pytest.raises(Exception, match="pickle"):
        await process.run(_digest, given, lambda: None)

    assert await process.run(_digest, given) == given.digest


async def test_work_that_raises_leaves_nothing_behind(database: Sqlite):
    with pytest.raises(KeyError):
        await database.write(_half)
    with pytest.raises(KeyError):
        await database.change(_half_plainly)

    assert await database.look(_execute, "SELECT count(*) FROM t") == [(0,)]


async def test_what_is_acknowledged_survives_a_power_cut(database: Sqlite):
    mode = [await database.write(_execute, f"PRAGMA {name}") for name in ("journal_mode", "synchronous")]

    assert mode == [[("wal",)], [(2,)]]


async def test_when_it_is_killed_whoever_waits_hears_it_and_whoever_asks_later(tmp_path: Path):
    database = Sqlite(str(tmp_path / "test.db"), process := Process.fork())
    await database.open()
    there = await process.run(_pid)
    waiting = asyncio.ensure_future(process.run(_sleep))
    await asyncio.sleep(0)
    os.kill(there, signal.SIGKILL)

    with pytest.raises(sqlite3.OperationalError, match="has ended"):
        await waiting
    await process.lost()
    with pytest.raises(sqlite3.OperationalError, match="has ended"):
        await database.write(_execute, "SELECT 1")
    await database.close()


def _sleep(_: Held) -> None:
    signal.pause()


async def test_signals_meant_for_the_server_do_not_end_it(process: Process):
    there = await process.run(_pid)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(there, number)

    assert await process.run(_add, 1) == 2


async def test_a_conversation_through_it_is_the_same_as_on_a_thread(tmp_path: Path):
    async with board(str(tmp_path / "test.db"), process=Process.fork()) as play:
        first, again = await play.text("CLUB", id="7"), await play.text("CLUB", id="7")
        await asyncio.gather(*(play.text(text) for text in ("OUI", "hello?", "ARRÊTER svp")))
        left = await play.drain()
        rows, person = await play.store.ledger(ANNA), await play.store.person(ANNA)
        told = play.board.meters.text().decode()

    assert (first, again) == (True, False)
    assert left == ["farewell"]
    assert [str(row.event) for row in rows] == ["asked", "opted_in", "opted_out"]
    assert person is not None
    assert person.subscriptions["club"].number == NUMBER
    assert first_break(rows, person.ledger_head, person.salt) is None
    assert 'ouistop_turns_total{intent="stop"} 1.0' in told


async def test_the_words_are_compiled_there_before_a_message_needs_them(tmp_path: Path):
    async with board(str(tmp_path / "test.db"), process=Process.fork()) as play:
        before = await play.store._database._writer.run(_compiled)
        await play.store.warm(play.catalog)
        after = await play.store._database._writer.run(_compiled)
        here = len(play.catalog._vocabularies)

    assert (before, after, here) == (0, len(play.catalog.numbers), 0)


def _compiled(_: Held) -> int:
    return len(_Desk.catalog._vocabularies) if _Desk.catalog else 0


async def test_without_it_a_message_is_refused_as_when_the_database_is_gone(tmp_path: Path):
    async with board(str(tmp_path / "test.db"), process=(process := Process.fork())) as play:
        await play.text("CLUB")
        os.kill(await process.run(_pid), signal.SIGKILL)

        with pytest.raises(Unavailable, match="has ended"):
            await play.text("OUI")
