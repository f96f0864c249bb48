"""SQLite through aiosqlite: one thread, one connection, and whole functions run on it.

Each call to aiosqlite is a hop between threads, and after each hop the event loop first serves whatever else is ready. So a
unit of work is one function that gets the plain `sqlite3.Connection`, runs on aiosqlite's own thread in one transaction,
and costs one hop. It is also why nothing can interleave with it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import aiosqlite

P = ParamSpec("P")
R = TypeVar("R")

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",            # an acknowledged MO survives the power cut
    "PRAGMA wal_autocheckpoint = 4000",     # the WAL's pages are what a commit costs; move them home less often
    "PRAGMA cache_size = -16384",           # 16 MiB
    "PRAGMA busy_timeout = 5000",
    "PRAGMA foreign_keys = ON",
)  # fmt: skip


class Sqlite:
    """One open database. `run` is the only way in."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._connection: aiosqlite.Connection | None = None

    @property
    def in_memory(self) -> bool:
        """Tell whether nothing is kept on disk."""
        return self.path == ":memory:"

    async def open(self) -> None:
        """Open the file, making its folder's file if it is new; raise sqlite3.OperationalError if that cannot be."""
        connection = aiosqlite.connect(
            self.path, isolation_level=None, cached_statements=256, check_same_thread=False
        )
        connection._thread.daemon = True  # a crash at start must not leave the process waiting for the thread
        self._connection = await connection
        await connection._execute(_prepare, connection._conn, self.in_memory)

    async def close(self) -> None:
        """Finish what is queued, fold the WAL into the file and end the thread."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()

    async def run(
        self, work: Callable[Concatenate[sqlite3.Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run `work(connection, …)` in one transaction: committed when it returns, rolled back when it raises.

        aiosqlite offers no public way to run a function on its thread; `_execute` is what all its own methods are made
        of, and tests/test_sqlite.py pins how it behaves.
        """
        if self._connection is None:
            raise sqlite3.OperationalError("the database is closed")
        connection = self._connection
        return await connection._execute(_transact, connection._conn, work, args, kwargs)  # type: ignore[no-any-return, no-untyped-call]

    async def backup(self, target: Path) -> None:
        """Copy the database to a file while it is in use."""
        if self._connection is None:
            raise sqlite3.OperationalError("the database is closed")
        copy = sqlite3.connect(target, check_same_thread=False)
        try:
            await self._connection.backup(copy, pages=1000)
        finally:
            copy.close()


def _prepare(connection: sqlite3.Connection, in_memory: bool) -> None:
    for pragma in PRAGMAS:
        if not (in_memory and "journal_mode" in pragma):
            connection.execute(pragma)


def _transact(
    connection: sqlite3.Connection, work: Callable[..., R], args: tuple[object, ...], kwargs: dict[str, object]
) -> R:
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection, *args, **kwargs)
    except BaseException:
        connection.rollback()
        raise
    connection.execute("COMMIT")
    return result
