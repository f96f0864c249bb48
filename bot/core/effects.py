"""Effects: what a turn asks for, as data. The shell carries them out; nothing here does anything.

A flow says symbolic effects (`Say("welcome")`): it knows neither words nor phone numbers. The turn turns them
into the concrete ones below (`Send`, `Entry`, `SetWake` …) which the store writes in one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.messages import MT


class Event(StrEnum):
    """What the consent ledger records. The names are public: they stand in exports and transcripts."""

    ASKED = "asked"
    OPTED_IN = "opted_in"
    DECLINED = "declined"
    EXPIRED = "expired"
    OPTED_OUT = "opted_out"
    REASON = "reason"
    ANSWERED = "answered"
    CARRIER_BLOCKED = "carrier_blocked"
    EXCLUDED = "excluded"


class WakeKind(StrEnum):
    """Why a timer rings."""

    REMIND = "remind"
    EXPIRE = "expire"


# ---- symbolic: said by a flow -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """Send the text of this name (`welcome`, `ask_confirm` …) of the program or survey."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Write this event into the consent ledger."""

    event: Event
    detail: str = ""


@dataclass(frozen=True, slots=True)
class WakeIn:
    """Ring after `delay`; one timer per (program, kind), a new one replaces the old."""

    kind: WakeKind
    delay: timedelta


@dataclass(frozen=True, slots=True)
class DropWakes:
    """Forget every timer of this flow."""


Symbol = Say | Note | WakeIn | DropWakes

# ---- concrete: asked for by a turn --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Send:
    """Queue this MT in the outbox."""

    mt: MT


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the consent ledger, before the chain gives it its number and hash.

    `shown` is the exact text she was shown (the question for asked, what she answered to for opted_in);
    `detail` is what the event is about (the reason's key or her words). `source` is keyword, form, provider,
    console, api or timer.
    """

    event: Event
    program: str | None
    at: datetime
    source: str
    number: str
    mo_ref: str | None = None
    mt_id: str | None = None
    shown: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SetWake:
    """Keep a timer as a row: (msisdn, program, kind) rings at `at`."""

    program: str
    kind: WakeKind
    number: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DropWake:
    """Forget every timer of this program for this person."""

    program: str


@dataclass(frozen=True, slots=True)
class CancelQueued:
    """Cancel what is queued for this person, farewells excepted: on `number`, or on all where it is None;
    only that program's texts where `program` is given."""

    number: str | None
    program: str | None = None


@dataclass(frozen=True, slots=True)
class KeepForPerson:
    """Nobody understood this text: keep it where a person reads it. `maybe` says what it could have been."""

    maybe: str | None = None


Effect = Send | Entry | SetWake | DropWake | CancelQueued | KeepForPerson
