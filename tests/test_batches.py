"""Group commit: in order, a batch at a time, and whoever waits hears what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot.core.errors import Unavailable
from bot.service.batches import Batches


class Work:
    """Doubles numbers, a batch at a time; the first batch waits until it is told to go on."""

    def __init__(self) -> None:
        self.seen: list[list[int]] = []
        self.go = asyncio.Event()

    async def double(self, items: Sequence[int]) -> list[int]:
        self.seen.append(list(items))
        await self.go.wait()
        if 13 in items:
            raise Unavailable("no")
        return [item * 2 for item in items]


async def test_what_arrives_during_a_batch_makes_the_next_one_in_order():
    work = Work()
    batches: Batches[int, int] = Batches(work.double)
    batches.start()
    first = batches.put(1)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    rest = [batches.put(number) for number in (2, 3, 4)]
    work.go.set()
    answers = await asyncio.gather(first, *rest)
    await batches.close()

    assert work.seen == [[1], [2, 3, 4]]
    assert answers == [2, 4, 6, 8]


async def test_a_batch_holds_no_more_than_it_may():
    work = Work()
    work.go.set()
    batches: Batches[int, int] = Batches(work.double, most=2)
    waiting = [batches.put(number) for number in range(5)]
    batches.start()
    await asyncio.gather(*waiting)
    await batches.close()

    assert work.seen == [[0, 1], [2, 3], [4]]


async def test_a_batch_that_fails_tells_everybody_in_it_and_the_next_goes_on():
    work = Work()
    work.go.set()
    batches: Batches[int, int] = Batches(work.double, most=2)
    waiting = [batches.put(number) for number in (1, 13, 5)]
    batches.start()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    await batches.close()

    assert [isinstance(answer, Unavailable) for answer in answers] == [True, True, False]
    assert answers[2] == 10


async def test_closing_finishes_what_waits_and_refuses_what_comes_after():
    work = Work()
    batches: Batches[int, int] = Batches(work.double)
    batches.start()
    before = batches.put(1)
    closing = asyncio.create_task(batches.close())
    await asyncio.sleep(0)
    after = batches.put(2)
    work.go.set()
    await closing

    assert await before == 2
    with pytest.raises(Unavailable, match="stopping"):
        await after


async def test_somebody_who_went_away_does_not_stop_the_others():
    work = Work()
    work.go.set()
    batches: Batches[int, int] = Batches(work.double)
    gone, stays = batches.put(1), batches.put(2)
    gone.cancel()
    batches.start()

    assert await stays == 4
    await batches.close()
