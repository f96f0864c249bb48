"""One connection to SQLite, and how work runs on it: whole functions, each in one transaction.

Hot work gets the plain connection (as `hot.py` describes it); all else gets a SQLAlchemy `Connection` on that same
connection. Rule: everything here runs where the connection lives, be that a thread (`thread.py`) or a process
(`process.py`).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, StaticPool, create_engine

from bot.store.engines import SQLITE
from bot.store.rows import Row
from bot.store.statements import statements

R = TypeVar("R")

MEMORY = ":memory:"
TAKEN_AWAY = "the database file was moved, deleted or replaced: put it back, or start the server again"
PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",            # an acknowledged MO survives the power cut
    "PRAGMA wal_autocheckpoint = 4000",     # the WAL's pages are what a commit costs; move them home less often
    "PRAGMA cache_size = -16384",           # 16 MiB
    "PRAGMA busy_timeout = 1000",
    "PRAGMA secure_delete = FAST",          # what is deleted is overwritten in its page
)  # fmt: skip
READ_ONLY = (*PRAGMAS[2:], "PRAGMA query_only = ON")


class Plain(sqlite3.Connection):
    """What hot work sees of it."""

    sql = statements(SQLITE)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run a statement and return what it gives."""
        return self.execute(sql, values).fetchall()

    def many(self, sql: str, rows: Sequence[Row]) -> None:
        """Run a statement once for each row of values."""
        self.executemany(sql, rows)

    def fill(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Write rows into a table that has none of them."""
        names, places = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
        self.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608


OPTIONS: Mapping[str, Any] = {
    "isolation_level": None,
    "cached_statements": 256,
    "check_same_thread": False,
    "factory": Plain,
}


class Held:
    """A connection that is open: plain, and as SQLAlchemy sees it."""

    def __init__(self, plain: Plain, pragmas: Sequence[str]) -> None:
        self.plain = plain
        self.engine: Engine = create_engine(
            "sqlite://", creator=lambda: plain, poolclass=StaticPool, pool_reset_on_return=None
        )
        for pragma in pragmas:
            plain.execute(pragma)
        # Its first connection asks the database a few things and rolls back: that must not be our transaction.
        with self.engine.connect():
            pass
        self._path: str = plain.execute("PRAGMA database_list").fetchone()[2]  # "" in memory
        self._file = _identity(self._path)

    def present(self) -> None:
        """Raise sqlite3.OperationalError if the file was taken away: what is written to a deleted file goes with it."""
        if self._path and _identity(self._path) != self._file:
            raise sqlite3.OperationalError(TAKEN_AWAY)


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def beside(_: Held, work: Callable[..., R], args: Sequence[Any]) -> R:
    """Run work that touches no data, where the connection lives."""
    return work(*args)


def transact(held: Held, work: Callable[..., R], args: Sequence[Any]) -> R:
    """Run hot work in one transaction: committed when it returns, rolled back when it raises."""
    held.present()
    held.plain.execute("BEGIN IMMEDIATE")
    try:
        result = work(held.plain, *args)
        held.plain.execute("COMMIT")
    except BaseException:
        if held.plain.in_transaction:
            held.plain.rollback()
        raise
    return result


def look(held: Held, work: Callable[..., R], args: Sequence[Any]) -> R:
    """Run hot work that only reads."""
    held.plain.execute("BEGIN")  # one look for all its statements: each alone would take and give back its locks
    try:
        return work(held.plain, *args)
    finally:
        held.plain.execute("COMMIT")


def change(held: Held, work: Callable[..., R], args: Sequence[Any]) -> R:
    """Run plain work that writes, in one transaction."""
    held.present()
    held.plain.execute("BEGIN IMMEDIATE")  # SQLAlchemy commits it or rolls it back
    with held.engine.begin() as plain:
        return work(plain, *args)


def read(held: Held, work: Callable[..., R], args: Sequence[Any]) -> R:
    """Run plain work that only reads."""
    held.plain.execute("BEGIN")
    with held.engine.begin() as plain:
        return work(plain, *args)


def backup(held: Held, target: Path) -> None:
    """Copy the database to a file while it is in use."""
    with sqlite3.connect(target) as copy:
        held.plain.backup(copy, pages=1000)
    copy.close()
