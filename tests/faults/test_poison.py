"""What cannot be done, or not even be read, keeps nobody else's from being done, and a STOP is obeyed all the same."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from boards import ANNA, BERT, Board, board
from catalogs import CLUB, NUMBER, catalog
from faults.stage import OURS, TOKEN, person, stage
from structlog.testing import capture_logs

from bot.app import make_web
from bot.core.catalog import Keyword
from bot.core.ledger import first_break
from bot.providers.contract import Sent

pytestmark = pytest.mark.slow

PEOPLE = [person(place) for place in range(100)]


def change(folder: Path, statement: str, *values: object) -> None:
    """Put a hand into the database."""
    with closing(sqlite3.connect(folder / "test.db", timeout=5)) as there, there:
        assert there.execute(statement, values).rowcount == 1


@pytest.fixture(autouse=True)
def told() -> Iterator[list[Any]]:
    """Keep what is logged; drawing so many tracebacks takes longer than all the rest."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "test.db")


SOUND = catalog()  # one for all tests: its words are compiled once
BOOM = {NUMBER: {**SOUND.keywords_on(NUMBER), "BOOM": Keyword("BOOM", "reply", "nowhere", 1)}}
POISONED = catalog(keywords=BOOM, programs={"club": replace(CLUB, survey="nowhere")})
"""A file that no check would let pass: BOOM leads nowhere, and so does the club's survey."""


async def test_a_text_whose_turn_raises_fails_alone_in_its_batch_and_is_kept(path: str, told: list[Any]):
    async with board(path, POISONED) as play:
        texts = ["BOOM" if place % 50 == 7 else "CLUB" for place in range(len(PEOPLE))]
        answers = await asyncio.gather(*(play.text(text, each) for text, each in zip(texts, PEOPLE, strict=True)))
        failed = await play.store.failed(10)
        left = await play.drain()

    assert answers == [True] * len(PEOPLE)
    assert sorted(row["msisdn"] for row in failed) == [PEOPLE[7], PEOPLE[57]]
    assert {row["text"] for row in failed} == {"BOOM"}
    assert [line["event"] for line in told] == ["turn failed", "turn failed"]
    assert left == ["ask_confirm"] * (len(PEOPLE) - 2)


async def test_a_stop_whose_turn_raises_is_obeyed_and_kept(path: str):
    async with board(path, POISONED) as play:
        await play.text("CLUB")
        await asyncio.gather(play.text("STOP"), play.text("CLUB", BERT))
        rows, known = await play.store.ledger(ANNA), await play.store.person(ANNA)
        failed = [row["text"] for row in await play.store.failed(10)]

        assert await play.state() == "unsubscribed"
        assert await play.state(BERT) == "pending"
        assert await play.drain() == ["ask_confirm"]  # Bert's: hers is cancelled
    assert failed == ["STOP"]
    assert known is not None
    assert first_break(rows, known.ledger_head, known.salt) is None


CONTACTS = {
    "talks that are no JSON": ("UPDATE contacts SET talks = '{' WHERE msisdn = ?", ANNA),
    "talks of another version": ("UPDATE contacts SET talks = '{\"talks\": 2}' WHERE msisdn = ?", ANNA),
    "a moment that is none": ("UPDATE subscriptions SET since = 'soon' WHERE msisdn = ?", ANNA),
    "a state nobody knows": ("UPDATE subscriptions SET state = 'betwixt' WHERE msisdn = ?", ANNA),
}


@pytest.mark.parametrize("statement", CONTACTS.values(), ids=CONTACTS)
async def test_a_stop_by_somebody_whose_rows_cannot_be_read_is_obeyed_and_the_rest_of_the_batch_answered(
    tmp_path: Path, path: str, statement: tuple[str, ...]
):
    async with board(path, SOUND) as play:
        await play.text("CLUB")
        await play.text("OUI")
        await play.drain()
        change(tmp_path, *statement)
        answers = await asyncio.gather(play.text("STOP"), *(play.text("CLUB", each) for each in PEOPLE))
        rows, known = await play.store.ledger(ANNA), await play.store.person(ANNA)
        left = await play.drain()

        assert await play.state() == "unsubscribed"
    assert answers == [True] * (1 + len(PEOPLE))
    assert left.count("ask_confirm") == len(PEOPLE)
    assert [str(row.event) for row in rows][:2] == ["asked", "opted_in"]
    assert str(rows[-1].event) == "opted_out"
    assert known is not None
    assert first_break(rows, known.ledger_head, known.salt) is None


async def test_what_she_texts_after_that_is_answered_as_ever(tmp_path: Path, path: str):
    async with board(path, SOUND) as play:
        await play.text("CLUB")
        change(tmp_path, *CONTACTS["talks that are no JSON"])
        await play.text("OUI")
        kept = [row["text"] for row in await play.store.failed(10)]
        await play.text("OUI")

        assert kept == ["OUI"]
        assert await play.state() == "subscribed"


async def test_over_http_only_the_message_that_cannot_be_written_is_refused(tmp_path: Path):
    async with stage(tmp_path) as play, TestClient(TestServer(make_web(play.house))) as client:
        await play.text("CLUB", PEOPLE[0])
        change(tmp_path, "UPDATE contacts SET suppressed_at = 'never' WHERE msisdn = ?", PEOPLE[0])

        async def post(msisdn: str) -> int:
            body = {"id": f"x{msisdn}", "from": msisdn, "to": OURS, "text": "CLUB"}
            headers = {"Authorization": f"Bearer {TOKEN}"}
            async with client.post("/webhooks/http/mo", json=body, headers=headers) as answer:
                return answer.status

        statuses = await asyncio.gather(*map(post, PEOPLE))

    assert statuses == [503] + [200] * (len(PEOPLE) - 1)


# ---- the outbox -------------------------------------------------------------------------------------------------

OUTBOX = {
    "a purpose nobody knows": "UPDATE messages SET purpose = 'fun' WHERE msisdn = ? AND direction = 'mt'",
    "a moment that is none": "UPDATE messages SET at = 'then' WHERE msisdn = ? AND direction = 'mt'",
    "a moment past all years": "UPDATE messages SET at = 9e17 WHERE msisdn = ? AND direction = 'mt'",
}


@pytest.mark.parametrize("statement", OUTBOX.values(), ids=OUTBOX)
async def test_a_row_of_the_outbox_that_cannot_be_read_fails_and_what_is_behind_it_leaves(
    tmp_path: Path, path: str, statement: str
):
    async with board(path, SOUND) as play:
        await asyncio.gather(*(play.text("CLUB", each) for each in (ANNA, *PEOPLE)))
        change(tmp_path, statement, ANNA)
        await play.board.take_over()  # as a server does that starts
        left = await play.drain()
        with closing(sqlite3.connect(path)) as there:
            query = "SELECT status, error FROM messages WHERE msisdn = ? AND direction = 'mt'"
            ((status, error),) = there.execute(query, (ANNA,)).fetchall()

    assert left == ["ask_confirm"] * len(PEOPLE)
    assert (status, error.partition(":")[0]) == ("failed", "its row cannot be read")


@pytest.mark.parametrize("statement", OUTBOX.values(), ids=OUTBOX)
async def test_a_stop_cancels_a_row_that_cannot_be_read_too(tmp_path: Path, path: str, statement: str):
    async with board(path, SOUND) as play:
        await play.text("CLUB")
        change(tmp_path, statement, ANNA)
        await play.text("STOP")

        assert await play.state() == "unsubscribed"
        assert await play.drain() == ["farewell"]


async def test_a_text_that_left_and_cannot_be_written_down_is_not_sent_again_and_the_others_are_settled(path: str):
    async with board(path, SOUND) as play:
        send = play.carrier.send

        async def odd(mt):
            await send(mt)
            return Sent("\ud800" if mt.msisdn == ANNA else "plain")

        play.carrier.send = odd
        await asyncio.gather(*(play.text("CLUB", each) for each in (ANNA, *PEOPLE)))
        with pytest.raises(UnicodeEncodeError):
            await play.drain()
        await play.drain()
        for _ in range(3):
            play.clock.forward(minutes=2)  # her lease is over
            with pytest.raises(UnicodeEncodeError):
                await play.drain()
        left = [mt.msisdn for mt in play.carrier.sent]
        statuses = [(await play.statuses(each))["ask_confirm"] for each in PEOPLE]

    assert sorted(left) == sorted([ANNA, *PEOPLE])
    assert statuses == ["wired"] * len(PEOPLE)


# ---- timers -----------------------------------------------------------------------------------------------------


async def ring_all(play: Board) -> list[int]:
    """Move on by a day, and ring until nothing rings any more."""
    play.clock.forward(days=3)
    rung = []
    while count := await play.board.timers.ring_due():
        rung.append(count)
        assert len(rung) < 10
    return rung


async def test_a_timer_of_a_kind_nobody_knows_rings_in_vain_once_and_the_others_ring(tmp_path: Path, path: str):
    async with board(path, SOUND) as play:
        await asyncio.gather(*(play.text("CLUB", each) for each in (ANNA, *PEOPLE)))
        change(tmp_path, "UPDATE wakes SET kind = 'dance' WHERE msisdn = ? AND kind = 'expire'", ANNA)
        await ring_all(play)
        with closing(sqlite3.connect(path)) as there:
            remaining = there.execute("SELECT count(*) FROM wakes").fetchall()
        states = [await play.state(each) for each in PEOPLE]

        assert await play.state() == "pending"
        assert await play.board.store.next_wake() is None
    assert states == ["stranger"] * len(PEOPLE)
    assert remaining == [(0,)]


async def test_timers_ring_by_themselves_behind_one_that_cannot(tmp_path: Path, path: str):
    async with board(path, SOUND, by_hand=False) as play:
        await asyncio.gather(*(play.text("CLUB", each) for each in (ANNA, BERT)))
        change(tmp_path, "UPDATE contacts SET suppressed_at = 'never' WHERE msisdn = ?", ANNA)
        play.clock.forward(days=3)
        play.board.timers.expect(play.clock() - timedelta(days=1))
        async with asyncio.timeout(10):
            while await play.state(BERT) == "pending":
                await asyncio.sleep(0.02)

        assert await play.text("HELP", BERT)
