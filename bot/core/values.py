"""`dataclass` for the values that every message makes by the dozen: frozen for whoever reads and checks the code, and
as cheap to make as any other object when it runs.

The standard library's frozen dataclass sets each field through `object.__setattr__`, which makes it six times as dear
(measured in benchmarks/README.md). Nobody changes a value here all the same: mypy reads `frozen=True` and says so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, frozen: bool, slots: bool, eq: bool = True) -> Callable[[type[T]], type[T]]:
        """Make a dataclass that hashes and compares like a frozen one."""
        options: dict[str, Any] = {"unsafe_hash": frozen and eq, "eq": eq, "slots": slots}
        return dataclasses.dataclass(**options)
