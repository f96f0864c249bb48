"""What hot work sees of a connection, the same on both engines: its statements, and the ways to run one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from bot.store.rows import Row
from bot.store.statements import Statements


class Hot(Protocol):
    """A connection inside a transaction."""

    @property
    def sql(self) -> Statements:
        """The statements as this engine reads them."""
        ...

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run a statement and return what it gives."""
        ...

    def many(self, sql: str, rows: Sequence[Row]) -> None:
        """Run a statement once for each row of values."""
        ...

    def fill(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Write rows into a table that has none of them, in the engine's fastest way."""
        ...
