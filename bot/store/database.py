"""What a database offers the store, the same on both engines: hot work, plain work, and its life."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar, TypeVarTuple

import sqlalchemy

from bot.store.hot import Hot

Args = TypeVarTuple("Args")
R = TypeVar("R")


class Database(Protocol):
    """One engine's ways in; `migrates`: a server brings it up to date by itself; `shared`: others may use it too."""

    path: str
    migrates: bool
    shared: bool

    async def open(self) -> None:
        """Connect, or open the file."""
        ...

    async def close(self) -> None:
        """Finish what is queued, and disconnect."""
        ...

    async def write(self, work: Callable[[Hot, *Args], R], *args: *Args) -> R:
        """Run hot work in one transaction: committed when it returns, rolled back when it raises."""
        ...

    async def look(self, work: Callable[[Hot, *Args], R], *args: *Args) -> R:
        """Run hot work that only reads."""
        ...

    async def change(self, work: Callable[[sqlalchemy.Connection, *Args], R], *args: *Args) -> R:
        """Run plain work that writes, in one transaction."""
        ...

    async def read(self, work: Callable[[sqlalchemy.Connection, *Args], R], *args: *Args) -> R:
        """Run plain work that only reads."""
        ...

    async def beside(self, work: Callable[[*Args], R], *args: *Args) -> R:
        """Run work that touches no data, where turns are taken."""
        ...

    async def backup(self, target: Path) -> None:
        """Copy the database to a file while it is in use."""
        ...
