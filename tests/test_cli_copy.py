"""`ouistop copy`: everything comes over, a copy that was killed goes on, and it tells how far it is."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from boards import ANNA, board
from command_line import run, scrubbed
from copies import SEVERAL, crowd, everything, fresh, live, sqlite
from postgres import fresh_database

from bot.app import make_store
from bot.store.pages import TABLES

# ---- everything comes over -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"), [("sqlite", "postgresql"), ("postgresql", "sqlite"), ("sqlite", "sqlite")], ids=str
)
def test_everything_comes_over(tmp_path: Path, one: str, other: str):
    source, target = fresh(one, tmp_path, "one.db"), fresh(other, tmp_path, "other.db")
    asyncio.run(live(source))
    told = run(tmp_path, "copy", source, target)
    before, after = asyncio.run(everything(source)), asyncio.run(everything(target))

    assert told.exit_code == 0, told.stderr
    assert [name for name in before if not before[name]] == [], "the test fills every table"
    assert after == before
    rows = sum(len(rows) for rows in before.values())
    assert told.stdout.startswith(f"Copied {rows} rows. Every row is the same in both, and every chain is whole.\n")
    assert f"  consent_ledger  {len(before['consent_ledger'])}\n" in told.stdout


def test_a_conversation_goes_on_in_the_new_database(tmp_path: Path):
    source, target = sqlite(tmp_path, "one.db"), fresh_database()

    async def before() -> None:
        async with board(str(tmp_path / "one.db")) as play:
            await play.text("CLUB", id="first")

    async def after() -> tuple[bool, list[str], list[str], list[str]]:
        async with board(target) as play:
            again = await play.text("CLUB", id="first")
            sent = await play.drain()
            await play.text("Oui", id="second")
            await play.text("STOP", id="third")
            return again, sent, [str(row.event) for row in await play.store.ledger(ANNA)], await play.store.faults()

    asyncio.run(before())
    assert run(tmp_path, "copy", source, target).exit_code == 0
    again, sent, events, faults = asyncio.run(after())

    assert not again, "what was answered before the move is not answered again after it"
    assert sent == ["ask_confirm"]
    assert events == ["asked", "opted_in", "opted_out"]
    assert faults == []


# ---- interrupted ---------------------------------------------------------------------------------------------------


def killed_while_copying(folder: Path, source: str, target: str) -> None:
    """Begin to copy in a process of its own, and kill it when it has told that it is under way."""
    words = [sys.executable, "-m", "bot", "copy", source, target]
    with subprocess.Popen(words, cwd=folder, env=scrubbed({}), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("copying: "):
                break
        process.kill()
    assert process.returncode == -9


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_copy_that_was_killed_is_taken_up_where_it_stopped(tmp_path: Path, engine: str):
    source, target = crowd(tmp_path), fresh(engine, tmp_path, "other.db")
    killed_while_copying(tmp_path, source, target)
    part = sum(map(len, asyncio.run(everything(target)).values()))
    told = run(tmp_path, "copy", source, target)

    assert 0 < part < 3 * SEVERAL
    assert told.exit_code == 0, told.stderr
    assert f"looking at what is there already: {part:,} of {part:,} rows, 100 %\n" in told.stderr
    left = 3 * SEVERAL - part
    assert f"copying: {left:,} of {left:,} rows, 100 %\n" in told.stderr
    assert asyncio.run(everything(target)) == asyncio.run(everything(source))


def test_a_copy_that_is_complete_is_only_looked_through(tmp_path: Path):
    source, target = sqlite(tmp_path, "one.db"), sqlite(tmp_path, "other.db")
    asyncio.run(live(source))
    first, second = (run(tmp_path, "copy", source, target) for _ in range(2))

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert second.stdout == first.stdout


def test_a_copy_is_not_taken_up_when_the_source_went_on_meanwhile(tmp_path: Path):
    source, target = crowd(tmp_path, 10), sqlite(tmp_path, "other.db")
    assert run(tmp_path, "copy", source, target).exit_code == 0
    with closing(sqlite3.connect(tmp_path / "crowd.db")) as connection, connection:
        connection.execute("UPDATE messages SET status = 'failed' WHERE ref = 'mt7'")
    told = run(tmp_path, "copy", source, target)

    assert (told.exit_code, told.stdout) == (1, "")
    assert "the target holds what the source does not: messages +33600000007 mt7. Copy into a database" in told.stderr


# ---- how far it is -------------------------------------------------------------------------------------------------


def test_without_a_terminal_there_is_a_line_at_every_tenth(tmp_path: Path):
    told = run(tmp_path, "copy", crowd(tmp_path), sqlite(tmp_path, "other.db"))
    lines = [line for line in told.stderr.splitlines() if line.startswith("copying: ")]

    assert lines == [
        f"copying: {done:,} of 18,000 rows, {done * 100 // 18_000} %" for done in range(2000, 18_001, 2000)
    ]


def test_on_a_terminal_there_is_a_bar_and_it_goes_when_all_is_done(tmp_path: Path):
    told = run(tmp_path, "copy", crowd(tmp_path), sqlite(tmp_path, "other.db"), FORCE_COLOR="1", TERM="xterm")

    assert "copying \x1b[" in told.stderr
    assert "━" in told.stderr
    assert "copying: " not in told.stderr
    assert told.stderr.endswith("\x1b[2K"), "the bar is wiped out"


async def test_each_page_is_found_by_its_key(tmp_path: Path):
    store = make_store(f"sqlite:///{tmp_path / 'one.db'}")
    await store.open()
    plans = [await store._database.look(_plan, name) for name in TABLES]
    await store.close()

    assert [plan for plan in plans if "SEARCH" not in plan or "TEMP B-TREE" in plan] == []


def _plan(hot: Any, name: str) -> str:
    from bot.store.pages import _walk

    walk = _walk(False, name)
    return str(hot.rows(f"EXPLAIN QUERY PLAN {walk.after}", (*("" for _ in walk.key), 10)))
