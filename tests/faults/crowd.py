"""A crowd that texts a server over HTTP as a provider does, and the gateway the server answers through.

Rule: both write into one diary, so that "after her STOP was acknowledged" is a fact and not a matter of clocks. What
is not acknowledged is sent again with the same id until it is.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

TOKEN = "a-token-of-24-characters"
NUMBER = "+33644600000"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
PAUSE = 0.15  # seconds before a text is sent again: a provider's minutes, shortened
LONGEST = aiohttp.ClientTimeout(total=30)

KEYWORDS = f"""\
version: 1
brand: Café Lumière
support: aide@lumiere.example
country: FR
languages: [fr]
numbers:
  "{NUMBER}": {{provider: http, programs: [club]}}
programs:
  club: {{name: Club Lumière, keywords: [CLUB], frequency: 4 SMS/mois max, remind_after: 20 hours}}
replies:
  hours: {{keywords: [HORAIRES], text: "Ouvert 8h-20h, 7j/7."}}
"""


@dataclass(frozen=True)
class Script:
    """What somebody texts, one after another, and all that may come of it: the MTs and the ledger's events."""

    texts: tuple[str, ...]
    mts: tuple[str, ...]
    events: tuple[str, ...]

    @property
    def stops(self) -> bool:
        """Tell whether it has a STOP."""
        return "opted_out" in self.events


SCRIPTS = (
    Script(("CLUB", "Oui.", "HORAIRES", "ARRÊTER svp"), ("ask_confirm", "welcome", "replies.hours", "farewell"),
           ("asked", "opted_in", "opted_out")),
    Script(("CLUB", "STOP"), ("ask_confirm", "farewell"), ("asked", "opted_out")),
    Script(("CLUB", "oui", "STOP", "STOP"), ("ask_confirm", "welcome", "farewell"),
           ("asked", "opted_in", "opted_out")),
    Script(("CLUB", "non"), ("ask_confirm", "declined"), ("asked", "declined")),
    Script(("HORAIRES", "CLUB", "OK"), ("replies.hours", "ask_confirm", "welcome"), ("asked", "opted_in")),
)  # fmt: skip


class Arrival(NamedTuple):
    """An MT that the gateway got, when, and from which node."""

    when: int
    node: int
    msisdn: str
    mt_id: str


@dataclass
class Diary:
    """What happened, in order: each entry has a number of its own."""

    counter: count[int] = field(default_factory=lambda: count(1))
    accepted: Counter[str] = field(default_factory=Counter)  # MO id → how often it was new to the server
    acked: dict[str, int] = field(default_factory=dict)  # MO id → when it was first acknowledged
    arrived: list[Arrival] = field(default_factory=list)
    unavailable: int = 0
    unreached: int = 0
    odd: list[str] = field(default_factory=list)  # answers that nobody should get

    def now(self) -> int:
        """Number the next entry."""
        return next(self.counter)


@dataclass(frozen=True)
class Person:
    """Somebody, and what she is going to text."""

    msisdn: str
    script: Script

    def ids(self) -> list[str]:
        """Name her texts as the provider does."""
        return [f"{self.msisdn}-{step}" for step in range(len(self.script.texts))]


class Gateway:
    """One's own gateway: takes every MT, some a little slower than others. Each node has an address of its own."""

    def __init__(self, diary: Diary, chance: random.Random) -> None:
        self._diary = diary
        self._chance = chance
        app = web.Application()
        app.router.add_post("/send/{node}", self._send)
        self.server = TestServer(app)

    def url(self, node: int) -> str:
        """Tell where a node sends its texts."""
        return str(self.server.make_url(f"/send/{node}"))

    async def _send(self, request: web.Request) -> web.Response:
        got = await request.json()
        node = int(request.match_info["node"])
        self._diary.arrived.append(Arrival(self._diary.now(), node, got["to"], got["id"]))
        await asyncio.sleep(self._chance.random() * (0.4 if self._chance.random() < 0.1 else 0.03))
        return web.json_response({"ref": f"gw-{got['id']}"})


class Crowd:
    """People who text side by side; when one is done another begins."""

    def __init__(self, addresses: list[str], diary: Diary, chance: random.Random, at_once: int = 40) -> None:
        self.people: list[Person] = []
        self._addresses = addresses
        self._diary = diary
        self._chance = chance
        self._at_once = at_once
        self._done = False
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, session: aiohttp.ClientSession) -> None:
        """Begin to text."""
        self._tasks = [asyncio.create_task(self._texting(session)) for _ in range(self._at_once)]

    async def finish(self) -> None:
        """Let nobody begin any more, and everybody end; the server must be up."""
        self._done = True
        await asyncio.gather(*self._tasks)

    def leave(self) -> None:
        """Go home at once: the test has failed."""
        for task in self._tasks:
            task.cancel()

    async def _texting(self, session: aiohttp.ClientSession) -> None:
        while not self._done:
            person = Person(f"+3361{len(self.people):07d}", self._chance.choice(SCRIPTS))
            self.people.append(person)
            for id_, text in zip(person.ids(), person.script.texts, strict=True):
                body = {"id": id_, "from": person.msisdn, "to": NUMBER, "text": text}
                while not all(await asyncio.gather(*(self._taken(session, body) for _ in range(1 + self._twice())))):
                    await asyncio.sleep(PAUSE)

    def _twice(self) -> bool:
        """Some texts are delivered twice at once, on two nodes where there are as many."""
        return self._chance.random() < 0.1

    async def _taken(self, session: aiohttp.ClientSession, body: dict[str, str]) -> bool:
        """Send a text once, to any node; note the answer and tell whether it was acknowledged."""
        diary = self._diary
        url = f"{self._chance.choice(self._addresses)}/webhooks/http/mo"
        try:
            async with session.post(url, json=body, headers=BEARER) as answer:
                told = await answer.text()
        except (aiohttp.ClientError, OSError):
            diary.unreached += 1
            return False
        if answer.status == 200 and told in ('{"status":"accepted"}', '{"status":"duplicate"}'):
            diary.accepted[body["id"]] += "accepted" in told
            diary.acked.setdefault(body["id"], diary.now())
            return True
        if answer.status == 503 and answer.headers.get("Retry-After"):
            diary.unavailable += 1
        else:
            diary.odd.append(f"{answer.status} {told}")
        return False
