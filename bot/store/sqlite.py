"""One open SQLite database: a connection that writes and, for a file, one that only reads beside it (WAL lets it), so
that a page of the console never keeps a message waiting.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar, TypeVarTuple

import sqlalchemy

from bot.core.errors import Unavailable
from bot.store import connection
from bot.store.connection import MEMORY, PRAGMAS, READ_ONLY
from bot.store.hot import Hot
from bot.store.process import Process
from bot.store.thread import Thread

Args = TypeVarTuple("Args")
R = TypeVar("R")

ALONE = ("PRAGMA locking_mode = EXCLUSIVE", *PRAGMAS)


class Side(Protocol):
    """A connection somewhere else."""

    async def run(self, how: Callable[..., R], *args: Any) -> R:
        """Run a function of the connection there."""
        ...

    async def close(self) -> None:
        """Finish what is queued, and close it."""
        ...


class Sqlite:
    """`write`, `change`, `look` and `read` are the only ways in. With a process, what runs there must be picklable.

    `alone`: nobody else can open the file until it is closed.
    """

    migrates = True
    shared = False

    def __init__(self, path: str, process: Process | None = None, *, alone: bool = False) -> None:
        self.path = path
        self._alone = alone
        self._process = process
        self._writer: Side | None = None
        self._reader: Side | None = None

    async def open(self) -> None:
        """Open the file, making it if it is new; raise sqlite3.OperationalError if that cannot be."""
        try:
            if self._process is not None:
                await self._process.open(self.path, PRAGMAS)
                self._writer = self._process
                self._reader = await Thread.start(self.path, READ_ONLY)
            elif self._alone:
                self._writer = self._reader = await _alone(self.path)
            elif self.path == MEMORY:
                self._writer = self._reader = await Thread.start(self.path, PRAGMAS[1:])
            else:
                self._writer = await Thread.start(self.path, PRAGMAS)
                self._reader = await Thread.start(self.path, READ_ONLY)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Finish what is queued and fold the WAL into the file."""
        writer, reader = self._writer or self._process, self._reader
        self._writer = self._reader = self._process = None
        if reader is not None and reader is not writer:
            await reader.close()
        if writer is not None:
            await writer.close()

    async def write(self, work: Callable[[Hot, *Args], R], *args: *Args) -> R:
        """Run hot work in one transaction: committed when it returns, rolled back when it raises."""
        return await _open(self._writer).run(connection.transact, work, args)

    async def look(self, work: Callable[[Hot, *Args], R], *args: *Args) -> R:
        """Run hot work that only reads, beside the writer: it sees all that was committed before it."""
        return await _open(self._reader).run(connection.look, work, args)

    async def change(self, work: Callable[[sqlalchemy.Connection, *Args], R], *args: *Args) -> R:
        """Run plain work that writes, in one transaction."""
        return await _open(self._writer).run(connection.change, work, args)

    async def read(self, work: Callable[[sqlalchemy.Connection, *Args], R], *args: *Args) -> R:
        """Run plain work that only reads, beside the writer."""
        return await _open(self._reader).run(connection.read, work, args)

    async def beside(self, work: Callable[[*Args], R], *args: *Args) -> R:
        """Run work that touches no data, where the writer lives."""
        return await _open(self._writer).run(connection.beside, work, args)

    async def backup(self, target: Path) -> None:
        """Copy the database to a file while it is in use."""
        await _open(self._reader).run(connection.backup, target)


async def _alone(path: str) -> Thread:
    try:
        return await Thread.start(path, ALONE)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        raise Unavailable(f"the database {path} is in use: stop the server, and whatever else has it open") from error


def _open(side: Side | None) -> Side:
    if side is None:
        raise sqlite3.OperationalError("the database is closed")
    return side
