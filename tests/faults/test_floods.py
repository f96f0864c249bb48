"""More callers than anybody needs, and slower ones than anybody should wait for: honest requests are answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from command_line import TOKEN, serving, write
from faults.crowds import HEAD, SLOW, ask, complaints, connections, drip, files, mo, processes, resident
from faults.stage import person, stage

from bot.app import make_web
from bot.web import bodies
from bot.web.sockets import Patience, listen, make_runner

pytestmark = pytest.mark.slow

CROWD = 1000
FLAT = 12.0  # MB that either process may be larger afterwards


@dataclass
class Served:
    """A server in processes of its own, allowed 512 files until it asks for more."""

    address: str
    folder: Path
    pids: list[int]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("floods")
    with files(512), serving(write(folder), HTTP_TOKEN=TOKEN) as server, files(None):
        yield Served(server.address, folder, processes(server.process.pid))


def grown(before: list[float], after: list[float]) -> float:
    """Tell by how many MB the process that grew most has grown, and say what both have."""
    print("server and writer:", *(f"{first:.1f} → {last:.1f} MB" for first, last in zip(before, after, strict=True)))
    return max(last - first for first, last in zip(before, after, strict=True))


async def _crowd(address: str, wave: int) -> list[int]:
    """Let a thousand people connect, and text when all are there."""
    async with connections(address, CROWD) as made:
        texts = (mo(f"{wave}-{place}", person(place)) for place in range(CROWD))
        answers = await asyncio.gather(*map(ask, made, texts))
    return [status for status, _ in answers]


async def test_a_thousand_connections_at_once_are_all_answered_and_memory_stays_flat(served: Served):
    statuses = await _crowd(served.address, 0)
    before = resident(served.pids)
    for wave in (1, 2, 3):
        statuses += await _crowd(served.address, wave)
    after = resident(served.pids)

    assert statuses == [200] * 4 * CROWD
    assert grown(before, after) < FLAT
    assert complaints(served.folder) == []


async def _honest(address: str, first: int, count: int) -> list[int]:
    """Let people text, one after another on one connection."""
    async with connections(address, 1) as (connection,):
        return [(await ask(connection, mo(f"h{place}", person(place))))[0] for place in range(first, first + count)]


async def test_slow_callers_keep_no_honest_one_waiting_and_leave_nothing_behind(served: Served):
    statuses = await _honest(served.address, 2000, 50)
    before = resident(served.pids)
    async with connections(served.address, 400) as slow:
        ways = [*SLOW.values()] * 100
        dripping = [asyncio.create_task(drip(each, *way, 1.0)) for each, way in zip(slow, ways, strict=True)]
        await asyncio.sleep(0.5)
        statuses += await _honest(served.address, 2050, 200)
        for task in dripping:
            task.cancel()
    statuses += await _honest(served.address, 2250, 50)
    after = resident(served.pids)

    assert statuses == [200] * 300
    assert grown(before, after) < FLAT
    assert complaints(served.folder) == []


# ---- how it ends for each of them, with less patience than the server has -----------------------------------------

SHORT = Patience(idle=0.5, linger=0.1, deaf=0.5)


@asynccontextmanager
async def listening(folder: Path) -> AsyncIterator[str]:
    """Run the web server on a socket, impatiently."""
    async with stage(folder) as play:
        runner = make_runner(make_web(play.house), SHORT)
        await runner.setup()
        with listen("127.0.0.1", 0, SHORT) as there:
            await web.SockSite(runner, there).start()
            try:
                yield f"http://127.0.0.1:{there.getsockname()[1]}"
            finally:
                await runner.cleanup()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "SLOWEST", 0.3)


async def _ending(address: str, first: bytes, then: bytes) -> bytes:
    """Drip until the server has had enough; return what it said."""
    said = bytearray()
    async with connections(address, 1) as (connection,), asyncio.timeout(10):
        dripping = asyncio.create_task(drip(connection, first, then, 0.02))
        with suppress(ConnectionError):
            while more := await connection[0].read(65_536):
                said += more
        dripping.cancel()
    return bytes(said)


@pytest.mark.parametrize("way", ["headers", "nothing"])
async def test_a_connection_without_a_whole_request_is_closed_without_a_word(tmp_path: Path, way: str):
    async with listening(tmp_path) as address:
        assert await _ending(address, *SLOW[way]) == b""


async def test_a_connection_that_has_had_its_answer_is_closed_when_nothing_more_comes(tmp_path: Path):
    async with listening(tmp_path) as address:
        said = await _ending(address, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", b"")

    assert said.startswith(b"HTTP/1.1 200 OK\r\n")


FORM = b"POST /signin HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
BODIES = {
    "a webhook": SLOW["a body"],
    "a webhook in chunks": SLOW["a body in chunks"],
    "the sign-in": (FORM + b"Content-Length: 6000\r\n\r\n", b"a"),
}


@pytest.mark.parametrize("slow", BODIES.values(), ids=BODIES)
async def test_a_body_that_does_not_come_is_answered_408_and_the_connection_closed(
    tmp_path: Path, impatient: None, slow: tuple[bytes, bytes]
):
    async with listening(tmp_path) as address:
        said = await _ending(address, *slow)

    assert said.startswith(b"HTTP/1.1 408 ")
    assert b"did not come within" in said


async def _ask_on(writer: asyncio.StreamWriter, request: bytes) -> None:
    while True:
        writer.write(request * 20)
        await writer.drain()
        await asyncio.sleep(0.01)


async def test_a_caller_who_never_reads_his_answers_loses_the_connection(tmp_path: Path):
    async with listening(tmp_path) as address, connections(address, 1) as ((_, writer),), asyncio.timeout(10):
        writer.transport.pause_reading()
        page = b"GET /static/style.css HTTP/1.1\r\nHost: localhost\r\n\r\n"
        with pytest.raises(ConnectionError):
            await _ask_on(writer, page)


CUT = {
    "in the middle of a body": f"{HEAD}Content-Length: 900\r\n\r\n{{".encode(),
    "in the middle of a chunk": f"{HEAD}Transfer-Encoding: chunked\r\n\r\n20\r\n{{".encode(),
    "in the middle of the headers": HEAD.encode(),
}
NO_HTTP = {
    "a chunk that is none": f"{HEAD}Transfer-Encoding: chunked\r\n\r\nZZ\r\n".encode(),
    "two lengths": f"{HEAD}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}".encode(),
    "a length below nothing": f"{HEAD}Content-Length: -2\r\n\r\n{{}}".encode(),
    "a length past all numbers": f"{HEAD}Content-Length: {'9' * 40}\r\n\r\n{{}}".encode(),
    "NUL in a header": f"{HEAD}X: a\0b\r\n\r\n".encode(),
    "a path that is none": b"GET http://[::1 HTTP/1.1\r\nHost: [::1\r\n\r\n",
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "TLS": bytes.fromhex("16030100c8010000c40303"),
    "a header too long": f"{HEAD}X: {'a' * 20_000}\r\n\r\n".encode(),
    "too many headers": f"{HEAD}{''.join(f'X{place}: a' + chr(13) + chr(10) for place in range(300))}\r\n".encode(),
}


async def test_whoever_breaks_off_or_speaks_no_http_is_refused_and_no_fault_of_ours(served: Served):
    for raw in CUT.values():
        for how in ("close", "abort"):
            async with connections(served.address, 1) as ((_, writer),):
                writer.write(raw)
                await writer.drain()
                await asyncio.sleep(0.05)
                getattr(writer.transport, how)()
    statuses = {}
    for case, raw in NO_HTTP.items():
        async with connections(served.address, 1) as (connection,):
            statuses[case] = (await ask(connection, raw))[0]

    assert statuses == dict.fromkeys(NO_HTTP, 400)
    assert await _honest(served.address, 3000, 1) == [200]
    assert complaints(served.folder) == []


async def test_a_body_that_unpacks_to_gigabytes_is_refused_unopened(served: Served):
    before = resident(served.pids)
    body = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff" + bytes(50_000)
    async with connections(served.address, 1) as (connection,):
        request = f"{HEAD}Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        status, said = await ask(connection, request)
    after = resident(served.pids)

    assert (status, json.loads(said)["error"]["message"]) == (400, "the body is compressed: send it as it is")
    assert grown(before, after) < FLAT
