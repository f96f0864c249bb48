"""How long `ouistop copy` takes, and how full the databases are: `python -m benchmarks.copying [PEOPLE]`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import sqlalchemy

from benchmarks import people
from benchmarks.postgres import postgres
from benchmarks.report import Row, say, show
from bot.app import make_store
from bot.store.copying import Copying
from bot.store.store import Store

PEOPLE = 100_000


def measure(folder: Path, contacts: int) -> list[Row]:
    """Copy people with a history from SQLite to PostgreSQL and back, each step timed by itself."""
    people.fill(folder, contacts)
    first, back = folder / "ouistop.db", folder / "back.db"
    with postgres(folder, ["copied"]) as (server,):
        to = asyncio.run(_copied(f"sqlite:///{first}", server, "to PostgreSQL"))
        size = asyncio.run(_size(server))
        there = asyncio.run(_copied(server, f"sqlite:///{back}", "back to SQLite"))
    told = f"{first.stat().st_size / 1e6:,.0f} MB · {size / 1e6:,.0f} MB"
    return [Row(f"{contacts:,} contacts with history: SQLite file · PostgreSQL database", told), *to, *there]


async def _copied(source: str, target: str, whither: str) -> list[Row]:
    rows: list[Row] = []
    async with _open(source) as one, _open(target, may_migrate=True) as other:
        copying = Copying(one, other)
        for step, done in (("copied", copying.copy()), ("compared", copying.verify())):
            with _timed() as spent:
                count = sum([rows async for _, rows in done])
            told = f"{count / spent[0]:,.0f} rows a second ({count:,} in {spent[0]:.0f} s)"
            say(f"{step} {whither}: {told}")
            rows.append(Row(f"{step} {whither}", told))
        with _timed() as spent:
            faults = await other.faults()
        rows.append(Row("chains verified there", f"{spent[0]:.0f} s"))
    if faults or copying.differences:
        raise SystemExit(f"the copy is not whole: {faults[:1]} {copying.differences[:1]}")
    return rows


@contextmanager
def _timed() -> Iterator[list[float]]:
    """Time a step, in seconds."""
    spent: list[float] = []
    began = time.perf_counter()
    yield spent
    spent.append(time.perf_counter() - began)


@asynccontextmanager
async def _open(url: str, *, may_migrate: bool = False) -> AsyncIterator[Store]:
    store = make_store(url, alone=True)
    await store.open(may_migrate=may_migrate)
    try:
        yield store
    finally:
        await store.close()


async def _size(url: str) -> int:
    asked = "SELECT pg_database_size(current_database())"
    async with _open(url) as store:
        return await store._database.read(lambda plain: plain.execute(sqlalchemy.text(asked)).scalar_one())


def main() -> None:
    """Measure, and print the table."""
    with tempfile.TemporaryDirectory(prefix="ouistop-bench-") as folder:
        show(measure(Path(folder), int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE))


if __name__ == "__main__":
    main()
