"""The inbox: on disk before it is acknowledged, once however often it is delivered, alone when it fails."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from boards import ANNA, BERT, board, query_only
from catalogs import NUMBER, catalog

import bot.turn
from bot.core.errors import Unavailable
from bot.core.ledger import Event, first_break
from bot.core.messages import MO
from bot.core.understanding import Intent

pytestmark = pytest.mark.usefixtures("each_engine")


@pytest.fixture
def keyword_turns_raise(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug of ours in one handler: every keyword's turn raises."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setitem(bot.turn.HANDLERS, Intent.KEYWORD, broken)


async def test_a_message_delivered_twice_is_answered_once():
    async with board() as play:
        first = await play.text("CLUB", id="7")
        again = await play.text("CLUB", id="7")
        messages = await play.store.timeline(ANNA)

    assert (first, again) == (True, False)
    assert [row["direction"] for row in messages] == ["mo", "mt"]


async def test_a_message_delivered_twice_in_one_batch_is_answered_once():
    async with board() as play:
        answers = await asyncio.gather(*(play.text("CLUB", id="7") for _ in range(5)))
        messages = await play.store.timeline(ANNA)

    assert answers == [True, False, False, False, False]
    assert len(messages) == 2


async def test_the_messages_of_one_person_in_one_batch_are_taken_in_order():
    async with board() as play:
        await asyncio.gather(*(play.text(text) for text in ("CLUB", "OUI", "STOP")))
        events = [row.event for row in await play.store.ledger(ANNA)]
        person = await play.store.person(ANNA)
        rows = await play.store.ledger(ANNA)

    assert events == [Event.ASKED, Event.OPTED_IN, Event.OPTED_OUT]
    assert person is not None
    assert first_break(rows, person.ledger_head, person.salt) is None


async def test_a_stop_cancels_what_the_same_batch_had_queued_before_it():
    async with board() as play:
        await asyncio.gather(*(play.text(text) for text in ("CLUB", "OUI", "STOP")))
        left = await play.drain()

    assert left == ["farewell"]


async def test_a_stop_cancels_what_lies_in_the_outbox_in_its_own_transaction(tmp_path: Path):
    async with board(str(tmp_path / "test.db")) as play:
        await play.text("CLUB")
        await play.text("STOP")
        statuses = await play.statuses()
        left = await play.drain()

    assert statuses == {"ask_confirm": "cancelled", "farewell": "queued"}
    assert left == ["farewell"]


async def test_a_turn_that_raises_is_rolled_back_alone_and_kept_for_replay(keyword_turns_raise: None):
    async with board() as play:
        answers = await asyncio.gather(play.text("CLUB", ANNA), play.text("HELP", BERT))
        failed = await play.store.failed(10)
        anna, bert = await play.store.timeline(ANNA), await play.store.timeline(BERT)

    assert answers == [True, True]
    assert [(row["msisdn"], row["text"]) for row in failed] == [(ANNA, "CLUB")]
    assert "ZeroDivisionError: a bug" in failed[0]["error"]
    assert [row["status"] for row in anna] == ["failed"]
    assert [row["direction"] for row in bert] == ["mo", "mt"]


async def test_a_failed_message_delivered_again_is_a_duplicate(keyword_turns_raise: None):
    async with board() as play:
        assert [await play.text("CLUB", id="7"), await play.text("CLUB", id="7")] == [True, False]


async def test_a_stop_is_obeyed_even_where_its_turn_raises(monkeypatch: pytest.MonkeyPatch):
    async with board() as play:
        await play.text("CLUB")
        await play.text("OUI")
        monkeypatch.setitem(bot.turn.HANDLERS, Intent.STOP, None)
        await play.text("STOP")

        assert await play.state() == "unsubscribed"
        assert await play.drain() == []
        assert len(await play.store.failed(10)) == 1


async def test_a_stop_to_a_number_that_the_file_has_dropped_is_obeyed_without_a_word():
    async with board() as play:
        await play.text("CLUB")
        await play.text("OUI")
        play.catalog = catalog(numbers={}, programs={})
        mo = await _stray(play, "STOP", "9")
        chat = await _stray(play, "hello there", "10")

        assert (mo, chat) == (True, False)
        assert await play.state() == "unsubscribed"


async def _stray(play, text: str, id: str) -> bool:
    return await play.board.inbox.take_stray(MO("http", id, ANNA, NUMBER, text, play.clock()))


async def test_after_closing_nothing_more_is_accepted():
    async with board() as play:
        await play.board.inbox.close()

        with pytest.raises(Unavailable, match="stopping"):
            await play.text("CLUB")


async def test_a_database_that_takes_no_writes_refuses_the_message_and_recovers(tmp_path: Path):
    async with board(str(tmp_path / "test.db")) as play:
        await query_only(play.store, "ON")
        with pytest.raises(Unavailable):
            await play.text("CLUB", id="7")
        await query_only(play.store, "OFF")

        assert await play.text("CLUB", id="7")
        assert [row["direction"] for row in await play.store.timeline(ANNA)] == ["mo", "mt"]


async def test_the_ledger_and_the_turn_cite_the_catalog_that_was_in_force():
    async with board() as play:
        await play.text("CLUB")
        play.catalog = replace(play.catalog, digest="feedfeedfeed")
        await play.text("OUI")
        cited = [row.catalog for row in await play.store.ledger(ANNA)]

    assert cited == ["0123456789ab", "feedfeedfeed"]


async def test_an_opt_out_that_came_by_another_way_ends_the_programs_without_a_text():
    async with board() as play:
        await play.text("CLUB")
        await play.text("OUI")
        await play.drain()
        await play.board.inbox.opt_out(ANNA, NUMBER, "api")
        rows = await play.store.ledger(ANNA)

        assert await play.state() == "unsubscribed"
        assert (rows[-1].event, rows[-1].source) == (Event.OPTED_OUT, "api")
        assert await play.drain() == []
