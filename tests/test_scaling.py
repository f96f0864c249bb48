"""What docs/scaling.md says of tables that are spread holds on a real PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from boards import ANNA, Board, board
from catalogs import CLUB, catalog
from pages import blocks
from postgres import fresh_database

from benchmarks import copying
from bot.core.forgetting import keyed
from bot.core.values import replace

PEOPLE = [f"+3363998{place:04d}" for place in range(40)]
KNOWN = catalog(programs={"club": replace(CLUB, remind_after=timedelta(hours=20))})


def test_the_command_that_made_the_figures_runs_from_end_to_end(tmp_path: Path):
    rows = copying.measure(tmp_path, 20)

    assert [row.what.partition(" ")[0] for row in rows] == [
        "20", "copied", "compared", "chains", "copied", "compared", "chains",
    ]  # fmt: skip


async def spread(url: str) -> None:
    """Spread the tables as the page says."""
    (block,) = blocks("sql", pages=("docs/scaling.md",))
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(block.text)
    finally:
        await connection.close()


async def join(play: Board) -> None:
    for msisdn in PEOPLE:
        await play.text("CLUB", msisdn, id=f"club-{msisdn}")


async def indexes(play: Board) -> set[str]:
    query = "SELECT indexname FROM pg_indexes WHERE tablename IN ('contacts', 'messages', 'wakes')"
    return await play.store._database.read(lambda plain: set(plain.exec_driver_sql(query).scalars()))


@pytest.mark.parametrize("before", [True, False], ids=["rows-move-along", "empty"])
async def test_the_server_runs_on_tables_that_are_spread(before: bool):
    url = fresh_database()
    async with board(url, KNOWN) as play:
        named = await indexes(play)
        if before:
            await join(play)
    await spread(url)
    async with board(url, KNOWN) as play:
        if not before:
            await join(play)
        duplicates = [await play.text("CLUB", msisdn, id=f"club-{msisdn}") for msisdn in PEOPLE]
        asked = await play.drain()
        play.clock.forward(hours=21)
        rang = [await play.board.inbox.ring(wake) for wake in await play.store.due_wakes(play.clock(), 100)]
        reminded = await play.drain()
        for words in ("Oui", "STOP"):
            await play.text(words, ANNA)
        await play.store.forget(PEOPLE[7], keyed(PEOPLE[7], "key"), play.clock(), play.catalog.digest)
        state, faults, kept = await play.state(), await play.store.faults(), await indexes(play)

    assert not any(duplicates)
    assert asked == ["ask_confirm"] * len(PEOPLE)
    assert (rang, reminded) == ([True] * len(PEOPLE), ["reminder"] * len(PEOPLE))
    assert state == "unsubscribed"
    assert faults == []
    assert kept == named, "a migration finds every index by its name"
