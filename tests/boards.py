"""A switchboard to play with: the real parts on a real SQLite database, a clock that is set by hand, and a carrier."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from catalogs import NUMBER, catalog

from bot.core.catalog import Catalog
from bot.core.errors import SendError
from bot.core.messages import MO, MT
from bot.providers.contract import Sent
from bot.service.switchboard import Switchboard
from bot.store.connection import Held
from bot.store.process import Process
from bot.store.store import SqliteStore, Store, postgres_store

ANNA = "+33639980001"
BERT = "+33639980002"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class HandClock:
    """A clock that only moves when it is told to."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **delta: float) -> None:
        """Move on, by hours=3 and the like."""
        self.at += timedelta(**delta)


@dataclass
class Carrier:
    """Stands where a provider's network is: takes MTs, or fails as it is told to."""

    sent: list[MT] = field(default_factory=list)
    fail: Callable[[MT], SendError | Exception | None] = lambda mt: None
    before: Callable[[MT], object] = lambda mt: None
    can_send: bool = True

    async def send(self, mt: MT) -> Sent:
        """Take an MT."""
        self.before(mt)
        error = self.fail(mt)
        if error is not None:
            raise error
        self.sent.append(mt)
        return Sent(f"carrier-{len(self.sent)}")

    @property
    def keys(self) -> list[str]:
        """Name the texts that left."""
        return [mt.text_key for mt in self.sent]


@dataclass
class Board:
    """The parts, and short ways to use them."""

    board: Switchboard
    store: Store
    clock: HandClock
    carrier: Carrier
    catalog: Catalog
    ids: Callable[[], int]

    async def text(self, text: str, msisdn: str = ANNA, number: str = NUMBER, **more: object) -> bool:
        """Text a number; the replies stay queued."""
        mo = MO("http", str(more.pop("id", self.ids())), msisdn, number, text, self.clock(), **more)  # type: ignore[arg-type]
        return await self.board.inbox.take(mo)

    async def drain(self) -> list[str]:
        """Let everything due leave; name the texts that did."""
        before = len(self.carrier.sent)
        await self.board.outbox.drain()
        return self.carrier.keys[before:]

    async def state(self, msisdn: str = ANNA, program: str = "club") -> str:
        """Name her state in a program."""
        person = await self.store.person(msisdn)
        assert person is not None
        return person.subscriptions[program].state

    async def statuses(self, msisdn: str = ANNA) -> dict[str, str]:
        """Map each MT's text to its status."""
        return {row["text_key"]: row["status"] for row in await self.store.timeline(msisdn) if row["direction"] == "mt"}


def new_database() -> str:
    """Make what a board is opened on that names nothing; the fixture `each_engine` puts PostgreSQL in its place."""
    return ":memory:"


@asynccontextmanager
async def board(
    path: str | None = None, known: Catalog | None = None, *, by_hand: bool = True, process: Process | None = None
) -> AsyncIterator[Board]:
    """Open one; with `by_hand`, MTs leave and timers ring only when told."""
    path = path or new_database()
    store = postgres_store(path) if path.startswith("postgresql://") else SqliteStore(path, process)
    clock, carrier, current = HandClock(), Carrier(), known or catalog()
    ids = count(1)
    await store.open()
    senders = dict.fromkeys(("simulator", "http", "twilio"), carrier)
    parts = Switchboard(store, senders, lambda: made.catalog, clock)
    made = Board(parts, store, clock, carrier, current, lambda: next(ids))
    if by_hand:
        parts.start_by_hand()
    else:
        parts.start()
    try:
        yield made
    finally:
        await parts.close()
        await store.close()


async def query_only(store: Store, switch: str) -> None:
    """Let the database take no writes (ON), or take them again (OFF)."""
    writer = store._database._writer
    assert writer is not None
    await writer.run(_pragma, f"PRAGMA query_only = {switch}")


def _pragma(held: Held, statement: str) -> None:
    held.plain.execute(statement)
