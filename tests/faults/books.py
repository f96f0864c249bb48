"""What the database holds after a fault, read without the server and without mending anything on the way."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import Connection, NullPool, create_engine, inspect, select, update
from sqlalchemy.ext.asyncio import create_async_engine

from bot.core.ledger import Event, LedgerRow, first_break
from bot.service.outbox import LEASE
from bot.store.tables import consent_ledger, contacts, messages

R = TypeVar("R")
Unsettled = dict[str, str]  # MT id → queued or cancelled
SQLITE = "sqlite:///"

_m = messages.c


@dataclass(frozen=True)
class Kept:
    """What is kept: MOs by their id, the MTs of each person in the order they were made, her ledger, its head and
    her salt."""

    mos: dict[str, str]  # id → msisdn
    mts: dict[str, list[Mapping[str, Any]]]
    ledger: dict[str, list[LedgerRow]]
    heads: dict[str, tuple[str, str]]

    def broken_chains(self) -> list[str]:
        """Name those whose ledger does not verify."""
        return [msisdn for msisdn, ends in self.heads.items() if first_break(self.ledger.get(msisdn, []), *ends)]


class Books:
    """The database that a URL names: a file of SQLite's, or one of PostgreSQL's."""

    def __init__(self, url: str) -> None:
        self.shared = not url.startswith(SQLITE)
        self._url = url
        self._file = None if self.shared else Path(url.removeprefix(SQLITE))

    async def queued(self) -> int:
        """Count the MTs that wait, while servers work."""
        if self._file is None:
            return len(await self._ask(_unsettled, ("queued",)))
        return len(_read(f"file:{self._file}?mode=ro&uri=true", _unsettled, ("queued",)))

    async def unsettled(self) -> Unsettled:
        """Name the MTs of which it is not written that they have left, with their status; on SQLite nobody works."""
        return await self._look(_unsettled, ("queued", "cancelled"))

    async def kept(self) -> Kept:
        """Read all of it; nobody works."""
        return await self._look(_kept)

    async def let_leases_end(self) -> None:
        """Let the leases of the dead be as old as they were a minute from now; nobody works."""
        await self._ask(_age)

    async def _look(self, query: Callable[..., R], *args: object) -> R:
        """Read SQLite from a copy: a connection to the file itself would write a dead server's WAL home before the
        next one could."""
        if self._file is None:
            return await self._ask(query, *args)
        with tempfile.TemporaryDirectory() as folder:
            for each in (self._file, self._file.with_name(f"{self._file.name}-wal")):
                if each.exists():
                    shutil.copy(each, folder)
            return _read(f"{folder}/{self._file.name}", query, *args)

    async def _ask(self, query: Callable[..., R], *args: object) -> R:
        """Ask PostgreSQL."""
        engine = create_async_engine(
            "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(self._url), poolclass=NullPool
        )
        async with engine.begin() as connection:
            return await connection.run_sync(query, *args)


def _read(path: str, query: Callable[..., R], *args: object) -> R:
    engine = create_engine(f"{SQLITE}{path}", poolclass=NullPool)
    with engine.connect() as connection:
        return query(connection, *args)


def _unsettled(connection: Connection, statuses: Sequence[str]) -> Unsettled:
    if not inspect(connection).has_table(messages.name):  # killed before the tables were made
        return {}
    rows = connection.execute(select(_m.ref, _m.status).where(_m.direction == "mt", _m.status.in_(statuses)))
    return {row.ref: row.status for row in rows}


def _age(connection: Connection) -> None:
    older = _m.lease_until - LEASE // timedelta(microseconds=1)
    connection.execute(update(messages).where(_m.lease_until.is_not(None)).values(lease_until=older))


def _kept(connection: Connection) -> Kept:
    kept = Kept({}, {}, {}, {})
    columns = (_m.msisdn, _m.ref, _m.direction, _m.status, _m.text_key)
    for row in connection.execute(select(*columns).order_by(_m.msisdn, _m.ref)).mappings():
        if row["direction"] == "mo":
            kept.mos[row["ref"].partition(":")[2]] = row["msisdn"]
        else:
            kept.mts.setdefault(row["msisdn"], []).append(dict(row))
    in_order = (consent_ledger.c.msisdn, consent_ledger.c.seq)
    rows = connection.execute(select(consent_ledger).order_by(*in_order)).mappings()
    for msisdn, group in groupby(rows, lambda row: row["msisdn"]):
        kept.ledger[msisdn] = [LedgerRow(**{**row, "event": Event(row["event"])}) for row in group]
    people = connection.execute(select(contacts.c.msisdn, contacts.c.ledger_head, contacts.c.salt))
    kept.heads.update((msisdn, (head, salt)) for msisdn, head, salt in people)
    return kept
