"""The store: everything that is kept, behind the few calls the services make, on SQLite or PostgreSQL.

Rule: whatever the database itself says is told as `Unavailable` (full, gone, locked: it may pass) or is our bug.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple

import sqlalchemy.exc

from bot.core.catalog import Catalog
from bot.core.errors import ConfigError, Unavailable
from bot.core.ledger import LedgerRow
from bot.core.messages import DLR, MT
from bot.core.state import Snapshot
from bot.records import Backlog, Claimed, Forgotten, Outcome, Place, Reported, Strip, Taken, Wake
from bot.store import chains, forgetting, mailbox, pages, people, queries, retention
from bot.store.connection import MEMORY
from bot.store.database import Database
from bot.store.faults import may_pass, why
from bot.store.migrate import HEAD, NotUpToDate, migrate, revision
from bot.store.process import Process
from bot.store.rows import Row
from bot.store.sqlite import Sqlite
from bot.turns import Turns

Args = TypeVarTuple("Args")
R = TypeVar("R")
Values = queries.Values

SLOTS = 16  # servers on one database note their traffic in one of so many rows of each number


class Store:
    """Everything that is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._slot = random.randrange(SLOTS) if database.shared else 0  # noqa: S311
        self._claimed: dict[str, MT] = {}

    @property
    def shared(self) -> bool:
        """Tell whether other servers may use the same database."""
        return self._database.shared

    async def open(self, *, may_migrate: bool | None = None) -> list[str]:
        """Open the database, and bring it up to date where that is allowed; return the steps taken.

        Raise Unavailable with what to do.
        """
        try:
            await self._database.open()
            if self._database.migrates if may_migrate is None else may_migrate:
                return await self._database.change(migrate)
            if await self._database.read(revision) != HEAD:
                raise NotUpToDate("it is not up to date: run `ouistop migrate`")
        except Exception as error:
            await self._database.close()
            if isinstance(error, NotUpToDate) or may_pass(error) or isinstance(error, sqlalchemy.exc.SQLAlchemyError):
                raise Unavailable(f"the database {self._database.path} cannot be used: {why(error)}") from error
            raise
        return []

    async def close(self) -> None:
        """Finish what is queued and close."""
        await self._database.close()

    # ---- turns --------------------------------------------------------------------------------------------

    async def take(self, batch: Turns) -> Taken:
        """Load what a batch of turns may know, take them and write what they leave, in one transaction and one hop."""
        return await _asked(self._database.write(people.take, batch, self._slot))

    async def warm(self, catalog: Catalog) -> None:
        """Compile a catalog's words where turns are taken."""
        await _asked(self._database.beside(Catalog.warm, catalog))

    # ---- outbox, reports, timers --------------------------------------------------------------------------

    async def claim(
        self, numbers: Mapping[str, float | None], now: datetime, lease: timedelta, most: int
    ) -> list[Claimed]:
        """Take the oldest due MTs of these numbers for this server alone; `numbers`: their paces, in texts a second."""
        claimed = await _asked(self._database.write(mailbox.claim, numbers, now, lease, most))
        if self.shared:
            self._claimed.update((each.mt.id, each.mt) for each in claimed if not each.ask_at)
        return claimed

    async def stands(self, mts: Sequence[MT]) -> list[bool]:
        """Tell of each claimed MT whether it is still to be sent, as all servers have left it."""
        return await _asked(self._database.look(mailbox.stands, mts))

    async def under_way(self, msisdn: str, now: datetime) -> bool:
        """Tell whether any server may be sending her something at this moment, farewells excepted."""
        return await _asked(self._database.look(mailbox.under_way, msisdn, now))

    async def release(self) -> None:
        """Give back every lease that is nobody's: this server's own, and where it is alone those of its last life."""
        mts = list(self._claimed.values()) if self.shared else None
        await _asked(self._database.write(mailbox.release, mts))
        self._claimed.clear()

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Write what became of claimed MTs."""
        await _asked(self._database.write(mailbox.settle, outcomes))
        for outcome in outcomes:
            self._claimed.pop(outcome.mt.id, None)

    async def report(self, dlrs: Sequence[DLR], now: datetime) -> list[Reported | None]:
        """Move the MTs that delivery reports are about."""
        return await _asked(self._database.write(mailbox.report, dlrs, now))

    async def due_wakes(self, now: datetime, most: int) -> list[Wake]:
        """List the timers that ring."""
        return await _asked(self._database.look(mailbox.due_wakes, now, most))

    async def next_wake(self) -> datetime | None:
        """Tell when the next timer rings."""
        return await _asked(self._database.look(mailbox.next_wake))

    # ---- what people look at ------------------------------------------------------------------------------

    async def person(self, msisdn: str) -> Snapshot | None:
        """Return what we know of a person."""
        return await self._read(queries.person, msisdn)

    async def timeline(self, msisdn: str, number: str | None = None) -> list[Values]:
        """List a person's messages, oldest first."""
        return await self._read(queries.timeline, msisdn, number)

    async def ledger(self, msisdn: str) -> list[LedgerRow]:
        """Return a person's chain of consent."""
        return await self._read(queries.ledger, msisdn)

    async def timers(self, msisdn: str) -> list[Wake]:
        """Return a person's timers."""
        return await self._read(queries.timers, msisdn)

    async def states(self) -> dict[str, dict[str, int]]:
        """Count people by program and state."""
        return await self._read(queries.states)

    async def traffic(self, numbers: Sequence[str]) -> dict[str, tuple[datetime | None, datetime | None]]:
        """Tell when each number last got an MO and last made an MT."""
        return await self._read(queries.traffic, numbers)

    async def unread(self, most: int) -> tuple[int, list[Values]]:
        """Count and list the texts that wait for a person."""
        return await self._read(queries.unread, most)

    async def leavings(self, since: datetime) -> tuple[int, list[tuple[str, str, int]]]:
        """Count who left since then, and why."""
        return await self._read(queries.leavings, since)

    async def backlog(self, now: datetime) -> Backlog:
        """Tell how the outbox stands."""
        return await self._read(queries.backlog, now)

    async def newest_queued(self, until: datetime) -> datetime | None:
        """Tell when the newest MT that waits was made; what claims to be made after `until` does not count."""
        return await self._read(queries.newest_queued, until)

    async def failed(self, most: int) -> list[Values]:
        """List the messages whose turn raised."""
        return await self._read(queries.failed, most)

    # ---- housekeeping -------------------------------------------------------------------------------------

    async def keep_catalog(self, digest: str, source: str, at: datetime) -> None:
        """Keep a version of keywords.yaml, which is in force from now on."""
        await _asked(self._database.change(queries.keep_catalog, digest, source, at))

    async def knows_catalog(self, digest: str) -> bool:
        """Tell whether a version was ever in force."""
        return await self.catalog_source(digest) is not None

    async def digest_in_force(self) -> str | None:
        """Name the version that a server put in force last."""
        return await self._read(queries.digest_in_force)

    async def catalog_source(self, digest: str) -> str | None:
        """Return the text of a version."""
        return await self._read(queries.catalog_source, digest)

    async def drop_messages(self, before: datetime, after: Place | None, most: int) -> Strip:
        """Drop the texts and traces of the next messages that are older than `before`."""
        return await _asked(self._database.change(retention.drop_messages, before, after, most))

    async def drop_answers(self, before: datetime, after: Place | None, most: int) -> Strip:
        """Drop people's own words from the next rows of the consent ledger that are older than `before`."""
        return await _asked(self._database.change(retention.drop_answers, before, after, most))

    async def drop_failures(self, before: datetime) -> int:
        """Drop messages whose turn raised before then."""
        return await _asked(self._database.change(retention.drop_failures, before))

    async def record_drop(self, at: datetime, dropped: int) -> None:
        """Note how many texts were dropped."""
        await _asked(self._database.change(retention.record_drop, at, dropped))

    async def forget(self, msisdn: str, who: str, at: datetime, catalog: str) -> dict[str, int]:
        """Erase a person but for `who`, the keyed hash of her msisdn; return how many rows of each table went."""
        return await _asked(self._database.change(forgetting.forget, msisdn, who, at, catalog))

    async def forgotten(self, who: str) -> list[Forgotten]:
        """List when somebody was forgotten, the last time first."""
        return await self._read(forgetting.forgotten, who)

    async def probe(self) -> None:
        """Raise Unavailable unless the database takes writes."""
        await _asked(self._database.change(queries.probe))

    async def faults(self) -> list[str]:
        """Look the whole database through; say what is broken."""
        return await self._read(chains.faults)

    async def count(self) -> int:
        """Count the people."""
        return await self._read(queries.count)

    async def backup(self, target: Path) -> None:
        """Copy the database to a file while it is in use."""
        await _asked(self._database.backup(target))

    # ---- copying ------------------------------------------------------------------------------------------

    async def sizes(self) -> dict[str, int]:
        """Count the rows of each table."""
        return await self._read(pages.sizes)

    async def page(self, table: str, after: Row | None, most: int) -> list[Row]:
        """Return the next rows of a table after a key; the first ones after None."""
        return await _asked(self._database.look(pages.page, table, after, most))

    async def add(self, table: str, rows: Sequence[Row]) -> None:
        """Write rows into a table that has none of them."""
        await _asked(self._database.write(pages.add, table, rows))

    async def others(self) -> int:
        """Count the connections of other servers and commands; for a store that is open alone."""
        return await self._read(pages.others)

    async def _read(self, query: Callable[..., R], *args: Any) -> R:
        return await _asked(self._database.read(query, *args))


class SqliteStore(Store):
    """Everything on one SQLite file, or in memory for a sandbox."""

    def __init__(self, path: str = MEMORY, process: Process | None = None, *, alone: bool = False) -> None:
        super().__init__(Sqlite(path, process, alone=alone))


def postgres_store(url: str, *, alone: bool = False) -> Store:
    """Make the store of a PostgreSQL database; raise ConfigError if what it needs is not installed."""
    try:
        from bot.store.postgres import Postgres
    except ModuleNotFoundError as error:
        told = f"DATABASE_URL names PostgreSQL, and {error.name} is not installed: pip install 'ouistop[postgres]'"
        raise ConfigError([told]) from None
    return Store(Postgres(url, alone=alone))


async def _asked(answer: Coroutine[Any, Any, R]) -> R:
    """Await the database; what may pass becomes Unavailable, what is our bug stays what it is."""
    try:
        return await answer
    except Exception as error:
        if may_pass(error):
            raise Unavailable(why(error)) from error
        raise
