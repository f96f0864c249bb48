"""The store, watched: one transaction at a time goes through, and the model is told of each. Before and after each is a
door, at which something can be made to happen: that more texts come in, or that the server dies."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.core.messages import DLR
from bot.records import Claimed, Outcome, Reported, Taken, Wake
from bot.store.store import Store
from bot.turns import Turns
from model.model import Model

Deed = Callable[[], Awaitable[None]]


@dataclass
class Doors:
    """Where something may happen, by name: "before take", "after send" …"""

    deeds: dict[str, Deed] = field(default_factory=dict)
    died: asyncio.Event = field(default_factory=asyncio.Event)

    async def at(self, door: str) -> None:
        """Do what is to be done at this door, once. Nobody comes through one when the server is dead."""
        deed = self.deeds.pop(door, None)
        if deed:
            await deed()
        if self.died.is_set():
            await asyncio.Event().wait()

    async def die(self) -> None:
        """The server dies here."""
        self.died.set()


class Watched:
    """A store as the services see it. What only looks goes through unwatched."""

    def __init__(self, store: Store, model: Model, doors: Doors) -> None:
        self.store, self.model, self.doors = store, model, doors
        self.alone = asyncio.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def _do(self, name: str, work: Callable[[], Awaitable[Any]], tell: Callable[[Any], None]) -> Any:
        """Do it and tell of it; between the commit and the server's hearing of it, nothing happens."""
        done = None
        await self.doors.at(f"before {name}")
        async with self.alone:
            if not self.doors.died.is_set():
                done = await work()
                tell(done)
        await self.doors.at(f"after {name}")
        return done

    async def take(self, batch: Turns) -> Taken:
        """Take a batch of turns."""
        return await self._do(
            "take",
            lambda: self.store.take(batch),
            lambda taken: self.model.took(batch.arrivals, batch.catalog, taken.answers),
        )

    async def claim(
        self, numbers: Mapping[str, float | None], now: datetime, lease: timedelta, most: int
    ) -> list[Claimed]:
        """Claim MTs."""
        return await self._do(
            "claim",
            lambda: self.store.claim(numbers, now, lease, most),
            lambda claimed: self.model.claimed(claimed, now, lease),
        )

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Write down what became of them."""
        await self._do("settle", lambda: self.store.settle(outcomes), lambda _: self.model.settled(outcomes))

    async def report(self, dlrs: Sequence[DLR], now: datetime) -> list[Reported | None]:
        """Write reports down."""
        return await self._do(
            "report", lambda: self.store.report(dlrs, now), lambda answers: self.model.reported(dlrs, answers)
        )

    async def due_wakes(self, now: datetime, most: int) -> list[Wake]:
        """List the timers that ring."""
        return await self._do("timers", lambda: self.store.due_wakes(now, most), lambda _: None)
