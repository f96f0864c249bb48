"""The outbox: in order, once, never after a STOP, again when it may pass and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from boards import ANNA, BERT, Board, board
from catalogs import NUMBER, catalog

from bot.core.effects import WakeKind
from bot.core.errors import Misconfigured, OptedOutAtProvider, Rejected, SendError, Throttled, Unreachable
from bot.core.ledger import Event
from bot.core.messages import MT
from bot.core.pace import LONGEST, place

pytestmark = pytest.mark.usefixtures("each_engine")


@asynccontextmanager
async def _on_its_way(play: Board) -> AsyncIterator[asyncio.Event]:
    """Let a text be on its way to Anna until she gets it, which is when the event is set; others leave at once."""
    await play.text("CLUB", ANNA)
    sending, arrive, send = asyncio.Event(), asyncio.Event(), play.carrier.send

    async def slow(mt: MT):
        if mt.text_key == "ask_confirm":
            sending.set()
            await arrive.wait()
        return await send(mt)

    play.carrier.send = slow
    draining = asyncio.create_task(play.drain())
    await sending.wait()
    yield arrive
    await draining


async def test_replies_of_one_person_leave_in_the_order_they_were_made():
    async with board() as play:
        for text in ("CLUB", "HELP", "OUI"):
            await play.text(text)

        assert await play.drain() == ["ask_confirm", "help", "welcome"]


async def test_a_reply_that_must_wait_keeps_the_later_ones_of_the_same_person_waiting_and_nobody_elses():
    async with board() as play:
        play.carrier.fail = lambda mt: Unreachable("down") if mt.text_key == "ask_confirm" else None
        await play.text("CLUB", ANNA)
        await play.text("HELP", ANNA)
        await play.text("HELP", BERT)
        first = await play.drain()
        play.carrier.fail = lambda mt: None
        play.clock.forward(seconds=10)

        assert first == ["help"]
        assert play.carrier.sent[0].msisdn == BERT
        assert await play.drain() == ["ask_confirm", "help"]


@pytest.mark.parametrize(
    ("error", "waits"), [(Unreachable("down"), 2), (Throttled("slow", after=30), 31), (Misconfigured("token"), 60)]
)
async def test_what_may_pass_is_tried_again_after_a_wait(error: SendError, waits: float):
    async with board() as play:
        play.carrier.fail = lambda mt: error
        await play.text("CLUB")
        await play.drain()
        play.carrier.fail = lambda mt: None
        play.clock.forward(seconds=waits / 2 - 0.1)
        early = await play.drain()
        play.clock.forward(seconds=waits)

        assert early == []
        assert await play.drain() == ["ask_confirm"]
        assert await play.statuses() == {"ask_confirm": "wired"}


async def test_what_will_not_pass_is_given_up_and_says_why():
    async with board() as play:
        play.carrier.fail = lambda mt: Rejected("no such phone number")
        await play.text("CLUB")
        await play.drain()
        row = (await play.store.timeline(ANNA))[-1]

    assert (row["status"], row["error"], row["attempts"]) == ("failed", "no such phone number", 1)


async def test_an_error_nobody_foresaw_loses_no_text():
    async with board() as play:
        play.carrier.fail = lambda mt: RuntimeError("a bug")
        await play.text("CLUB")
        await play.drain()
        play.carrier.fail = lambda mt: None
        play.clock.forward(minutes=1)

        assert await play.drain() == ["ask_confirm"]


async def test_a_person_blocked_at_the_provider_has_opted_out_and_that_is_recorded():
    async with board() as play:
        await play.text("CLUB")
        await play.text("OUI")
        await play.drain()
        play.carrier.fail = lambda mt: OptedOutAtProvider("she sent STOP")
        await play.text("HELP")
        await play.drain()

        assert await play.state() == "unsubscribed"
        assert [row.event for row in await play.store.ledger(ANNA)][-1] == Event.CARRIER_BLOCKED


async def test_a_farewell_that_could_not_leave_in_five_minutes_does_not_leave_at_all():
    async with board() as play:
        play.carrier.fail = lambda mt: Unreachable("down")
        await play.text("CLUB")
        await play.text("STOP")
        await play.drain()
        play.carrier.fail = lambda mt: None
        play.clock.forward(minutes=6)

        assert await play.drain() == []
        assert (await play.statuses())["farewell"] == "expired"


async def test_a_text_already_claimed_when_the_stop_came_does_not_leave():
    async with board() as play:
        await play.text("CLUB", ANNA)
        deliver = play.board.outbox._deliver

        async def delayed(claimed):  # the STOP is acknowledged between the claim and the send
            if claimed.mt.text_key == "ask_confirm":
                await play.text("STOP", ANNA)
            await deliver(claimed)

        play.board.outbox._deliver = delayed
        left = await play.drain()

        assert left == ["farewell"]
        assert await play.statuses() == {"ask_confirm": "cancelled", "farewell": "wired"}


async def test_a_stop_is_acknowledged_when_what_was_on_its_way_has_arrived_and_that_is_recorded_as_gone():
    async with board() as play:
        await play.text("CLUB", ANNA)
        sending, go = asyncio.Event(), asyncio.Event()
        send = play.carrier.send

        async def slow(mt: MT):
            sending.set()
            await go.wait()
            return await send(mt)

        play.carrier.send = slow
        draining = asyncio.create_task(play.drain())
        await sending.wait()
        stopping = asyncio.create_task(play.text("STOP", ANNA))
        while await play.state() != "unsubscribed":
            await asyncio.sleep(0.01)
        acknowledged_early = stopping.done()
        go.set()
        await draining
        await stopping

        assert not acknowledged_early
        assert await play.statuses() == {"ask_confirm": "wired", "farewell": "wired"}


async def test_a_stop_delivered_twice_is_not_acknowledged_earlier_the_second_time():
    async with board() as play, _on_its_way(play) as arrive:
        first = asyncio.create_task(play.text("STOP", ANNA, id="stop"))
        while await play.state() != "unsubscribed":
            await asyncio.sleep(0.01)
        again = asyncio.create_task(play.text("STOP", ANNA, id="stop"))
        await asyncio.sleep(0.1)
        acknowledged_early = again.done()
        arrive.set()

        assert [await first, await again] == [True, False]
        assert not acknowledged_early


async def test_a_farewell_leaves_after_what_was_on_its_way():
    async with board() as play, _on_its_way(play) as arrive:
        stop = asyncio.create_task(play.text("STOP", ANNA))
        while await play.state() != "unsubscribed":
            await asyncio.sleep(0.01)
        farewell = asyncio.create_task(play.drain())
        await asyncio.sleep(0.1)
        arrive.set()
        await farewell
        await stop

        assert play.carrier.keys == ["ask_confirm", "farewell"]


async def test_a_reminder_does_not_leave_if_she_has_answered_meanwhile():
    club = catalog().programs["club"]
    known = catalog(programs={"club": replace(club, remind_after=timedelta(hours=20))})
    async with board(known=known) as play:
        await play.text("CLUB")
        await play.drain()
        play.clock.forward(hours=21)
        await play.board.timers.ring_due()
        queued = await play.statuses()
        await play.text("OUI")
        left = await play.drain()

    assert queued["reminder"] == "queued"
    assert left == ["welcome"]


async def test_mts_wait_while_the_provider_cannot_send_and_leave_when_it_can():
    async with board() as play:
        play.carrier.can_send = False
        await play.text("CLUB")
        waiting = await play.drain()
        play.carrier.can_send = True

        assert waiting == []
        assert await play.drain() == ["ask_confirm"]


async def test_a_server_that_starts_again_sends_what_the_last_one_left(tmp_path: Path):
    path = str(tmp_path / "test.db")
    async with board(path) as play:
        await play.text("CLUB")
        await play.store.claim({NUMBER: None}, play.board.clock(), timedelta(seconds=60), 10)
    async with board(path) as play:
        await play.store.release()

        assert await play.drain() == ["ask_confirm"]


async def test_it_sends_by_itself_as_soon_as_something_is_queued():
    async with board(by_hand=False) as play:
        await play.text("CLUB")
        async with asyncio.timeout(5):
            while not play.carrier.sent:
                await asyncio.sleep(0.01)

    assert play.carrier.keys == ["ask_confirm"]


async def test_closing_gives_back_what_was_claimed_and_not_sent():
    async with board() as play:
        await play.text("CLUB")
        play.board.outbox._stopping = True
        await play.board.outbox._claim()
        await asyncio.gather(*play.board.outbox._sending)

        assert play.carrier.sent == []
        assert await play.statuses() == {"ask_confirm": "queued"}
        assert len(await play.store.claim({NUMBER: None}, play.board.clock(), timedelta(seconds=60), 10)) == 1


async def test_a_timer_rings_once_and_a_dropped_one_never():
    async with board() as play:
        await play.text("CLUB")
        *_, last = timers = await play.store.timers(ANNA)
        play.clock.forward(hours=49)

        assert last.kind is WakeKind.EXPIRE
        assert [await play.board.timers.ring_due(), await play.board.timers.ring_due()] == [len(timers), 0]
        assert await play.board.inbox.ring(last) is False
        assert await play.state() == "stranger"


def test_a_paced_number_sends_no_faster_than_its_rate():
    waits, free_at = [], 0.0
    for _ in range(21):
        wait, free_at = place(free_at, 50.0, 10)
        waits.append(wait)

    assert waits[:10] == pytest.approx([0.0] * 10)
    assert waits[19] == pytest.approx(1.0)
    assert waits[20] > LONGEST


def test_a_number_that_rested_gets_a_seconds_worth_and_no_more():
    free_at = 0.0
    for _ in range(5):
        _, free_at = place(free_at, 0, 5)
    waits = []
    for _ in range(6):
        wait, free_at = place(free_at, 100, 5)
        waits.append(wait)

    assert waits == pytest.approx([0.0] * 5 + [0.2])


async def test_a_slow_numbers_backlog_does_not_keep_another_numbers_texts_waiting():
    slow = "+33644600009"
    numbers = {NUMBER: catalog().numbers[NUMBER]}
    numbers[slow] = replace(numbers[NUMBER], number=slow, pace=1.0)
    async with board(known=catalog(numbers=numbers), by_hand=False) as play:
        people = [f"+3363998{place:04d}" for place in range(150)]
        await asyncio.gather(*(play.text("HELP", person, slow) for person in people))
        await play.text("CLUB", "+33639989999")
        async with asyncio.timeout(5):
            while "ask_confirm" not in play.carrier.keys:
                await asyncio.sleep(0.01)

    assert play.carrier.keys.count("help") < 10


async def test_what_a_stop_withdrew_is_remembered_however_many_others_leave():
    async with board() as play:
        play.board.outbox.withdraw(["hers"])
        play.board.outbox.withdraw([f"other-{place}" for place in range(20_000)])

        assert "hers" in play.board.outbox._withdrawn


async def test_a_bug_while_claiming_does_not_end_the_sending():
    async with board(by_hand=False) as play:
        claim, failed = play.store.claim, []

        async def broken_once(*asked):
            if not failed:
                failed.append(asked)
                raise ZeroDivisionError("a bug")
            return await claim(*asked)

        play.store.claim = broken_once
        await play.text("CLUB")
        async with asyncio.timeout(8):
            while not play.carrier.sent:
                await asyncio.sleep(0.02)

    assert len(failed) == 1
