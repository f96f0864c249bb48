"""Where the stories are played: each engine gives an empty database, and opens it again after the server has died."""

from __future__ import annotations

import asyncio
import shutil
from itertools import count
from pathlib import Path
from typing import Protocol

import asyncpg
from postgres import fresh_database

from bot.store.store import SqliteStore, Store, postgres_store
from bot.store.tables import metadata


class Engine(Protocol):
    """A database to play on. `gives_back`: a server that starts finds the leases of the last one to be nobody's."""

    gives_back: bool

    async def fresh(self) -> Store:
        """Open an empty one."""
        ...

    async def after_death(self, store: Store) -> Store:
        """Leave a store as a dead server does, and open what it had written."""
        ...


class OnSqlite:
    """Files: a copy of an empty one for each story, and a copy of what lies on the disk for each death."""

    gives_back = True

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, count()
        self._path = self._empty = folder / "empty.db"
        asyncio.run(self._make())

    async def _make(self) -> None:
        store = SqliteStore(str(self._empty))
        await store.open()
        await store.close()

    async def fresh(self) -> Store:
        """Open a copy of the empty file."""
        return await _started(self._copy(self._empty))

    async def after_death(self, store: Store) -> Store:
        """Copy the file and its log as they are, the one not yet folded into the other, and open that."""
        opened = await _started(self._copy(self._path))
        await store.close()
        return opened

    def _copy(self, path: Path) -> Store:
        self._path = self._folder / f"{next(self._numbers)}.db"
        for tail in ("", "-wal"):
            if Path(f"{path}{tail}").exists():
                shutil.copyfile(f"{path}{tail}", f"{self._path}{tail}")
        return SqliteStore(str(self._path))


class OnPostgresql:
    """One database, emptied for each story; a dead server's connections are cut."""

    gives_back = False

    def __init__(self, _: Path) -> None:
        self._url = fresh_database()

    async def fresh(self) -> Store:
        """Empty it."""
        await _empty(self._url)
        return await _started(postgres_store(self._url))

    async def after_death(self, store: Store) -> Store:
        """Connect anew, then let the old connections go."""
        opened = await _started(postgres_store(self._url))
        await store.close()
        return opened


async def _empty(url: str) -> None:
    """Empty every table; the ledger's triggers, which let nobody do that, sleep meanwhile."""
    tables = ", ".join(metadata.tables)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"SET session_replication_role = replica; TRUNCATE {tables}")
    finally:
        await connection.close()


async def _started(store: Store) -> Store:
    """Open a store as a server that starts does."""
    await store.open(may_migrate=False)
    await store.release()
    return store
