"""What a sandbox's store has recorded about one person, of which each look shows what is new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

import orjson

from bot.core.ledger import LedgerRow
from bot.core.messages import MT, Purpose
from bot.records import Reading
from bot.store.store import Store
from bot.transcripts.writing import Happening, Kept

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """What is new. `traces`: why, one for each turn; `failure`: the traceback of a turn that raised."""

    found: list[Happening]
    traces: list[Values]
    failure: str | None = None

    def moments(self) -> list[list[Happening]]:
        """Tell apart what happened at different moments, as when several timers ring."""
        dated = sorted((each for each in self.found if not isinstance(each, Kept)), key=_at)
        return [list(moment) for _, moment in groupby(dated, key=_at)]


@dataclass
class Diary:
    """Remembers what was shown."""

    store: Store
    msisdn: str
    seen: set[str] = field(default_factory=set)
    rows: int = 0

    async def fresh(self) -> Entry:
        """Return what is new since the last look, on every number."""
        ledger = await self.store.ledger(self.msisdn)
        new = [row for row in await self.store.timeline(self.msisdn) if row["ref"] not in self.seen]
        found: list[Happening] = [*ledger[self.rows :], *_kept(new), *_said(new)]
        self.rows = len(ledger)
        self.seen |= {row["ref"] for row in new}
        traces = [orjson.loads(row["trace"]) for row in new if row["trace"]]
        failed = any(row["status"] == Reading.FAILED for row in new)
        return Entry(found, traces, (await self.store.failed(1))[0]["error"] if failed else None)


def why(trace: Values) -> Iterator[str]:
    """Say in a few lines why a turn came out as it did."""
    if trace["intent"]:
        sure = f", {trace['confidence']:.0%} sure" if 0 < trace["confidence"] < 1 else ""
        maybe = f", maybe {trace['maybe']}" if trace["maybe"] else ""
        word = f" {trace['keyword']['keyword']} (line {trace['keyword']['line']})" if trace["keyword"] else ""
        language = f", {trace['language']}" if trace["language"] else ""
        yield f"{trace['intent']}{word}{maybe}, rule {trace['rule']}{language}{sure}"
    else:
        yield trace["rule"]
    for program, after in trace["after"].items():
        before = trace["before"].get(program, after)
        yield f"{program}: {before} → {after}" if before != after else f"{program}: stays {after}"
    yield from trace["notes"]


def _kept(rows: list[Values]) -> list[Happening]:
    unread = [row for row in rows if row["status"] == Reading.UNREAD]
    return [Kept(row["msisdn"], orjson.loads(row["trace"])["maybe"]) for row in unread]


def _said(rows: list[Values]) -> list[Happening]:
    return [
        MT(row["ref"], row["msisdn"], row["number"], row["text"], row["at"], Purpose(row["purpose"]))
        for row in rows
        if row["direction"] == "mt"
    ]


def _at(each: Happening) -> datetime:
    assert isinstance(each, MT | LedgerRow)  # noqa: S101
    return each.at
