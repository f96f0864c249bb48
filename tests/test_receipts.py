"""Delivery reports in any order, timers that ring by themselves, and a clock that never goes back."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from boards import ANNA, NOON, board
from catalogs import catalog

from bot.core.ledger import Event
from bot.core.messages import DLR, Status
from bot.service.ticks import Ticks

pytestmark = pytest.mark.usefixtures("each_engine")


async def test_a_report_that_came_before_the_send_had_returned_is_taken_when_it_has():
    async with board() as play:
        await play.text("CLUB")
        await play.board.receipts.take(DLR("http", Status.DELIVERED, ref="carrier-1"))
        early = await play.statuses()
        await play.drain()

        assert early == {"ask_confirm": "queued"}
        assert await play.statuses() == {"ask_confirm": "delivered"}


async def test_of_reports_that_came_too_early_the_furthest_counts():
    async with board() as play:
        await play.text("CLUB")
        for status in (Status.DELIVERED, Status.SENT):
            await play.board.receipts.take(DLR("http", status, ref="carrier-1"))
        await play.drain()

        assert await play.statuses() == {"ask_confirm": "delivered"}


async def test_a_report_about_nobodys_text_is_forgotten_after_a_while():
    async with board() as play:
        await play.board.receipts.take(DLR("http", Status.SENT, ref="nobody"))
        play.clock.forward(minutes=11)
        await play.board.receipts.take(DLR("http", Status.SENT, ref="somebody"))

        assert [key[1] for key in play.board.receipts._early] == ["somebody"]


async def test_a_report_that_says_she_has_opted_out_is_an_opt_out():
    async with board() as play:
        for text in ("CLUB", "OUI"):
            await play.text(text)
            await play.drain()
        report = DLR("http", Status.FAILED, ref="carrier-2", error="21610", opted_out=True)
        await play.board.receipts.take(report)

        assert await play.state() == "unsubscribed"
        assert (await play.store.ledger(ANNA))[-1].event == Event.CARRIER_BLOCKED


async def test_a_timer_rings_by_itself_when_its_time_has_come():
    club = replace(catalog().programs["club"], confirm_within=timedelta(seconds=0.2), remind_after=None)
    async with board(known=catalog(programs={"club": club}), by_hand=False) as play:
        began = time.monotonic()
        play.board.clock._clock = lambda: NOON + timedelta(seconds=time.monotonic() - began)
        await play.text("CLUB")
        async with asyncio.timeout(5):
            while await play.state() != "stranger":
                await asyncio.sleep(0.02)
        events = [row.event for row in await play.store.ledger(ANNA)]

    assert events == [Event.ASKED, Event.EXPIRED]


def test_a_clock_that_is_set_back_never_tells_an_earlier_moment():
    told = iter([NOON, NOON - timedelta(hours=1), NOON, NOON + timedelta(seconds=1)])
    ticks = Ticks(lambda: next(told))
    moments = [ticks() for _ in range(4)]

    assert moments == sorted(set(moments))
    assert moments[-1] == NOON + timedelta(seconds=1)
