"""Where the time of one MO goes: each stage of the path by itself, in CPU time of the thread that does it."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import orjson
from aiohttp import ClientSession
from multidict import CIMultiDict

from benchmarks.servers import migrate
from benchmarks.traffic import KEYWORDS, NUMBER, TOKEN, bodies
from bot.core.catalog import Catalog
from bot.core.loading import load_catalog
from bot.core.messages import MO
from bot.core.state import Snapshot
from bot.core.understand import understand
from bot.core.understanding import Question
from bot.providers.contract import Request
from bot.providers.http import Http, HttpConfig
from bot.records import Record, Wanted
from bot.store import people
from bot.store.connection import OPTIONS, PRAGMAS, Plain
from bot.turn import take_turn

BATCH = 64
PEOPLE = 1280
REPEATS = 5


@dataclass
class Stages:
    """Microseconds of CPU for one MO, by stage: the best of several rounds, since other work only ever adds."""

    best: dict[str, float] = field(default_factory=dict)

    def take(self, name: str, work: Callable[[], object], count: int) -> None:
        """Time a stage once."""
        began = time.thread_time()
        work()
        spent = (time.thread_time() - began) / count * 1e6
        self.best[name] = min(spent, self.best.get(name, spent))


def measure(folder: Path) -> dict[str, float]:
    """Measure every stage."""
    loaded = load_catalog(KEYWORDS, "keywords.yaml", ("http",))
    assert loaded.catalog is not None, loaded.problems
    stages = Stages()
    raw = [body for body, _ in zip(bodies(BATCH), range(BATCH * 120), strict=False)]
    texts = sorted({orjson.loads(body)["text"] for body in raw})
    vocabulary = loaded.catalog.vocabulary(NUMBER)
    gc.collect()
    gc.freeze()
    for _ in range(REPEATS):
        mos: list[MO] = []
        stages.take("verify and parse", lambda mos=mos: mos.extend(asyncio.run(_parsed(raw))), len(raw))
        stages.take(
            "understand, a text not seen before",
            lambda: [understand(text, vocabulary, Question(confirm=True)) for text in texts],
            len(texts),
        )
        records: list[Record] = []
        stages.take("turn", lambda records=records, mos=mos: records.extend(_turns(mos, loaded.catalog)), len(raw))
        _stored(stages, folder, records)
    return stages.best


async def _parsed(raw: Sequence[bytes]) -> list[MO]:
    async with ClientSession() as session:
        provider = Http(HttpConfig(tokens=(TOKEN,)), session)
        headers = CIMultiDict({"Authorization": f"Bearer {TOKEN}"})
        mos = []
        for body in raw:
            request = Request("POST", "http://x/webhooks/http/mo", "/webhooks/http/mo", headers, body, _NOW)
            provider.verify(request)
            mos.extend(provider.parse_mo(request))
        return mos


_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _turns(mos: Sequence[MO], catalog: Catalog) -> list[Record]:
    known: dict[str, Snapshot] = {}
    records = []
    for place, mo in enumerate(mos):
        before = known.get(mo.msisdn) or Snapshot(mo.msisdn)
        turn = take_turn(mo, before, catalog, _NOW + timedelta(microseconds=place))
        records.append(Record(mo.msisdn, before, turn, turn_at(place), mo))
        known[mo.msisdn] = turn.snapshot
    return records


def turn_at(place: int) -> datetime:
    """Tell the moment of the n-th turn."""
    return _NOW + timedelta(microseconds=place)


def _stored(stages: Stages, folder: Path, records: Sequence[Record]) -> None:
    place = folder / str(time.monotonic_ns())
    place.mkdir()
    migrate(place)
    connection = cast(Plain, sqlite3.connect(place / "ouistop.db", **OPTIONS))
    for pragma in PRAGMAS:
        connection.execute(pragma)
    spent = {"load": 0.0, "save": 0.0, "commit": 0.0}
    for first in range(0, len(records), BATCH):
        batch = records[first : first + BATCH]
        wanted = [Wanted(record.msisdn, record.mo.ref if record.mo else None) for record in batch]
        connection.execute("BEGIN IMMEDIATE")
        marks = [time.thread_time()]
        people.load(connection, wanted)
        marks.append(time.thread_time())
        people.save(connection, batch, 0)
        marks.append(time.thread_time())
        connection.execute("COMMIT")
        marks.append(time.thread_time())
        for name, begin, end in zip(spent, marks, marks[1:], strict=False):
            spent[name] += end - begin
    connection.close()
    for name, seconds in spent.items():
        each = seconds / len(records) * 1e6
        stages.best[name] = min(each, stages.best.get(name, each))
