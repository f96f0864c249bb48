"""The clock is set, back an hour or forward a day, while texts wait, timers stand and leases are held."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientTimeout
from faults.gateways import Text, well
from faults.stage import ANNA, SetClock, Stage, person, stage
from hypothesis import given
from hypothesis import strategies as st

from bot.core.messages import mt_id
from bot.service.ticks import Ticks

pytestmark = pytest.mark.slow

PEOPLE = [person(place) for place in range(20)]


@pytest.mark.parametrize("step", [{"hours": -1}, {"hours": 1}, {"days": -1}], ids=str)
async def test_texts_that_wait_while_the_clock_is_set_leave_once_and_in_the_order_of_arrival(tmp_path: Path, step):
    async with stage(tmp_path) as play:
        for words in ("CLUB", "HELP"):
            await asyncio.gather(*(play.text(words, each) for each in PEOPLE))
        play.clock.set(**step)
        await asyncio.gather(*(play.text("OUI", each) for each in PEOPLE))
        await play.drain()
        left = {each: [text["text"][:20] for text in play.gateway.taken if text["to"] == each] for each in PEOPLE}
        made = {each: await play.mts(each) for each in PEOPLE}

    assert len(play.gateway.heard) == 3 * len(PEOPLE)
    keys = {each: [row["text_key"] for row in rows] for each, rows in made.items()}
    assert keys == {each: ["ask_confirm", "help", "welcome"] for each in PEOPLE}
    assert {each: [row["text"][:20] for row in rows] for each, rows in made.items()} == left


@pytest.mark.parametrize("step", [{"hours": -1}, {"hours": 2}, {"days": 1}], ids=str)
async def test_a_text_on_its_way_while_the_clock_is_set_is_not_sent_a_second_time(tmp_path: Path, step):
    async with stage(tmp_path, by_hand=False, limits=ClientTimeout(total=60)) as play:
        held, go = asyncio.Event(), asyncio.Event()

        async def slow(text: Text, writer: asyncio.StreamWriter) -> bool:
            held.set()
            await go.wait()
            return await well(text, writer)

        play.gateway.behave = slow
        await play.text("HELP")
        await held.wait()
        play.clock.set(**step)
        for place in range(5):  # each has the outbox look for what is due, her lease being over by the new clock
            await play.text("HELP", person(place))
            await asyncio.sleep(0.02)
        go.set()
        await play.gateway.until(6)
        heard = [text["to"] for text in play.gateway.heard]
        while (status := await play.statuses()) == [("help", "queued")]:
            await asyncio.sleep(0.01)

    assert sorted(heard) == sorted([ANNA, *(person(place) for place in range(5))])
    assert status == [("help", "wired")]


async def test_a_text_that_failed_before_the_clock_went_back_is_tried_again_as_soon_as_it_would_have_been(
    tmp_path: Path,
):
    async with stage(tmp_path) as play:
        await play.gateway.down()
        await play.text("HELP")
        await play.drain()
        play.clock.set(hours=-1)
        await play.drain()  # the clock is looked at, and its new time seen
        await play.gateway.up()
        play.clock.set(seconds=10)
        await play.drain()

        assert await play.statuses() == [("help", "wired")]


async def test_a_farewell_does_not_leave_late_because_the_clock_went_back(tmp_path: Path):
    async with stage(tmp_path) as play:
        await play.gateway.down()
        await play.text("STOP")
        await play.drain()
        play.clock.set(hours=-1)
        for _ in range(7):
            await play.drain()
            play.clock.set(seconds=55)
        await play.gateway.up()
        await play.drain()

        assert await play.statuses() == [("farewell", "expired")]
        assert play.gateway.taken == []


async def test_a_day_forward_counts_as_a_day_what_is_too_old_by_then_is_recorded_as_expired(tmp_path: Path):
    async with stage(tmp_path) as play:
        await play.text("CLUB")
        play.clock.set(hours=23)
        await play.text("HELP", person(1))
        play.clock.set(hours=2)
        await play.drain()

        assert await play.statuses() == [("ask_confirm", "expired")]
        assert await play.statuses(person(1)) == [("help", "wired")]
        assert [text["to"] for text in play.gateway.heard] == [person(1)]


async def _lapse(play: Stage) -> str:
    await play.house.board.timers.ring_due()
    known = await play.house.board.store.person(ANNA)
    assert known is not None
    return known.subscriptions["club"].state


async def test_a_timer_rings_once_however_the_clock_is_set(tmp_path: Path):
    async with stage(tmp_path) as play:
        await play.text("CLUB")
        states = []
        for step in ({"hours": -1}, {"days": 1}, {"hours": -3}, {"days": 1}, {"hours": 4}, {"days": -1}, {"days": 1}):
            play.clock.set(**step)
            states.append(await _lapse(play))
        ledger = [str(row.event) for row in await play.house.board.store.ledger(ANNA)]

    assert states == ["pending"] * 4 + ["stranger"] * 3
    assert ledger == ["asked", "expired"]


async def test_a_server_started_again_after_the_clock_went_back_sends_what_waits_before_what_comes(tmp_path: Path):
    async with stage(tmp_path) as play:
        await play.text("CLUB")
    async with stage(tmp_path, clock=SetClock(timedelta(hours=-1))) as play:
        await play.text("HELP")
        await play.drain()
        keys = [key for key, _ in await play.statuses()]
        left = [text["id"] for text in play.gateway.taken]

    assert keys == ["ask_confirm", "help"]
    assert left == sorted(left)
    assert len(left) == 2


STEPS = st.lists(st.one_of(st.timedeltas(-timedelta(days=400), timedelta(days=400)), st.just(timedelta())), max_size=60)


@given(STEPS)
def test_whatever_is_done_to_the_clock_moments_only_grow_and_ids_made_from_them_are_unique_and_sorted(steps):
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def read() -> datetime:
        return at

    ticks, told = Ticks(read), []
    for step in steps:
        with suppress(OverflowError):
            at += step
        told.append(ticks())
    ids = [mt_id(moment, "http:1", 0) for moment in told]

    assert told == sorted(set(told))
    assert ids == sorted(set(ids))


def test_a_clock_set_back_is_made_up_for_slowly_and_durations_stay_nearly_true():
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def read() -> datetime:
        return at

    ticks = Ticks(read)
    before = ticks()
    at -= timedelta(hours=1)
    just_after = ticks()
    for _ in range(60 * 9):
        at += timedelta(minutes=1)
        last, now = just_after, ticks()
        just_after = now

    assert before < last < now
    assert now == at
