"""The timers: rows that ring when their time has come. A server that was down rings them late, not never."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from bot.core.errors import Unavailable
from bot.records import Wake
from bot.service.ports import Clock, WakeStore

log = structlog.get_logger()

AT_ONCE = 256
LONGEST_SLEEP = 30.0  # seconds: clocks are set, and another server may have written a timer

Ring = Callable[[Wake], Awaitable[bool]]


class Timers:
    """Rings what is due."""

    def __init__(self, store: WakeStore, clock: Clock, ring: Ring) -> None:
        self._store = store
        self._clock = clock
        self._ring = ring
        self._next: datetime | None = None
        self._changed = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        """Begin to ring."""
        self._loop = asyncio.create_task(self._run(), name="timers")

    async def close(self) -> None:
        """Stop after the batch in hand."""
        self._stopping = True
        self._changed.set()
        if self._loop:
            await self._loop

    def expect(self, at: datetime | None) -> None:
        """A timer was set: wake up for it if it is the next."""
        if at is not None and (self._next is None or at < self._next):
            self._next = at
            self._changed.set()

    async def ring_due(self) -> int:
        """Ring everything that is due now; return how many that was."""
        due = await self._store.due_wakes(self._clock(), AT_ONCE)
        await asyncio.gather(*(self._ring(wake) for wake in due))
        return len(due)

    async def _run(self) -> None:
        while not self._stopping:
            self._changed.clear()
            try:
                if await self.ring_due():
                    continue
                self._next = await self._store.next_wake()
            except Unavailable as error:
                log.warning("timers wait for the database", why=str(error))
                self._next = None
            except Exception:  # a bug of ours, and the other timers must ring all the same
                log.exception("ringing failed")
                self._next = None
            try:
                async with asyncio.timeout(self._seconds()):
                    await self._changed.wait()
            except TimeoutError:
                pass

    def _seconds(self) -> float:
        if self._next is None:
            return LONGEST_SLEEP
        return min(max((self._next - self._clock()).total_seconds(), 0.05), LONGEST_SLEEP)
