"""One PostgreSQL database, used by this server and maybe by others.

Hot work is the same functions as on SQLite: they are plain and synchronous, and here they run in a greenlet, where
`await_only` waits for asyncpg (SQLAlchemy's own way between the two). Rule: a transaction that another server got in
the way of is run again, so work must be a function of the connection and its arguments alone.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple

import asyncpg
import sqlalchemy
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import await_only, greenlet_spawn

from bot.core.errors import Unavailable
from bot.core.options import without_password
from bot.store.engines import postgresql
from bot.store.hot import Hot
from bot.store.rows import Row
from bot.store.statements import statements

Args = TypeVarTuple("Args")
R = TypeVar("R")

CONNECT_WITHIN = 5.0  # seconds
ANSWER_WITHIN = 30.0  # seconds: no statement of ours takes one
CONNECTIONS = 6  # turns, outbox, settling, reports, timers, and one to spare
PAGES = 4  # likewise, for what people look at
TRIES = 6
FIRST_PAUSE = 0.01  # seconds, doubled from try to try

IN_THE_WAY = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)


class Line:
    """A connection inside a transaction, as hot work sees it."""

    sql = statements(postgresql())

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run a statement and return what it gives."""
        return [tuple(row) for row in await_only(self._connection.fetch(sql, *values))]

    def many(self, sql: str, rows: Sequence[Row]) -> None:
        """Run a statement once for each row of values."""
        await_only(self._connection.executemany(sql, rows))

    def fill(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Write rows into a table that has none of them, with COPY: it was about twice as fast as INSERT."""
        await_only(self._connection.copy_records_to_table(table, columns=columns, records=rows))


class Postgres:
    """`write`, `change`, `look` and `read` are the only ways in, as for SQLite.

    Its connections bear the program's name. `alone`: a name of their own, by which all others are told apart.
    """

    migrates = False  # other servers may still run the version before
    shared = True

    def __init__(self, url: str, *, alone: bool = False) -> None:
        self.path = without_password(url)
        self._url = url
        self._named = {"application_name": f"ouistop copy {secrets.token_hex(4)}" if alone else "ouistop"}
        self._pool: asyncpg.Pool[Any] | None = None
        self._engine: AsyncEngine | None = None

    async def open(self) -> None:
        """Get ready to connect when somebody asks: with a floor of connections, asyncpg would log a traceback a second
        while there is no database."""
        self._pool = await asyncpg.create_pool(
            self._url, min_size=0, max_size=CONNECTIONS, timeout=CONNECT_WITHIN, command_timeout=ANSWER_WITHIN,
            max_inactive_connection_lifetime=0, reset=_leave_as_it_is, server_settings=self._named,
        )  # fmt: skip
        self._engine = create_async_engine(
            "postgresql+asyncpg://", async_creator=self._connect, pool_size=PAGES, max_overflow=0, pool_timeout=10,
            pool_pre_ping=True,
        )  # fmt: skip

    async def close(self) -> None:
        """Finish what is under way and disconnect."""
        pool, engine = self._pool, self._engine
        self._pool = self._engine = None
        if engine is not None:
            await engine.dispose()
        if pool is not None:
            try:
                await asyncio.wait_for(pool.close(), CONNECT_WITHIN)
            except TimeoutError:
                pool.terminate()

    async def write(self, work: Callable[[Hot, *Args], R], *args: *Args) -> R:
        """Run hot work in one transaction: committed when it returns, rolled back when it raises."""

        async def once() -> R:
            async with _open(self._pool).acquire(timeout=CONNECT_WITHIN) as connection, connection.transaction():
                return await greenlet_spawn(work, Line(connection), *args)

        return await _until_alone(once)

    async def look(self, work: Callable[[Hot, *Args], R], *args: *Args) -> R:
        """Run hot work that only reads."""
        async with _open(self._pool).acquire(timeout=CONNECT_WITHIN) as connection:
            return await greenlet_spawn(work, Line(connection), *args)

    async def change(self, work: Callable[[sqlalchemy.Connection, *Args], R], *args: *Args) -> R:
        """Run plain work that writes, in one transaction."""

        async def once() -> R:
            async with _open(self._engine).begin() as connection:
                return await connection.run_sync(work, *args)

        return await _until_alone(once)

    async def read(self, work: Callable[[sqlalchemy.Connection, *Args], R], *args: *Args) -> R:
        """Run plain work that only reads."""
        async with _open(self._engine).connect() as connection:
            return await connection.run_sync(work, *args)

    async def beside(self, work: Callable[[*Args], R], *args: *Args) -> R:
        """Run work that touches no data, and does not keep the event loop waiting."""
        return await asyncio.to_thread(work, *args)

    async def backup(self, target: Path) -> None:
        """Refuse: PostgreSQL has its own ways."""
        raise Unavailable(f"{target} was not written: for PostgreSQL use pg_dump, or your host's backups")

    async def _connect(self) -> Any:
        return await asyncpg.connect(
            self._url, timeout=CONNECT_WITHIN, command_timeout=ANSWER_WITHIN, server_settings=self._named
        )


async def _until_alone(once: Callable[[], Awaitable[R]]) -> R:
    """Run a transaction again while another server gets in its way."""
    for attempt in range(TRIES):
        try:
            return await once()
        except (*IN_THE_WAY, sqlalchemy.exc.DBAPIError) as error:
            told = getattr(error, "orig", error)
            cause = getattr(told, "__cause__", None) or told
            if not isinstance(cause, IN_THE_WAY) or attempt == TRIES - 1:
                raise
        await asyncio.sleep(FIRST_PAUSE * 2**attempt * (0.5 + random.random()))  # noqa: S311
    raise AssertionError("every try returns or raises")


async def _leave_as_it_is(_: Any) -> None:
    """Spare the round trip that would reset a connection: ours keep nothing between two transactions."""


def _open(side: R | None) -> R:
    if side is None:
        raise asyncpg.InterfaceError("the database is closed")
    return side
