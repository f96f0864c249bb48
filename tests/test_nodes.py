"""Several servers on one PostgreSQL: whichever hears a person, she is answered once, in order, and left alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from boards import ANNA, Board, HandClock, board
from catalogs import CLUB, NUMBER, catalog
from command_line import KEYWORDS, TOKEN, run, serving, write
from postgres import fresh_database
from test_cli_serve import text as text_server

from bot.core.ledger import first_break
from bot.core.messages import MT
from bot.providers import REGISTRY
from bot.providers.contract import Sent
from bot.service.edition import Edition
from bot.service.reload import Keywords
from bot.store.store import postgres_store

MINUTE = timedelta(seconds=60)


@pytest.fixture
def url() -> str:
    return fresh_database()


@asynccontextmanager
async def two(url: str, **more: object) -> AsyncIterator[tuple[Board, Board]]:
    """Two servers, each with its own carrier, on one clock."""
    async with board(url, **more) as one, board(url, **more) as other, asyncio.timeout(20):
        other.ids = one.ids  # what they hear from the provider is told apart
        yield one, other


async def everybody(play: Board, people: list[str]) -> dict[str, list[str]]:
    """Return the events of each person's chain, which must be whole."""
    found = {}
    for msisdn in people:
        person, rows = await play.store.person(msisdn), await play.store.ledger(msisdn)
        assert person is not None
        assert first_break(rows, person.ledger_head, person.salt) is None
        found[msisdn] = [str(row.event) for row in rows]
    return found


async def test_people_whom_nobody_has_met_text_both_servers_at_once_and_each_is_asked_once(url: str):
    people = [f"+3363998{place:04d}" for place in range(200)]
    async with two(url) as (one, other):
        new = await asyncio.gather(
            *(play.text("CLUB", msisdn, id=f"first-{msisdn}") for msisdn in people for play in (one, other))
        )
        events = await everybody(one, people)

    assert sum(new) == len(people)
    assert set(map(tuple, events.values())) == {("asked",)}


async def test_one_persons_messages_are_taken_in_the_order_they_came_whichever_server_took_them(url: str):
    async with two(url) as (one, other):
        for place, words in enumerate(["CLUB", "oui", "STOP", "1", "START", "STOP"]):
            await (one, other)[place % 2].text(words, id=str(place))
        events = await everybody(one, [ANNA])

    assert events[ANNA] == ["asked", "opted_in", "opted_out", "reason", "opted_in", "opted_out"]


async def test_replies_leave_in_the_order_they_were_made_though_the_servers_clocks_differ(url: str):
    async with two(url) as (one, other):
        other.clock.forward(seconds=-2)
        await one.text("CLUB")
        await other.text("HELP")
        one.clock.forward(seconds=5)
        left = [await one.drain(), await one.drain()]

    assert [key for keys in left for key in keys] == ["ask_confirm", "help"]


async def test_a_storm_on_both_servers_leaves_no_chain_broken_and_no_turn_lost(url: str):
    people = [f"+3363997{place:04d}" for place in range(20)]
    words = ["CLUB", "oui", "HELP", "STOP", "START", "OUI", "arrêtez svp"]
    async with two(url) as (one, other):
        texts = [(msisdn, word, f"{msisdn}-{place}") for place, word in enumerate(words) for msisdn in people]
        await asyncio.gather(*(play.text(w, m, id=ref) for m, w, ref in texts for play in (one, other)))
        await everybody(one, people)
        kept = [row for msisdn in people for row in await one.store.timeline(msisdn) if row["direction"] == "mo"]

    assert len(kept) == len(texts)
    assert {row["status"] for row in kept} <= {"taken", "unread"}


async def test_each_queued_text_is_claimed_by_one_server_only(url: str):
    people = [f"+3363996{place:04d}" for place in range(100)]
    async with two(url) as (one, other):
        await asyncio.gather(*(one.text("CLUB", msisdn) for msisdn in people))
        await asyncio.gather(one.board.outbox.drain(), other.board.outbox.drain())

    sent = [mt.msisdn for play in (one, other) for mt in play.carrier.sent]
    assert sorted(sent) == people


async def test_what_a_dead_server_had_claimed_leaves_when_its_lease_is_over(url: str):
    async with two(url) as (one, other):
        await one.text("CLUB")
        claimed = await one.store.claim({NUMBER: None}, one.clock(), MINUTE, 10)
        one.store._claimed.clear()  # it dies: nobody gives the lease back
        at_once = await other.drain()
        other.clock.forward(seconds=61)
        later = await other.drain()

    assert [len(claimed), at_once, later] == [1, [], ["ask_confirm"]]


async def test_a_server_that_stops_gives_back_its_own_leases_and_no_others(url: str):
    async with two(url) as (one, other):
        await one.text("CLUB")
        await one.store.claim({NUMBER: None}, one.clock(), MINUTE, 10)
        await other.store.release()
        kept = await other.drain()
        await one.store.release()
        freed = await other.drain()

    assert [kept, freed] == [[], ["ask_confirm"]]


async def test_a_timer_that_both_servers_hear_rings_once(url: str):
    reminded = catalog(programs={"club": replace(CLUB, remind_after=timedelta(hours=20))})
    async with two(url, known=reminded) as (one, other):
        people = [f"+3363995{place:04d}" for place in range(12)]
        await asyncio.gather(*(one.text("CLUB", msisdn) for msisdn in people))
        now = one.board.clock()
        claimed = [await play.store.claim({NUMBER: 2.0}, now, MINUTE, 6) for play in (one, other)]

    waits = [each.wait for claims in claimed for each in claims if not each.ask_at]
    assert waits == pytest.approx([0.0, 0.0, 0.5, 1.0])
    assert sum(1 for claims in claimed for each in claims if each.ask_at) == 8


async def test_a_stop_at_another_server_keeps_back_what_was_claimed_here(url: str):
    async with two(url, known=catalog(programs={"club": replace(CLUB, opt_in="single")})) as (one, other):
        await one.text("HELP")
        (claimed,) = await one.store.claim({NUMBER: None}, one.clock(), MINUTE, 10)
        stop = asyncio.create_task(other.text("STOP"))
        while (await one.statuses()).get("help") != "cancelled":
            await asyncio.sleep(0.01)
        await one.board.outbox._deliver(claimed)
        await stop

    assert one.carrier.sent == []


async def test_a_stop_is_acknowledged_when_what_another_server_was_sending_has_arrived(
    url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        "bot.service.outbox.LONGEST_QUIET", 20.0
    )  # a machine under load is slow, and that is no failure
    leave, arrived = asyncio.Event(), []

    class Slow:
        can_send = True

        async def send(self, mt: MT) -> Sent:
            await leave.wait()
            arrived.append(mt.text_key)
            return Sent("slow-1")

    async with two(url) as (one, other):
        one.board.outbox._senders = dict.fromkeys(("http", "simulator"), Slow())
        await one.text("HELP")
        sending = asyncio.create_task(one.board.outbox.drain())
        while not await one.store.under_way(ANNA, one.clock()):
            await asyncio.sleep(0.01)
        stop = asyncio.create_task(other.text("STOP"))
        while (await one.statuses())["help"] != "cancelled":
            await asyncio.sleep(0.01)
        waited = not stop.done()
        leave.set()
        await stop
        before = list(arrived)
        await sending
        statuses = await one.statuses()

    assert waited
    assert before[:1] == ["help"], "her farewell may follow at once"
    assert statuses["help"] == "wired", "what has left is not recorded as cancelled"


async def test_a_transaction_that_another_server_got_in_the_way_of_is_run_again(url: str):
    tries = []

    def work(hot) -> int:
        tries.append(hot)
        if len(tries) < 3:
            raise asyncpg.DeadlockDetectedError("deadlock detected")
        return len(tries)

    async with board(url) as play:
        assert await play.store._database.write(work) == 3


# ---- keywords.yaml over several servers ---------------------------------------------------------------------------


@asynccontextmanager
async def edition(url: str, folder: Path, words: str) -> AsyncIterator[tuple[Edition, Keywords]]:
    """One server's part in it, with a keywords.yaml of its own."""
    folder.mkdir(exist_ok=True)  # noqa: ASYNC240
    store = postgres_store(url)
    await store.open()
    keywords = Keywords(write(folder, words) / "keywords.yaml", tuple(REGISTRY))
    keywords.load()

    async def adopted(_: object) -> None:
        """Nothing more is to be done here."""

    made = Edition(store, keywords, HandClock(), adopted)
    await made.start()
    try:
        yield made, keywords
    finally:
        await made.close()
        await store.close()


NEWER = KEYWORDS.replace("Le Zinc", "Le Nouveau Zinc")


async def test_a_new_file_on_one_server_is_in_force_on_all(url: str, tmp_path: Path):
    async with (
        edition(url, tmp_path / "one", KEYWORDS) as (_, one),
        edition(url, tmp_path / "two", NEWER) as (_, other),
        asyncio.timeout(5),
    ):
        while one.catalog().brand != "Le Nouveau Zinc":
            await asyncio.sleep(0.05)

    assert (one.older, other.older) == (True, False)
    assert one.catalog().digest == other.catalog().digest


async def test_a_server_that_starts_with_a_file_of_yesterday_answers_from_todays_and_says_so(url: str, tmp_path: Path):
    async with edition(url, tmp_path / "one", KEYWORDS):
        pass
    async with edition(url, tmp_path / "two", NEWER):
        pass
    async with edition(url, tmp_path / "one", KEYWORDS) as (_, keywords):
        assert keywords.catalog().brand == "Le Nouveau Zinc"
        assert keywords.older


async def test_an_older_version_that_is_saved_again_is_in_force_again(url: str, tmp_path: Path):
    async with edition(url, tmp_path / "one", KEYWORDS):
        pass
    async with edition(url, tmp_path / "two", NEWER) as (mine, keywords), asyncio.timeout(5):
        write(tmp_path / "two", KEYWORDS)
        await keywords.reload(mine.put)
        assert await mine._store.digest_in_force() == keywords.catalog().digest
    assert keywords.catalog().brand == "Le Zinc"


# ---- as processes -------------------------------------------------------------------------------------------------


def test_two_servers_started_as_processes_answer_one_person_once_and_the_other_goes_on_when_one_is_killed(
    url: str, tmp_path: Path
):
    environ = {"HTTP_TOKEN": TOKEN, "DATABASE_URL": url}
    with serving(write(tmp_path), **environ) as one:
        with serving(tmp_path, **environ, ends=-9) as other:
            first = [text_server(each.address, "1", "club") for each in (one, other)]
            second = [text_server(each.address, "2", "oui") for each in (other, one)]
            other.process.kill()
        third = text_server(one.address, "3", "stop")
        beside = run(tmp_path, "contact", "+33639980001", **environ)

    assert [answer["status"] for answer in (*first, *second, third)] == [
        "accepted", "duplicate", "accepted", "duplicate", "accepted",
    ]  # fmt: skip
    assert "Verified" in beside.stdout
