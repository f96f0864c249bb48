"""Group commit: what arrives while one batch is being written waits, and all of it makes the next batch.

Rule: one worker, batches in order of arrival, and nobody hears "done" before the whole batch is. What cannot be done
keeps nobody else's from being done.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from bot.core.errors import Unavailable

T = TypeVar("T")
R = TypeVar("R")


class Batches(Generic[T, R]):
    """Hands waiting items to `work`, at most `most` at once; `work` answers one result for each, in order.

    `work` does all or nothing. Where it raises Unavailable, everybody in the batch hears that; with anything else,
    which is a bug of ours, the batch is done again in halves, until only those hear it whom it is about.
    """

    def __init__(self, work: Callable[[Sequence[T]], Awaitable[Sequence[R]]], most: int = 256) -> None:
        self._work = work
        self._most = most
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._arrived = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._closing = False

    def __len__(self) -> int:
        return len(self._waiting)

    def start(self) -> None:
        """Begin to work."""
        self._worker = asyncio.create_task(self._run(), name=f"batches of {self._work.__qualname__}")

    def put(self, item: T) -> asyncio.Future[R]:
        """Add an item; the answer raises what its batch raised, or Unavailable once the server is stopping."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        if self._closing:
            future.set_exception(Unavailable("the server is stopping"))
        else:
            self._waiting.append((item, future))
            self._arrived.set()
        return future

    async def close(self) -> None:
        """Take nothing more, finish what waits, and stop."""
        self._closing = True
        self._arrived.set()
        if self._worker:
            await self._worker

    async def _run(self) -> None:
        while self._waiting or not self._closing:
            if not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            await self._batch([self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))])

    async def _batch(self, batch: list[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            results = await self._work([item for item, _ in batch])
        except Exception as error:  # whatever it is, those who wait must hear it, and the next batch must go on
            if len(batch) > 1 and not isinstance(error, Unavailable):
                half = len(batch) // 2
                await self._batch(batch[:half])
                await self._batch(batch[half:])
                return
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)
