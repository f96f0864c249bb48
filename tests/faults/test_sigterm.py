"""SIGTERM under load: what was acknowledged is on disk, nothing is taken or sent twice, and the server ends well."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from command_line import TOKEN, serving, write
from faults.crowds import SLOW, Connection, ask, complaints, connections, drip, mo
from faults.gateways import Gateway, silent, well
from faults.stage import person

pytestmark = pytest.mark.slow

CALLERS, ROUNDS, LONGEST = 16, 3, 15
LEASED = "SELECT * FROM messages WHERE status = 'queued' AND lease_until IS NOT NULL"
WORDS = ("CLUB", "OUI", "AIDE", "STOP")


@dataclass
class Provider:
    """Brings messages as fast as they are answered, until the server goes away; remembers what it was told of each.

    `told`: the answer's word by the message's id, "" where there was none.
    """

    places: Any = field(default_factory=count)
    told: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def message(ref: str) -> bytes:
        """Write a message: every four are one person's."""
        place = int(ref)
        return mo(ref, person(place // len(WORDS)), WORDS[place % len(WORDS)])

    async def heard(self, more: int) -> None:
        """Wait until so many more were acknowledged."""
        wanted = sum(map(bool, self.told.values())) + more
        async with asyncio.timeout(30):
            while sum(map(bool, self.told.values())) < wanted:
                await asyncio.sleep(0.005)

    async def caller(self, address: str) -> None:
        """Bring four messages, one after another, and four again."""
        async with connections(address, 1) as (connection,):
            while True:
                first = next(self.places) * len(WORDS)
                for ref in map(str, range(first, first + len(WORDS))):
                    self.told[ref] = ""
                    status, body = await ask(connection, self.message(ref))
                    if status != 200:
                        return
                    self.told[ref] = json.loads(body)["status"]

    async def again(self, address: str) -> dict[str, str]:
        """Bring all of them once more, as a provider does that is not sure; return what it is told of each now."""
        told: dict[str, str] = {}

        async def caller(connection: Connection, mine: int) -> None:
            for ref in [ref for ref in self.told if int(ref) // len(WORDS) % CALLERS == mine]:
                status, body = await ask(connection, self.message(ref))
                told[ref] = json.loads(body)["status"] if status == 200 else str(status)

        async with connections(address, CALLERS) as made:
            await asyncio.gather(*map(caller, made, range(CALLERS)))
        return told


@asynccontextmanager
async def gateway() -> AsyncIterator[Gateway]:
    made = Gateway()
    await made.up()
    try:
        yield made
    finally:
        await made.down()


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "ouistop.db")) as there:
        return there.execute(query).fetchall()


async def _ended(server: Any) -> int:
    """Tell it to end, and wait; raise TimeoutExpired where it does not."""
    server.process.terminate()
    code: int = await asyncio.to_thread(server.process.wait, LONGEST)
    return code


async def test_what_was_acknowledged_before_the_end_is_there_and_nothing_is_taken_or_sent_twice(tmp_path: Path):
    dice, provider, codes, lost = random.Random(4), Provider(), [], []
    write(tmp_path)
    async with gateway() as there:
        settings = {"HTTP_TOKEN": TOKEN, "HTTP_SEND_URL": f"{there.url}/send"}
        for _ in range(ROUNDS):
            with serving(tmp_path, **settings) as server:
                callers = [asyncio.create_task(provider.caller(server.address)) for _ in range(CALLERS)]
                await provider.heard(dice.randrange(200, 500))
                codes.append(await _ended(server))
                await asyncio.gather(*callers)
            kept = {
                ref.removeprefix("http:")
                for (ref,) in rows(tmp_path, "SELECT ref FROM messages WHERE direction = 'mo'")
            }
            lost += [ref for ref, told in provider.told.items() if told and ref not in kept]
            assert rows(tmp_path, LEASED) == []
        with serving(tmp_path, **settings) as server:
            again = await provider.again(server.address)
            while rows(tmp_path, "SELECT * FROM messages WHERE status = 'queued'"):
                await asyncio.sleep(0.05)

    told = provider.told
    print(f"{ROUNDS} rounds, {len(told)} MOs, {sum(map(bool, told.values()))} of them acknowledged before the end")
    assert codes == [0] * ROUNDS
    assert lost == []
    assert set(told.values()) <= {"accepted", ""}
    assert [ref for ref in told if again[ref] != "duplicate" and (told[ref] or again[ref] != "accepted")] == []
    assert rows(tmp_path, "SELECT count(*) FROM messages WHERE direction = 'mo'") == [(len(told),)]
    assert [mt for mt, times in Counter(text["id"] for text in there.heard).items() if times > 1] == []
    assert (
        rows(tmp_path, "SELECT * FROM messages WHERE direction = 'mt' AND status NOT IN ('wired', 'cancelled')") == []
    )
    assert complaints(tmp_path) == []


async def test_it_ends_in_time_although_callers_drip_and_the_gateway_is_silent_and_what_was_in_hand_is_free(
    tmp_path: Path,
):
    write(tmp_path)
    async with gateway() as there:
        settings = {"HTTP_TOKEN": TOKEN, "HTTP_SEND_URL": f"{there.url}/send"}
        there.behave = silent
        with serving(tmp_path, **settings) as server:
            async with connections(server.address, 60) as made:
                slow, (honest, *_) = made[:40], made[40:]
                ways = [*SLOW.values()] * 10
                dripping = [asyncio.create_task(drip(each, *way, 0.5)) for each, way in zip(slow, ways, strict=True)]
                statuses = [(await ask(honest, mo(str(place), person(place), "AIDE")))[0] for place in range(100)]
                code = await _ended(server)
                for task in dripping:
                    task.cancel()
        leased = rows(tmp_path, LEASED)
        there.behave = well
        with serving(tmp_path, **settings):
            await there.until(100)

    assert (code, set(statuses), leased) == (0, {200}, [])
    assert len({text["id"] for text in there.taken}) == len(there.taken) == 100
    assert complaints(tmp_path) == []
