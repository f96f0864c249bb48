"""Copy everything into another database, of either kind, and prove that it came over.

A copy that was interrupted is taken up where the target's own rows end: tables are filled in the order of their keys,
each page in one transaction. Rule: a target that holds anything else than the first rows of each of the source's tables
is left alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from bot.core.errors import Unavailable
from bot.store.faults import unfit, why
from bot.store.pages import TABLES, key_of
from bot.store.rows import Row
from bot.store.store import Store

AT_ONCE = 2000  # rows
LOOKS, PAUSE = 5, 0.5  # a connection that is just being closed gets two seconds

Step = tuple[str, int]
"""A table, and how many more rows of it are done."""


class Copying:
    """One copy. `differences`: where the target is not the same as the source in the end."""

    def __init__(self, source: Store, target: Store) -> None:
        self.differences: list[str] = []
        self._source = source
        self._target = target
        self._after: dict[str, Row] = {}

    async def alone(self) -> None:
        """Raise Unavailable if another server or command uses either database."""
        for role, store in (("source", self._source), ("target", self._target)):
            if await _in_use(store):
                raise Unavailable(f"the {role} is in use: stop every server and command that uses it, and try again")

    async def resume(self) -> AsyncIterator[Step]:
        """Look at what the target holds already; raise Unavailable unless an earlier copy left it."""
        for name in TABLES:
            async for here, there in self._side_by_side(name):
                at = _first_difference(here[: len(there)], there)
                if at is not None:
                    raise Unavailable(
                        f"the target holds what the source does not: {_named(name, there[at])}. Copy into a database "
                        "that is empty, or that an interrupted copy of this one has left"
                    )
                if there:
                    self._after[name] = key_of(name, there[-1])
                    yield name, len(there)

    async def copy(self) -> AsyncIterator[Step]:
        """Write what the target does not hold; raise Unavailable if it cannot be written."""
        for name in TABLES:
            rows = await self._source.page(name, self._after.get(name), AT_ONCE)
            while rows:
                more = self._source.page(name, key_of(name, rows[-1]), AT_ONCE)
                _, following = await asyncio.gather(self._add(name, rows), more)
                yield name, len(rows)
                rows = following

    async def verify(self) -> AsyncIterator[Step]:
        """Compare every row with the source's; of each table, the first that differs goes to `differences`."""
        for name in TABLES:
            async for here, there in self._side_by_side(name):
                at = _first_difference(here, there)
                if at is not None:
                    self.differences.append(f"{_named(name, (here[at:] or there[at:])[0])}: not the same in both")
                    break
                yield name, len(there)

    async def _side_by_side(self, name: str) -> AsyncIterator[tuple[list[Row], list[Row]]]:
        """Walk along a table in source and target, while the pages are the same, to the end of the target's."""
        after, there = None, None
        while there is None or len(there) == AT_ONCE:
            pages = (store.page(name, after, AT_ONCE) for store in (self._source, self._target))
            here, there = await asyncio.gather(*pages)
            yield here, there
            after = key_of(name, there[-1]) if there else None

    async def _add(self, name: str, rows: Sequence[Row]) -> None:
        """Write a page; if one of its rows does not fit, write those before it and raise Unavailable naming it."""
        try:
            await self._target.add(name, rows)
        except Exception as error:
            if not unfit(error):
                raise
            if len(rows) == 1:
                raise Unavailable(f"the target cannot keep {_named(name, rows[0])}: {why(error)}") from error
            for row in rows:
                await self._add(name, [row])


async def _in_use(store: Store) -> bool:
    for _ in range(LOOKS):
        if not await store.others():
            return False
        await asyncio.sleep(PAUSE)
    return True


def _first_difference(here: Sequence[Row], there: Sequence[Row]) -> int | None:
    """Return where two pages differ first; None if they are the same."""
    if here == there:
        return None
    alike = (one == other for one, other in zip(here, there, strict=False))
    return next((at for at, same in enumerate(alike) if not same), min(len(here), len(there)))


def _named(name: str, row: Row) -> str:
    return f"{name} {' '.join(map(str, key_of(name, row)))}"
