"""Where SQLite and PostgreSQL say the same thing in other words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Dialect, Select, Text, bindparam, cast, func, literal_column, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite


@dataclass(frozen=True)
class Engine:
    """`insert`: one that knows ON CONFLICT. `these`: the texts of a JSON list, given as one parameter of that name;
    `pairs`: likewise pairs of texts. `shared`: other servers may use the same database."""

    name: str
    dialect: Dialect
    insert: Callable[..., Any]
    these: Select[Any]
    pairs: Select[Any]
    shared: bool


_value = func.json_each(bindparam("these")).table_valued("value").c.value
_first, _second = (func.json_extract(_value, literal_column(f"'$[{place}]'")) for place in (0, 1))
SQLITE = Engine(
    "sqlite", sqlite.dialect(paramstyle="qmark"), insert_on_sqlite, select(_value), select(_first, _second),
    shared=False,
)  # fmt: skip


@cache
def postgresql() -> Engine:
    """Return the other one; it is loaded only where it is used."""
    from sqlalchemy.dialects.postgresql import JSON, insert
    from sqlalchemy.dialects.postgresql.asyncpg import dialect

    named: Callable[[], Dialect] = dialect
    these = cast(cast(bindparam("these", type_=Text), Text), JSON)
    value = func.json_array_elements_text(these).table_valued("value").c.value
    pair = func.json_array_elements(these).table_valued("value").c.value
    pairs = select(*(pair.op("->>")(literal_column(str(place))) for place in (0, 1)))
    return Engine("postgresql", named(), insert, select(value), pairs, shared=True)


def engine_of(dialect: Dialect) -> Engine:
    """Return the engine that a SQLAlchemy connection speaks."""
    return SQLITE if dialect.name == SQLITE.name else postgresql()
