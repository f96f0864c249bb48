"""Whole tables, page by page in the order of their keys: for copying them into another database.

Rule: a row is what is kept, moments as numbers; so both engines give the same rows, in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Boolean, Connection, Integer, bindparam, func, literal_column, select, text, tuple_

from bot.store.engines import SQLITE, postgresql
from bot.store.hot import Hot
from bot.store.rows import Row
from bot.store.statements import compiled
from bot.store.tables import metadata

TABLES = tuple(sorted(metadata.tables))
"""Their names, in the order in which they are copied."""


@dataclass(frozen=True, slots=True)
class Walk:
    """How one table is walked along and filled on one engine. `key`: where a row's key stands; `flags`: its yes and no,
    which SQLite keeps as 1 and 0 and PostgreSQL takes only as true and false."""

    first: str
    after: str
    columns: tuple[str, ...]
    key: tuple[int, ...]
    flags: tuple[int, ...]


@cache
def _walk(shared: bool, name: str) -> Walk:
    engine, table = postgresql() if shared else SQLITE, metadata.tables[name]
    keys = tuple(table.primary_key)
    given = [bindparam(f"after_{key.name}", type_=key.type) for key in keys]
    page = select(table).order_by(*keys).limit(bindparam("most", type_=Integer)).offset(literal_column("0"))
    return Walk(
        compiled(engine, page, ("most",)),
        compiled(engine, page.where(tuple_(*keys) > tuple_(*given)), (*(each.key for each in given), "most")),
        tuple(each.name for each in table.columns),
        tuple(at for at, each in enumerate(table.columns) if each.primary_key),
        tuple(at for at, each in enumerate(table.columns) if isinstance(each.type, Boolean)),
    )


def key_of(name: str, row: Row) -> Row:
    """Return a row's key."""
    return tuple(row[at] for at in _walk(False, name).key)


def page(hot: Hot, name: str, after: Row | None, most: int) -> list[Row]:
    """Return the next rows of a table after a key; the first ones after None."""
    walk = _walk(hot.sql.shared, name)
    return hot.rows(walk.first, (most,)) if after is None else hot.rows(walk.after, (*after, most))


def add(hot: Hot, name: str, rows: Sequence[Row]) -> None:
    """Write rows into a table that has none of them."""
    walk = _walk(hot.sql.shared, name)
    hot.fill(name, walk.columns, [_with_flags(row, walk.flags) for row in rows] if walk.flags else rows)


def _with_flags(row: Row, flags: tuple[int, ...]) -> Row:
    return tuple(bool(value) if at in flags else value for at, value in enumerate(row))


def sizes(connection: Connection) -> dict[str, int]:
    """Count the rows of each table."""
    counted = {name: select(func.count()).select_from(metadata.tables[name]) for name in TABLES}
    return {name: connection.execute(count).scalar_one() for name, count in counted.items()}


def others(connection: Connection) -> int:
    """Count the connections of other servers and commands; a SQLite file that is open alone has none."""
    if connection.dialect.name == SQLITE.name:
        return 0
    mine = "current_setting('application_name')"
    theirs = f"datname = current_database() AND application_name LIKE 'ouistop%' AND application_name <> {mine}"
    return int(connection.execute(text(f"SELECT count(*) FROM pg_stat_activity WHERE {theirs}")).scalar_one())  # noqa: S608
