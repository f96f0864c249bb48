"""The server's own parts as a stage: inbox, outbox, receipts and timers on a SQLite database in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from bot.core.catalog import Catalog
from bot.core.errors import OptedOutAtProvider
from bot.core.messages import DLR, MO, MT, Status
from bot.providers import REGISTRY
from bot.providers.contract import Sent
from bot.records import Reading
from bot.service.ports import Store
from bot.service.switchboard import Switchboard
from bot.store.store import SqliteStore
from bot.transcripts.play import HandClock
from bot.transcripts.writing import Happening, Kept


@dataclass
class Carrier:
    """Stands where the providers are: takes MTs, or refuses one when it is told to."""

    can_send: bool = True
    refuses: bool = False
    sent: list[MT] = field(default_factory=list)
    taken: int = 0

    async def send(self, mt: MT) -> Sent:
        """Take an MT."""
        if self.refuses:
            self.refuses = False
            raise OptedOutAtProvider("she has sent STOP, and the provider blocks our texts")
        self.sent.append(mt)
        return Sent(f"transcript-{mt.id}")

    def fresh(self) -> list[MT]:
        """Return what was taken since the last look."""
        new, self.taken = self.sent[self.taken :], len(self.sent)
        return new


@dataclass
class Archive:
    """What a store has recorded, of which each look shows what is new."""

    store: Store
    rows: dict[str, int] = field(default_factory=dict)

    async def fresh(self, msisdn: str | None = None) -> list[Happening]:
        """Return the new ledger rows of a person, or of everybody seen so far."""
        if msisdn is not None:
            self.rows.setdefault(msisdn, 0)
        found: list[Happening] = []
        for each in [msisdn] if msisdn else self.rows:
            rows = await self.store.ledger(each)
            found += rows[self.rows[each] :]
            self.rows[each] = len(rows)
        return found

    async def kept(self, mo: MO) -> list[Happening]:
        """Tell whether an MO waits for a person to read it."""
        own = [line for line in await self._lines(mo) if line["status"] == Reading.UNREAD]
        return [Kept(mo.msisdn, orjson.loads(line["trace"])["maybe"]) for line in own]

    async def knows(self, mo: MO) -> bool:
        """Tell whether an MO has been stored."""
        return bool(await self._lines(mo))

    async def _lines(self, mo: MO) -> list[Mapping[str, Any]]:
        return [line for line in await self.store.timeline(mo.msisdn, mo.number) if line["ref"] == mo.ref]


class ServerStage:
    """A switchboard that is worked by hand."""

    def __init__(self, catalog: Catalog) -> None:
        self.clock = HandClock()
        self._catalog = catalog
        self._carrier = Carrier()
        senders = dict.fromkeys(REGISTRY, self._carrier)
        self.board = Switchboard(SqliteStore(), senders, lambda: self._catalog, self.clock)
        self._archive = Archive(self.board.store)

    async def take(self, mo: MO) -> list[Happening]:
        """Hand it to the inbox, and send what is queued."""
        new = await self.board.inbox.take(mo)
        await self.board.outbox.drain()
        kept = await self._archive.kept(mo) if new else []
        return [*await self._archive.fresh(mo.msisdn), *kept, *self._carrier.fresh()]

    async def wait(self, until: datetime) -> list[list[Happening]]:
        """Move the clock from timer to timer."""
        moments: list[list[Happening]] = []
        while (at := await self.board.store.next_wake()) is not None and at <= until:
            self.clock.at = max(self.clock.at, at)
            await self.board.timers.ring_due()
            await self.board.outbox.drain()
            moments.append([*await self._archive.fresh(), *self._carrier.fresh()])
        self.clock.at = until
        return moments

    async def report(self) -> list[Happening]:
        """Hand a delivery report to the receipts."""
        if not self._carrier.sent:
            return []
        last = self._carrier.sent[-1]
        await self.board.receipts.take(DLR("transcript", Status.FAILED, last.id, error="opted out", opted_out=True))
        return await self._archive.fresh(last.msisdn)

    async def read(self, mo: MO) -> list[Happening]:
        """Mark it read, as the console does."""
        await self.board.inbox.read(mo.msisdn, mo.number, mo.ref)
        return await self._archive.fresh(mo.msisdn)

    def refuse(self) -> None:
        """Refuse the next MT."""
        self._carrier.refuses = True

    async def change(self, catalog: Catalog) -> None:
        """Put another catalog in force."""
        self._catalog = catalog


@asynccontextmanager
async def server_stage(catalog: Catalog) -> AsyncIterator[ServerStage]:
    """Open an empty database with everything around it; close it all again."""
    stage = ServerStage(catalog)
    await stage.board.store.open()
    stage.board.start_by_hand()
    try:
        yield stage
    finally:
        await stage.board.close()
        await stage.board.store.close()
