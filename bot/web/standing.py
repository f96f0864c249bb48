"""What the overview draws of the plain numbers: bars, shares with their denominators, and what wants attention.

Rule: pure, and no share without the number it is a share of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.web.words import ago, plural, span

Values = Mapping[str, Any]

STATES = ("subscribed", "pending", "unsubscribed")
_SLOW = timedelta(minutes=5)
"""An MT that waits longer than this is worth a look; a provider that throttles rarely takes longer."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One stretch of a bar: `start` and `width` are percents of the whole."""

    name: str
    count: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Program:
    """One program: its people by state."""

    name: str
    total: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should look at, and where."""

    level: str
    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The overview, ready to draw. `reasons` are pieces of `left`, the people who left."""

    programs: tuple[Program, ...]
    subscribed: int
    pending: int
    left: int
    reasons: tuple[Piece, ...]
    notices: tuple[Notice, ...]


def standing(overview: Values) -> Standing:
    """Read an overview."""
    programs = tuple(_program(program) for program in overview["programs"])
    counts = {state: _sum(programs, state) for state in STATES}
    return Standing(
        programs=programs,
        subscribed=counts["subscribed"],
        pending=counts["pending"],
        left=overview["opt_outs"]["total"],
        reasons=_reasons(overview["opt_outs"]),
        notices=tuple(_notices(overview)),
    )


def _program(program: Values) -> Program:
    states: Mapping[str, int] = program["states"]
    counts = [(state, states.get(state, 0)) for state in STATES]
    return Program(program["name"] or program["program"], sum(count for _, count in counts), _row(counts))


def _row(counts: Sequence[tuple[str, int]]) -> tuple[Piece, ...]:
    """Lay counts side by side."""
    total = sum(count for _, count in counts) or 1
    pieces, start = [], 0.0
    for name, count in counts:
        width = round(100 * count / total, 2)
        pieces.append(Piece(name, count, round(start, 2), width))
        start += width
    return tuple(pieces)


def _reasons(opt_outs: Values) -> tuple[Piece, ...]:
    """Measure every reason, and those who gave none, against all who left."""
    total = opt_outs["total"]
    given = [(reason["label"] or reason["reason"], reason["count"]) for reason in opt_outs["reasons"]]
    silent = total - sum(count for _, count in given)
    rows = sorted(given, key=lambda row: -row[1]) + ([("No reason given", silent)] if silent > 0 else [])
    return tuple(Piece(name, count, 0.0, round(100 * count / max(total, count, 1), 2)) for name, count in rows)


def _sum(programs: Sequence[Program], state: str) -> int:
    return sum(piece.count for program in programs for piece in program.pieces if piece.name == state)


def _notices(overview: Values) -> Iterator[Notice]:
    catalog, unread, outbox = overview["catalog"], overview["unread"]["count"], overview["outbox"]
    if catalog["stale"]:
        yield Notice("error", f"{catalog['file']} has errors; the last good version is in use.", "/console/keywords")
    elif catalog["problems"]:
        count = len(catalog["problems"])
        yield Notice("warning", f"{catalog['file']} works, with {plural(count, 'warning')}.", "/console/keywords")
    waited = _waited(overview["now"], outbox["oldest_at"])
    if waited > _SLOW:
        text = f"The oldest text in the outbox has waited {span(waited.total_seconds())}: is the provider reachable?"
        yield Notice("error", text, "#outbox")
    if unread:
        newest = overview["unread"]["last"][:1]
        when = f", the newest {ago(newest[0]['at'], overview['now'])}" if newest else ""
        yield Notice("warning", f"{plural(unread, 'text')} nobody understood{when}.", "/console/unread")


def _waited(now: str, oldest: str | None) -> timedelta:
    return datetime.fromisoformat(now) - datetime.fromisoformat(oldest) if oldest else timedelta()
