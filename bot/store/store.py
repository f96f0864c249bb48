"""The store on SQLite: everything that is kept, behind the few calls the services make.

Rule: whatever the database itself says is told as `Unavailable` (full, gone, locked: it may pass) or is our bug.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy.exc

from bot.core.catalog import Catalog
from bot.core.errors import Unavailable
from bot.core.ledger import LedgerRow
from bot.core.messages import DLR
from bot.core.state import Snapshot
from bot.records import Backlog, Claimed, Outcome, Reported, Taken, Wake
from bot.store import mailbox, people, queries
from bot.store.connection import MEMORY
from bot.store.migrate import HEAD, NotUpToDate, migrate, revision
from bot.store.process import Process
from bot.store.sqlite import Sqlite
from bot.turns import Turns

R = TypeVar("R")
Values = queries.Values


class SqliteStore:
    """Everything on one SQLite file, or in memory for a sandbox."""

    def __init__(self, path: str = MEMORY, process: Process | None = None) -> None:
        self._database = Sqlite(path, process)

    async def open(self, *, may_migrate: bool = True) -> list[str]:
        """Open the database and bring it up to date; return the steps taken. Raise Unavailable with what to do."""
        try:
            await self._database.open()
            if may_migrate:
                return await self._database.change(migrate)
            if await self._database.read(revision) != HEAD:
                raise NotUpToDate("it is not up to date: run `ouistop migrate`")
        except (sqlite3.Error, sqlalchemy.exc.SQLAlchemyError, NotUpToDate) as error:
            await self._database.close()
            raise Unavailable(f"the database {self._database.path} cannot be used: {_why(error)}") from error
        return []

    async def close(self) -> None:
        """Finish what is queued and close the file."""
        await self._database.close()

    # ---- turns --------------------------------------------------------------------------------------------

    async def take(self, batch: Turns) -> Taken:
        """Load what a batch of turns may know, take them and write what they leave, in one transaction and one hop."""
        return await _asked(self._database.write(people.take, batch))

    async def warm(self, catalog: Catalog) -> None:
        """Compile a catalog's words where turns are taken."""
        await _asked(self._database.beside(Catalog.warm, catalog))

    # ---- outbox, reports, timers --------------------------------------------------------------------------

    async def claim(self, numbers: Sequence[str], now: datetime, lease: timedelta, most: int) -> list[Claimed]:
        """Take the oldest due MTs of these numbers for this server alone."""
        return await _asked(self._database.write(mailbox.claim, numbers, now, lease, most))

    async def release(self) -> None:
        """Give back every lease."""
        await _asked(self._database.write(mailbox.release))

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Write what became of claimed MTs."""
        await _asked(self._database.write(mailbox.settle, outcomes))

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

    async def failed(self, most: int) -> list[Values]:
        """List the messages whose turn raised."""
        return await self._read(queries.failed, most)

    # ---- housekeeping -------------------------------------------------------------------------------------

    async def keep_catalog(self, digest: str, source: str, at: datetime) -> None:
        """Keep a version of keywords.yaml."""
        await _asked(self._database.change(queries.keep_catalog, digest, source, at))

    async def probe(self) -> None:
        """Raise Unavailable unless the database takes writes."""
        await _asked(self._database.change(queries.probe))

    async def backup(self, target: Path) -> None:
        """Copy the database to a file while it is in use."""
        await _asked(self._database.backup(target))

    async def _read(self, query: Callable[..., R], *args: Any) -> R:
        return await _asked(self._database.read(query, *args))


async def _asked(answer: Coroutine[Any, Any, R]) -> R:
    """Await the database; what may pass becomes Unavailable, what is our bug stays what it is."""
    try:
        return await answer
    except (sqlite3.DatabaseError, sqlalchemy.exc.DatabaseError) as error:
        told = error.orig if isinstance(error, sqlalchemy.exc.DatabaseError) else error
        if isinstance(told, sqlite3.OperationalError) or type(told) is sqlite3.DatabaseError:
            raise Unavailable(_why(error)) from error
        raise


def _why(error: BaseException) -> str:
    """Tell what the database said, without the statement and its values: those are people's texts."""
    if isinstance(error, sqlalchemy.exc.DBAPIError) and error.orig is not None:
        return str(error.orig)
    return str(error)
