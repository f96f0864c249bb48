"""Databases to copy: with something in every table, or with a crowd; and all that is in one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from boards import ANNA, BERT, board
from catalogs import CLUB, NUMBER, catalog
from command_line import run
from postgres import fresh_database

from bot.app import make_store
from bot.core.forgetting import keyed
from bot.core.values import replace
from bot.store.copying import AT_ONCE
from bot.store.tables import metadata

KEY = "a-secret-key-of-this-test"
CLARA, DORA = "+33639980003", "+33639980004"
KNOWN = catalog(programs={"club": replace(CLUB, remind_after=timedelta(hours=20))})
SEVERAL = 3 * AT_ONCE  # contacts; with their messages, some ten pages


def sqlite(folder: Path, name: str) -> str:
    """Make an empty SQLite database that is up to date, and return its URL."""
    url = f"sqlite:///{folder / name}"
    assert run(folder, "migrate", "--database", url).exit_code == 0
    return url


def fresh(engine: str, folder: Path, name: str) -> str:
    """Make an empty database on either engine."""
    return fresh_database() if engine == "postgresql" else sqlite(folder, name)


async def live(url: str) -> None:
    """Fill every table: people who joined, left, wait, were forgotten; texts that were sent and that wait."""
    async with board(url.removeprefix("sqlite:///"), KNOWN) as play:
        for msisdn, words in (
            (ANNA, "CLUB"),
            (ANNA, "Oui"),
            (ANNA, "STOP"),
            (ANNA, "moi, c'est l'été 🌞"),
            (DORA, "CLUB"),
        ):
            await play.text(words, msisdn)
        await play.drain()
        await play.store.forget(DORA, keyed(DORA, KEY), play.clock(), play.catalog.digest)
        await play.store.keep_catalog(play.catalog.digest, "version: 1", play.clock())
        await play.text("CLUB", BERT)
        await play.text("was kostet das?", CLARA)
        await play.store.claim({NUMBER: 1.0}, play.board.clock(), timedelta(seconds=60), 1)
        await play.store._database.change(fail)


def fail(connection: Any) -> None:
    """Leave a message whose turn raised."""
    row = {"msisdn": CLARA, "ref": "http:x", "number": NUMBER, "text": "?", "at": KNOWN_AT, "error": "KeyError"}
    connection.execute(metadata.tables["failures"].insert().values(row))


KNOWN_AT = 1_795_000_000_123_456


async def everything(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Read all tables, values as the program sees them."""
    store = make_store(url)
    await store.open(may_migrate=False)
    try:
        return await store._database.read(_dump)
    finally:
        await store.close()


def _dump(connection: Any) -> dict[str, list[tuple[Any, ...]]]:
    tables = metadata.tables.items()
    return {
        name: [tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key))]
        for name, table in tables
    }


def crowd(folder: Path, people: int = SEVERAL) -> str:
    """Make a SQLite database in which so many people wrote once and were answered once."""
    url = sqlite(folder, "crowd.db")
    some = f"WITH RECURSIVE some(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM some WHERE n < {people})"
    talks = '{"conversations": {}, "asks": [], "fields": {}}'
    with closing(sqlite3.connect(folder / "crowd.db")) as connection, connection:
        connection.execute(
            f"{some} INSERT INTO contacts SELECT printf('+336%08d', n), '{talks}', NULL, 0, 0, '', n, '' FROM some"
        )
        for direction, status in (("mo", "taken"), ("mt", "delivered")):
            connection.execute(
                f"{some} INSERT INTO messages (msisdn, ref, direction, number, text, at, status) SELECT "
                f"printf('+336%08d', n), '{direction}' || n, '{direction}', '{NUMBER}', 'HELP', n, '{status}' FROM some"
            )
    return url
