"""A connection on a thread of its own: aiosqlite's.

Each call is a hop between threads, and after each hop the event loop first serves whatever else is ready. So a unit of
work is one function that runs over there and costs one hop; nothing can interleave with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, cast

import aiosqlite

from bot.store.connection import OPTIONS, Held, Plain

R = TypeVar("R")


class Thread:
    """One connection and its thread.

    aiosqlite offers no public way to run a function there; `_execute` is what all its own methods are made of, and
    tests/test_sqlite.py pins how it behaves.
    """

    def __init__(self, connection: aiosqlite.Connection, held: Held) -> None:
        self._connection = connection
        self._held = held

    @classmethod
    async def start(cls, path: str, pragmas: Sequence[str]) -> Thread:
        """Open the file, making it if it is new; raise sqlite3.OperationalError if that cannot be."""
        connection = aiosqlite.connect(path, **OPTIONS)
        connection._thread.daemon = True  # a crash at start must not leave the process waiting for the thread
        try:
            await connection
            held = await _on_thread(connection, lambda: Held(cast(Plain, connection._conn), pragmas))
        except BaseException:
            if connection._connection is not None:
                await connection.close()
            else:  # the thread ends by itself, and must not answer a loop that is closed by then
                await asyncio.to_thread(connection._thread.join)
            raise
        return cls(connection, held)

    async def run(self, how: Callable[..., R], *args: Any) -> R:
        """Run a function of the connection there."""
        return await _on_thread(self._connection, how, self._held, *args)

    async def close(self) -> None:
        """Finish what is queued, and end the thread."""
        await self._connection.close()


async def _on_thread(connection: aiosqlite.Connection, how: Callable[..., R], *args: Any) -> R:
    execute: Callable[..., Awaitable[R]] = connection._execute
    return await execute(how, *args)
