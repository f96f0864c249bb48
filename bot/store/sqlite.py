"""SQLite through aiosqlite: whole functions run on its threads, each in one transaction.

Each call to aiosqlite is a hop between threads, and after each hop the event loop first serves whatever else is ready.
So a unit of work is one function that runs on aiosqlite's own thread and costs one hop; nothing can interleave with it.
Hot work gets the plain `sqlite3.Connection`; all else gets a SQLAlchemy `Connection` on that same connection.

There is one connection that writes and, for a file, one that only reads (WAL lets it), so that a page of the console
never keeps a message waiting.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import aiosqlite
import sqlalchemy
from sqlalchemy import Engine, StaticPool, create_engine

P = ParamSpec("P")
R = TypeVar("R")

MEMORY = ":memory:"
PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",            # an acknowledged MO survives the power cut
    "PRAGMA wal_autocheckpoint = 4000",     # the WAL's pages are what a commit costs; move them home less often
    "PRAGMA cache_size = -16384",           # 16 MiB
    "PRAGMA busy_timeout = 5000",
)  # fmt: skip


class Sqlite:
    """One open database. `write`, `change` and `read` are the only ways in."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._writer: _Thread | None = None
        self._reader: _Thread | None = None

    async def open(self) -> None:
        """Open the file, making it if it is new; raise sqlite3.OperationalError if that cannot be."""
        self._writer = await _Thread.start(self.path, PRAGMAS)
        self._reader = self._writer
        if self.path != MEMORY:
            try:
                self._reader = await _Thread.start(self.path, (*PRAGMAS[2:], "PRAGMA query_only = ON"))
            except BaseException:
                await self.close()
                raise

    async def close(self) -> None:
        """Finish what is queued, fold the WAL into the file and end the threads."""
        writer, reader = self._writer, self._reader
        self._writer = self._reader = None
        if reader is not None and reader is not writer:
            await reader.close()
        if writer is not None:
            await writer.close()

    async def write(
        self, work: Callable[Concatenate[sqlite3.Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run hot work in one transaction: committed when it returns, rolled back when it raises."""
        return await _open(self._writer).run(_transact, work, args, kwargs)

    async def look(self, work: Callable[Concatenate[sqlite3.Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run hot work that only reads, beside the writer: it sees all that was committed before it."""
        return await _open(self._reader).run(_look, work, args, kwargs)

    async def change(
        self, work: Callable[Concatenate[sqlalchemy.Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run plain work that writes, in one transaction."""
        thread = _open(self._writer)
        return await thread.run(_transact_plainly, thread.engine, work, args, kwargs)

    async def read(
        self, work: Callable[Concatenate[sqlalchemy.Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run plain work that only reads, beside the writer."""
        thread = _open(self._reader)
        return await thread.run(_read_plainly, thread.engine, work, args, kwargs)

    async def backup(self, target: Path) -> None:
        """Copy the database to a file while it is in use."""
        await _open(self._reader).run(_backup, target)


class _Thread:
    """One connection and the thread it lives on.

    aiosqlite offers no public way to run a function there; `_execute` is what all its own methods are made of, and
    tests/test_sqlite.py pins how it behaves.
    """

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self.engine: Engine = create_engine(
            "sqlite://", creator=lambda: connection._conn, poolclass=StaticPool, pool_reset_on_return=None
        )

    @classmethod
    async def start(cls, path: str, pragmas: tuple[str, ...]) -> _Thread:
        connection = aiosqlite.connect(path, isolation_level=None, cached_statements=256, check_same_thread=False)
        connection._thread.daemon = True  # a crash at start must not leave the process waiting for the thread
        try:
            await connection
            await _on_thread(connection, _prepare, pragmas, path == MEMORY)
        except BaseException:
            if connection._connection is not None:
                await connection.close()
            else:  # the thread ends by itself, and must not answer a loop that is closed by then
                await asyncio.to_thread(connection._thread.join)
            raise
        thread = cls(connection)
        # Its first connection asks the database a few things and rolls back: that must not be our transaction.
        await thread.run(_introduce, thread.engine)
        return thread

    async def run(self, how: Callable[..., R], *args: Any) -> R:
        return await _on_thread(self._connection, how, *args)

    async def close(self) -> None:
        await self._connection.close()


async def _on_thread(connection: aiosqlite.Connection, how: Callable[..., R], *args: Any) -> R:
    execute: Callable[..., Awaitable[R]] = connection._execute
    return await execute(how, connection._conn, *args)


def _open(thread: _Thread | None) -> _Thread:
    if thread is None:
        raise sqlite3.OperationalError("the database is closed")
    return thread


def _prepare(connection: sqlite3.Connection, pragmas: tuple[str, ...], in_memory: bool) -> None:
    for pragma in pragmas:
        if not (in_memory and "journal_mode" in pragma):
            connection.execute(pragma)


def _introduce(_: sqlite3.Connection, engine: Engine) -> None:
    with engine.connect():
        pass


def _look(connection: sqlite3.Connection, work: Callable[..., R], args: tuple[Any, ...], kwargs: dict[str, Any]) -> R:
    connection.execute("BEGIN")  # one look for all its statements: each alone would take and give back its locks
    try:
        return work(connection, *args, **kwargs)
    finally:
        connection.execute("COMMIT")


def _transact(
    connection: sqlite3.Connection, work: Callable[..., R], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> R:
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection, *args, **kwargs)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.rollback()
        raise
    return result


def _transact_plainly(
    connection: sqlite3.Connection,
    engine: Engine,
    work: Callable[..., R],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> R:
    connection.execute("BEGIN IMMEDIATE")  # SQLAlchemy commits it or rolls it back
    with engine.begin() as plain:
        return work(plain, *args, **kwargs)


def _read_plainly(
    connection: sqlite3.Connection,
    engine: Engine,
    work: Callable[..., R],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> R:
    connection.execute("BEGIN")
    with engine.begin() as plain:
        return work(plain, *args, **kwargs)


def _backup(connection: sqlite3.Connection, target: Path) -> None:
    with sqlite3.connect(target) as copy:
        connection.backup(copy, pages=1000)
    copy.close()
