"""Group commit: what arrives while one batch is being written waits, and all of it makes the next batch.

A batch is prepared while the one before it is still being committed, because a commit is mostly waiting for the disk.
Rule: one worker, batches in order of arrival, one commit at a time; nobody hears "done" before the whole batch is. What
was prepared on top of a batch whose commit failed is not committed either.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from bot.core.errors import Unavailable

T = TypeVar("T")
P = TypeVar("P")
R = TypeVar("R")

Waiting = tuple[T, "asyncio.Future[R]"]


class Batches(Generic[T, P, R]):
    """Hands waiting items to `prepare`, at most `most` at once, and what that made to `commit`.

    `commit` answers one result for each item, in order. What either raises, everybody in the batch hears.
    """

    def __init__(
        self,
        prepare: Callable[[Sequence[T]], Awaitable[P]],
        commit: Callable[[P], Awaitable[Sequence[R]]],
        most: int = 256,
    ) -> None:
        self._prepare = prepare
        self._commit = commit
        self._most = most
        self._waiting: deque[Waiting[T, R]] = deque()
        self._arrived = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._committing: asyncio.Task[BaseException | None] | None = None
        self._closing = False

    def __len__(self) -> int:
        return len(self._waiting)

    def start(self) -> None:
        """Begin to work."""
        self._worker = asyncio.create_task(self._run(), name=f"batches of {self._commit.__qualname__}")

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
        if self._committing:
            await self._committing

    async def _run(self) -> None:
        while self._waiting or not self._closing:
            if not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            await self._batch([self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))])

    async def _batch(self, batch: list[Waiting[T, R]]) -> None:
        before = self._committing if self._committing and not self._committing.done() else None
        try:
            prepared = await self._prepare([item for item, _ in batch])
        except Exception as error:  # whatever it is, those who wait must hear it, and the next batch must go on
            _tell(batch, error)
            return
        failed = await before if before else None
        if failed:
            _tell(batch, failed)
            return
        # Called here and not in the task: the next batch is prepared on top of what is being committed from now on.
        self._committing = asyncio.create_task(self._finish(batch, self._commit(prepared)))

    async def _finish(self, batch: list[Waiting[T, R]], commit: Awaitable[Sequence[R]]) -> BaseException | None:
        try:
            results = await commit
        except Exception as error:
            _tell(batch, error)
            return error
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)
        return None


def _tell(batch: list[Waiting[T, R]], error: BaseException) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)


async def as_they_are(items: Sequence[T]) -> Sequence[T]:
    """Prepare nothing."""
    return items
