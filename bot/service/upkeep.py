"""Drops texts whose time is up, in the background and a few at a time, so that no message waits for it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from bot.core.errors import Unavailable
from bot.records import Place, Strip
from bot.service.ports import Clock, UpkeepStore

log = structlog.get_logger()

AT_ONCE = 500  # rows looked at in one transaction
PAUSE = 0.05  # seconds between two of them
FIRST = 60.0  # seconds after the start
EVERY = 6 * 3600.0  # seconds between two rounds

Step = Callable[[datetime, Place | None, int], Awaitable[Strip]]


class Upkeep:
    """Walks along the messages and the ledger, round after round."""

    def __init__(self, store: UpkeepStore, clock: Clock, days: int) -> None:
        self._store = store
        self._clock = clock
        self._kept = timedelta(days=days)
        self._stop = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, unless texts are kept for ever."""
        if self._kept:
            self._loop = asyncio.create_task(self._run(), name="upkeep")

    async def close(self) -> None:
        """Stop after the step in hand."""
        self._stop.set()
        if self._loop:
            await self._loop

    async def round(self) -> int:
        """Drop every text that is too old now; return how many those were."""
        before = self._clock() - self._kept
        dropped = await self._walk(self._store.drop_messages, before)
        dropped += await self._walk(self._store.drop_answers, before)
        dropped += await self._store.drop_failures(before)
        if dropped:
            await self._store.record_drop(self._clock(), dropped)
            log.info("texts dropped", older_than=before.date().isoformat(), count=dropped)
        return dropped

    async def _walk(self, step: Step, before: datetime) -> int:
        dropped, place = 0, None
        while not self._stop.is_set():
            strip = await step(before, place, AT_ONCE)
            dropped, place = dropped + strip.dropped, strip.next
            if place is None:
                break
            await self._pause(PAUSE)
        return dropped

    async def _run(self) -> None:
        await self._pause(FIRST * (1 + random.random()))  # noqa: S311, servers on one database take turns
        while not self._stop.is_set():
            try:
                await self.round()
            except Unavailable as error:
                log.warning("texts are not dropped now", why=str(error))
            except Exception:  # a bug of ours, and the next round must come all the same
                log.exception("dropping texts failed")
            await self._pause(EVERY)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop.wait()
