"""What the benchmarks stand on: people made in bulk are true, loads count right, and each part runs from end to end."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from dataclasses import replace
from itertools import islice
from pathlib import Path

import orjson
import pytest
from command_line import run

from benchmarks import growth, latency, load, outbox, people, servers, traffic
from benchmarks.plan import QUICK

SMALL = replace(
    QUICK, seconds=0.2, yard_seconds=0.2, warm_seconds=0.2, latency_seconds=0.2, outbox_rounds=1, queue=20,
    growth_rounds=1, sizes=(20, 40),
)  # fmt: skip


def _known_of(folder: Path, msisdn: str) -> dict:
    told = run(folder, "contact", msisdn, "--json", DATABASE_URL="sqlite:///ouistop.db", KEYWORDS="keywords.yaml")
    assert told.exit_code == 0, told.output
    return json.loads(told.stdout)


def test_people_made_in_bulk_are_as_if_they_had_texted(tmp_path: Path) -> None:
    people.fill(tmp_path, 20)
    for place, state, rows, messages in ((4, "subscribed", 2, 6), (7, "unsubscribed", 4, 7)):
        told = _known_of(tmp_path, people.msisdn_of(place, 20))
        assert [each["state"] for each in told["subscriptions"]] == [state]
        assert (told["chain"]["rows"], told["chain"]["verified"]) == (rows, True)
        assert len([each for each in told["timeline"] if each["kind"] in ("mo", "mt")]) == messages


def test_the_load_meets_every_contact_once_before_any_of_them_twice() -> None:
    contacts = {people.msisdn_of(place, 1000) for place in range(1000)}
    known = [orjson.loads(body)["from"] for body in islice(growth.texts(1000), 0, 4000, 2)]
    assert set(known[:1000]) == set(known[1000:]) == contacts
    assert known[:1000] != sorted(known[:1000])


def test_the_load_s_new_people_are_none_of_the_contacts() -> None:
    contacts = {people.msisdn_of(place, 1000) for place in range(1000)}
    new = [orjson.loads(body)["from"] for body in islice(growth.texts(1000), 1, 24_001, 2)]
    assert contacts.isdisjoint(new)
    assert len(set(new)) >= 12_000 // len(traffic.SCRIPT)


async def test_a_server_that_closes_its_connections_gets_a_new_one_for_each_request() -> None:
    connections = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        request = b"GET / HTTP/1.1\r\n\r\n"
        result = await load.closed_loop([port], iter([request] * 10), 2, 30)
    assert (result.answered, result.refused) == (10, 0)
    assert connections >= 10


async def test_what_is_not_200_counts_as_refused() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        result = await load.closed_loop([port], iter([b"GET / HTTP/1.1\r\n\r\n"]), 1, 30)
    assert (result.answered, result.refused) == (0, 1)


def test_the_gateway_counts_what_is_sent_and_begins_anew_when_it_has_told() -> None:
    with servers.gateway() as gateway:
        base = f"http://127.0.0.1:{gateway.port}"
        for path in ("send", "send", "warm"):
            with urllib.request.urlopen(f"{base}/{path}", data=b"{}") as answer:
                assert json.load(answer)["ref"].startswith("gw-")
        assert [_seen(base), _seen(base)] == [2, 0]


def _seen(base: str) -> int:
    with urllib.request.urlopen(f"{base}/seen") as answer:
        return json.load(answer)["count"]


@pytest.mark.slow
@pytest.mark.parametrize(("part", "rows"), [(latency, 1), (outbox, 3), (growth, 6)])
def test_a_part_runs_from_end_to_end(tmp_path: Path, part: object, rows: int) -> None:
    made = part.measure(tmp_path, SMALL)
    assert len(made) == rows
    assert all(row.measured for row in made)
