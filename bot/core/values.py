"""`dataclass` and `replace` for the values that every message makes by the dozen.

They are frozen for whoever reads and checks the code, and as cheap to make as any other object when it runs: the
standard library's frozen dataclass sets each field through `object.__setattr__`, which makes it six times as dear, and
its `replace` looks each field up by name. Nobody changes a value here: mypy reads `frozen=True` and says so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import replace as replace
else:

    def dataclass(*, frozen: bool, slots: bool, eq: bool = True) -> Callable[[type[T]], type[T]]:
        """Make a dataclass that hashes and compares like a frozen one."""
        options: dict[str, Any] = {"unsafe_hash": frozen and eq, "eq": eq, "slots": slots}
        return dataclasses.dataclass(**options)

    def replace(value: T, **changes: Any) -> T:
        """Make a value that differs from another in these fields; an unknown one is a KeyError.

        >>> from bot.core.understanding import Question
        >>> replace(Question(confirm=True), free_text=True)
        Question(confirm=True, choices=(), free_text=True)
        """
        places, read = _fields(type(value))
        values = list(read(value))
        for name, new in changes.items():
            values[places[name]] = new
        return type(value)(*values)

    @cache
    def _fields(kind: type[Any]) -> tuple[dict[str, int], Callable[[Any], tuple[Any, ...]]]:
        names = [field.name for field in dataclasses.fields(kind)]
        return {name: place for place, name in enumerate(names)}, attrgetter(*names)
