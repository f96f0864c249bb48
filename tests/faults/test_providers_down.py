"""A provider that is down, slow, garbled or silent: every text leaves once it is up again, in order, none twice."""

from __future__ import annotations

import ast
import asyncio
import socket
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import ClientTimeout
from faults.gateways import Behaviour, Text, answer, dripping, late, saying, silent, well
from faults.stage import OURS, QUICK, THEIRS, Stage, person, stage

import bot
from bot.core.errors import Unreachable
from bot.providers.calling import TIME_LIMITS, open_session, post
from bot.service.outbox import LEASE, LONGEST_SEND

pytestmark = pytest.mark.slow

PEOPLE = [person(place) for place in range(30)]
ZEROS = zlib.compressobj(9, zlib.DEFLATED, 31)
BOMB = ZEROS.compress(bytes(64 * 1024 * 1024)) + ZEROS.flush()

# It did not take the text, or we cannot know: tried again.
REFUSES: dict[str, Behaviour] = {
    "500 and a page of HTML": saying(answer(b"<html><h1>Oops</h1>", "500 Internal Server Error")),
    "502 and nothing": saying(answer(b"", "502 Bad Gateway")),
    "503 and half a JSON": saying(answer(b'{"error": ', "503 Service Unavailable")),
    "another protocol": saying(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", closes=True),
    "bytes of all kinds": saying(bytes(range(256)) * 20, closes=True),
    "headers without end": saying(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000),
    "half a status line": saying(b"HTTP/1.", closes=True),
    "nothing, and closes": saying(b"", closes=True),
    "nothing, and stays": silent,
    "the right answer, too late": late(0.6),
    "429 that does not say until when": saying(answer(b"", "429 Too Many Requests", Retry_After="soon")),
}  # fmt: skip
# It said 2xx: the text was taken, whatever else it says, and is not sent again.
TAKES: dict[str, Behaviour] = {
    "an answer": well,
    "HTML": saying(answer(b"<html>OK</html>", Content_Type="text/html")),
    "half a JSON": saying(answer(b'{"ref": ')),
    "JSON nested 100,000 deep": saying(answer(b"[" * 100_000)),
    "a ref that is none": saying(answer(b'{"ref": {"a": [1]}}')),
    "nothing at all": saying(answer(b"", "204 No Content")),
    "10 MB": saying(answer(b"x" * 10_000_000), closes=True),
    "64 MB of zeros, zipped": saying(answer(BOMB, Content_Encoding="gzip")),
    "what it says is zipped, and is not": saying(answer(b"plain", Content_Encoding="gzip")),
    "a body that breaks off": saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", closes=True),
    "a body that never ends": dripping,
}  # fmt: skip


def sent_to(texts: list[Text], msisdn: str) -> list[str]:
    return [text["id"] for text in texts if text["to"] == msisdn]


async def test_after_minutes_without_a_gateway_every_text_leaves_once_and_in_order(tmp_path: Path):
    async with stage(tmp_path) as play:
        await play.gateway.down()
        for words in ("CLUB", "HELP", "OUI"):
            await asyncio.gather(*(play.text(words, each) for each in PEOPLE))
        for _ in range(5):
            await play.drain()
            play.clock.set(minutes=1)
        heard = len(play.gateway.heard)
        await play.gateway.up()
        for _ in range(10):
            await play.drain()
            play.clock.set(minutes=1)
        made = {each: [row["ref"] for row in await play.mts(each)] for each in PEOPLE}

    assert heard == 0
    assert len(play.gateway.heard) == len(play.gateway.taken) == 3 * len(PEOPLE)
    assert {each: sent_to(play.gateway.taken, each) for each in PEOPLE} == made


async def test_it_tries_again_by_itself(tmp_path: Path):
    async with stage(tmp_path, by_hand=False) as play:
        await play.gateway.down()
        await asyncio.gather(*(play.text("CLUB", each) for each in PEOPLE))
        while b"unreachable" not in play.house.board.meters.text():
            await asyncio.sleep(0.05)
        await play.gateway.up()
        await play.gateway.until(len(PEOPLE))

    assert len({text["id"] for text in play.gateway.taken}) == len(play.gateway.heard) == len(PEOPLE)


async def _one_each(play: Stage, behaviours: dict[str, Behaviour]) -> None:
    """Let each behaviour meet one person's text."""
    mine = {person(place): behave for place, behave in enumerate(behaviours.values())}

    async def behave(text: Text, writer: asyncio.StreamWriter) -> bool:
        return await mine[text["to"]](text, writer)

    play.gateway.behave = behave
    await asyncio.gather(*(play.text("HELP", each) for each in mine))
    await play.drain()


async def test_what_was_not_taken_for_certain_is_sent_again_with_the_same_id_until_it_is(tmp_path: Path):
    async with stage(tmp_path) as play:
        await _one_each(play, REFUSES)
        waiting = {case: await play.statuses(person(place)) for place, case in enumerate(REFUSES)}
        play.gateway.behave, heard = well, list(play.gateway.heard)
        play.clock.set(minutes=1)
        await play.drain()
        then = {case: await play.statuses(person(place)) for place, case in enumerate(REFUSES)}
        first = {case: sent_to(heard, person(place)) for place, case in enumerate(REFUSES)}
        second = {case: sent_to(play.gateway.heard, person(place))[1:] for place, case in enumerate(REFUSES)}

    assert waiting == {case: [("help", "queued")] for case in REFUSES}
    assert then == {case: [("help", "wired")] for case in REFUSES}
    assert first == second


async def test_what_was_taken_is_never_sent_again_whatever_the_answer_looks_like(tmp_path: Path):
    async with stage(tmp_path) as play:
        await _one_each(play, TAKES)
        statuses = {case: await play.statuses(person(place)) for place, case in enumerate(TAKES)}
        play.clock.set(hours=1)
        await play.drain()

    assert statuses == {case: [("help", "wired")] for case in TAKES}
    assert len(play.gateway.heard) == len(TAKES)


NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
AFTER = {
    "seconds": {"Retry_After": "1200"},
    "a date": {
        "Date": format_datetime(NOON, usegmt=True),
        "Retry_After": format_datetime(NOON + timedelta(minutes=20), usegmt=True),
    },
}


@pytest.mark.parametrize("headers", AFTER.values(), ids=AFTER)
async def test_429_is_obeyed_until_the_second_or_the_date_it_names(tmp_path: Path, headers: dict[str, str]):
    async with stage(tmp_path) as play:
        play.gateway.behave = saying(answer(b"", "429 Too Many Requests", **headers))
        await play.text("HELP")
        await play.drain()
        play.gateway.behave = well
        play.clock.set(minutes=19)
        await play.drain()
        early = len(play.gateway.heard)
        play.clock.set(minutes=2)
        await play.drain()
        statuses = await play.statuses()

    assert (early, statuses) == (1, [("help", "wired")])


async def test_a_wait_longer_than_a_reply_may_be_late_is_the_end_of_it_and_is_recorded(tmp_path: Path):
    async with stage(tmp_path) as play:
        play.gateway.behave = saying(answer(b"", "429 Too Many Requests", Retry_After="999999"))
        await play.text("HELP")
        await play.drain()

        assert await play.statuses() == [("help", "expired")]


async def test_a_farewell_expires_instead_of_leaving_late(tmp_path: Path):
    async with stage(tmp_path) as play:
        await play.gateway.down()
        for words in ("CLUB", "STOP"):
            await play.text(words)
        for _ in range(6):
            await play.drain()
            play.clock.set(minutes=1)
        await play.gateway.up()
        await play.drain()
        statuses = await play.statuses()

    assert statuses == [("ask_confirm", "cancelled"), ("farewell", "expired")]
    assert play.gateway.heard == []


async def test_a_silent_provider_does_not_hold_up_the_texts_of_another(tmp_path: Path):
    async with stage(tmp_path, by_hand=False, limits=ClientTimeout(total=600)) as play:

        async def behave(text: Text, writer: asyncio.StreamWriter) -> bool:
            return await (silent if text["from"] == OURS else well)(text, writer)

        play.gateway.behave = behave
        await asyncio.gather(*(play.text("HELP", person(place)) for place in range(300)))
        await asyncio.gather(*(play.text("HELP", person(place), THEIRS) for place in range(1000, 1300)))
        await play.gateway.until(300)
        await play.gateway.down()

    assert {text["from"] for text in play.gateway.taken} == {THEIRS}


# ---- time limits ------------------------------------------------------------------------------------------------


async def test_a_host_that_does_not_even_take_the_connection_is_given_up():
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        with socket.create_connection(deaf.getsockname()):  # its queue is full now: the next one gets no answer
            async with open_session(QUICK) as session:
                with pytest.raises(Unreachable):
                    await post(session, f"http://127.0.0.1:{deaf.getsockname()[1]}/", b"{}", {}, "it")


def test_every_call_to_a_provider_has_its_time_limits_and_a_lease_outlasts_them():
    assert None not in (TIME_LIMITS.total, TIME_LIMITS.sock_connect, TIME_LIMITS.sock_read)
    assert TIME_LIMITS.total < LONGEST_SEND.total_seconds() < LEASE.total_seconds()


def test_there_is_one_place_that_opens_sessions():
    folder = Path(bot.__file__).parent
    opening = [
        (str(path.relative_to(folder)), node.lineno)
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1] in ("ClientSession", "urlopen", "request")
    ]

    assert {path for path, _ in opening} == {"providers/calling.py"}
