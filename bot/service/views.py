"""A person's rows as plain JSON values, as the pages and the JSON routes show them (`web/ports.py` has the shapes)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson

from bot.core.catalog import Catalog
from bot.core.ledger import LedgerRow, first_break
from bot.core.problems import Problem
from bot.core.segments import measure
from bot.core.state import Snapshot
from bot.records import Wake

Values = Mapping[str, Any]


def iso(at: datetime | None) -> str | None:
    """Write a moment."""
    return at.isoformat() if at else None


def timeline(messages: Iterable[Values], ledger: Iterable[LedgerRow]) -> list[Values]:
    """Lay messages and consent out in one line: at one moment the MO, then what was recorded, then what was said."""
    items = [(row["at"], 0 if row["direction"] == "mo" else 2, row["ref"], _message(row)) for row in messages]
    items += [(row.at, 1, f"{row.seq:09d}", _consent(row)) for row in ledger]
    return [item for *_, item in sorted(items, key=lambda item: item[:3])]


def _message(row: Values) -> Values:
    trace = orjson.loads(row["trace"]) if row["trace"] else None
    values: dict[str, Any] = {
        "kind": row["direction"], "id": row["ref"], "at": iso(row["at"]), "number": row["number"], "text": row["text"],
        "trace": trace,
    }  # fmt: skip
    if row["direction"] == "mt":
        size = measure(row["text"])
        values |= {
            "status": row["status"], "segments": size.segments, "encoding": size.encoding, "error": row["error"],
        }  # fmt: skip
    return values


def _consent(row: LedgerRow) -> Values:
    return {
        "kind": "consent", "id": f"ledger-{row.seq}", "at": iso(row.at), "event": str(row.event),
        "program": row.program, "detail": row.detail,
    }  # fmt: skip


def subscriptions(person: Snapshot | None, catalog: Catalog) -> list[Values]:
    """List her places, by program."""
    places = person.subscriptions.values() if person else ()
    return [
        {
            "program": place.program,
            "name": catalog.programs[place.program].name if place.program in catalog.programs else place.program,
            "state": place.state,
            "since": iso(place.since),
            "number": place.number,
        }
        for place in places
    ]


def timers(wakes: Iterable[Wake]) -> list[Values]:
    """List her timers."""
    return [{"program": wake.program, "kind": str(wake.kind), "at": iso(wake.at)} for wake in wakes]


def proof(rows: list[LedgerRow], head: str, salt: str) -> tuple[list[Values], Values]:
    """List the rows of her chain, and tell whether it is whole."""
    listed: list[Values] = [
        {
            "at": iso(row.at), "event": str(row.event), "program": row.program, "source": row.source,
            "number": row.number, "shown": row.shown, "detail": row.detail, "mo_ref": row.mo_ref, "mt_id": row.mt_id,
            "catalog": row.catalog, "hash": row.hash,
        }
        for row in rows
    ]  # fmt: skip
    broken = first_break(rows, head, salt)
    return listed, {"rows": len(rows), "verified": broken is None, "broken_at": broken}


def catalog_values(catalog: Catalog, problems: Iterable[Problem], stale: bool) -> Values:
    """Tell which file is in force and what is wrong with the one on disk."""
    return {
        "digest": catalog.digest,
        "file": catalog.file,
        "problems": [str(problem) for problem in problems],
        "stale": stale,
    }


def numbers(catalog: Catalog) -> list[Values]:
    """List the numbers of the file with what may be texted there."""
    return [
        {"number": number.number, "label": number.label, "keywords": list(catalog.keywords_on(number.number))}
        for number in catalog.numbers.values()
    ]
