"""The transcript format, written: the lines of a text, of time that passes, and of what a turn came to.

Rule: what was written can be read again, whatever the text: one that would be taken for something else, or that an
editor would spoil, stands in JSON's double quotes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.core.durations import say_duration
from bot.core.effects import Enter, KeepForPerson, Send
from bot.core.ledger import Event, LedgerRow
from bot.core.messages import MT
from bot.core.segments import measure
from bot.draft import Turn
from bot.transcripts.script import MORE, SILENCE

PERSON = "+33639980001"
"""Who texts where a transcript names nobody: a number that ARCEP keeps free for films and the like."""

RECORDED = {
    Event.OPTED_IN: "opted in to {program}",
    Event.OPTED_OUT: "opted out of {program}",
    Event.DECLINED: "declined {program}",
    Event.EXPIRED: "expired {program}",
    Event.CARRIER_BLOCKED: "carrier blocked {program}",
    Event.EXCLUDED: "excluded from {program}",
    Event.REASON: "reason {detail}",
    Event.ANSWERED: "answered {detail}",
}
"""What is written of the ledger. That she was asked is not: the question itself stands there."""

KEPT = "kept for a person"
MAYBE = ", may be a {maybe}"


@dataclass(frozen=True, slots=True)
class Cast:
    """Who talks where nothing else is said: our number, and the person's."""

    number: str
    msisdn: str = PERSON


@dataclass(frozen=True, slots=True)
class Kept:
    """A text was kept for a person of ours to read; `maybe`: what it could have been."""

    msisdn: str
    maybe: str | None = None


Happening = MT | LedgerRow | Kept
"""What can come of a turn, as far as a transcript shows it."""


def head(title: str, keywords: str | None = None, cast: Cast | None = None) -> list[str]:
    """Write the first lines of a transcript: what it is about, its keywords file, and its number and person."""
    lines = [f"# {title}"]
    if keywords:
        lines.append(f"# keywords: {keywords}")
    if cast:
        lines.append(f"# to: {cast.number}")
        if cast.msisdn != PERSON:
            lines.append(f"# from: {cast.msisdn}")
    return lines


def texted(text: str, msisdn: str, number: str, cast: Cast) -> list[str]:
    """Write what a person texts."""
    return _lines(">", _address(msisdn, number, cast, mo=True), text)


def time_passed(time: timedelta) -> list[str]:
    """Write that time passes, in whole minutes.

    >>> time_passed(timedelta(hours=3))
    ['~ 3 hours']
    """
    minutes = timedelta(minutes=round(time / timedelta(minutes=1)))
    return [f"~ {say_duration(minutes)}"] if minutes else []


def happenings(turn: Turn) -> list[Happening]:
    """List what a transcript shows of a turn."""
    found: list[Happening] = []
    for effect in turn.effects:
        match effect:
            case Send(mt):
                found.append(mt)
            case Enter(row):
                found.append(row)
            case KeepForPerson(maybe):
                found.append(Kept(turn.snapshot.msisdn, maybe))
    return found


def answered(found: Sequence[Happening], cast: Cast) -> list[str]:
    """Write what an MO led to, or that it got nothing."""
    return written(found, cast) or [SILENCE]


def written(found: Iterable[Happening], cast: Cast) -> list[str]:
    """Write what happened at one moment: the ledger, what was kept for a person, what was said."""
    return [line for each in sorted(found, key=_rank) for line in _happening(each, cast)]


def _rank(each: Happening) -> int:
    return (LedgerRow, Kept, MT).index(type(each))


def _happening(each: Happening, cast: Cast) -> list[str]:
    match each:
        case MT():
            return _said(each, cast)
        case LedgerRow():
            return _recorded(each, cast)
        case Kept(msisdn, maybe):
            return _lines("*", _whose(msisdn, cast), KEPT + (MAYBE.format(maybe=maybe.upper()) if maybe else ""))


def _said(mt: MT, cast: Cast) -> list[str]:
    lines = _lines("<", _address(mt.msisdn, mt.number, cast, mo=False), mt.text)
    segments = measure(mt.text).segments
    if segments > 1:
        lines[-1] += f" [{segments} segments]"
    return lines


def _recorded(row: LedgerRow, cast: Cast) -> list[str]:
    sentence = RECORDED.get(row.event)
    if sentence is None:
        return []
    return _lines("*", _whose(row.msisdn, cast), sentence.format(program=row.program, detail=_quoted(row.detail or "")))


def _lines(mark: str, address: str, text: str) -> list[str]:
    first, *more = (text if mark == "*" else _quoted(text)).split("\n")
    return [f"{mark} {address}{first}".rstrip(" "), *(MORE + line for line in more)]


def _address(msisdn: str, number: str, cast: Cast, *, mo: bool) -> str:
    """Write who texts whom, as far as it is not the transcript's own: [from … to …]."""
    person = f"{'from' if mo else 'to'} {msisdn}" if msisdn != cast.msisdn else ""
    ours = f"{'to' if mo else 'from'} {number}" if number != cast.number else ""
    named = " ".join(part for part in (person, ours) if part)
    return f"[{named}] " if named else ""


def _whose(msisdn: str, cast: Cast) -> str:
    return f"[{msisdn}] " if msisdn != cast.msisdn else ""


def _quoted(text: str) -> str:
    """Put a text in JSON's quotes if it could not be read, or not be seen, as it stands."""
    plain = all(line and line == line.strip() and line.isprintable() for line in text.split("\n"))
    if plain and not text.startswith(("[from ", "[to ", '"')):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted if quoted[1:-1].isprintable() else json.dumps(text)
