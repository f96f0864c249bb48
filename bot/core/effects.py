"""Effects: what a turn asks for, as data. The shell carries them out; nothing here does anything.

A flow says symbolic effects (`Say("welcome")`): it knows neither words nor phone numbers. The turn turns them
into the concrete ones below (`Send`, `Enter`, `SetWake` …) which the store writes in one transaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.ledger import Event, LedgerRow
from bot.core.messages import MT, Purpose
from bot.core.values import dataclass


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
class Enter:
    """Append this row to the consent ledger."""

    row: LedgerRow


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
    """Cancel what is queued for this person, farewells excepted: what leaves from `number`, and what is of `programs`
    on any number; `everything`: all there is for her."""

    number: str | None = None
    programs: tuple[str, ...] = ()
    everything: bool = False

    def covers(self, mt: MT) -> bool:
        """Tell whether this MT must not leave any more."""
        if mt.purpose is Purpose.FAREWELL:
            return False
        return self.everything or mt.number == self.number or mt.program in self.programs


@dataclass(frozen=True, slots=True)
class KeepForPerson:
    """Nobody understood this text: keep it where a person reads it. `maybe` says what it could have been."""

    maybe: str | None = None


Effect = Send | Enter | SetWake | DropWake | CancelQueued | KeepForPerson
