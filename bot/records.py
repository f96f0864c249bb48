"""What one arrival comes to, as it is written: the message or timer, the turn it led to, and how that went.

A store writes any number of records in one transaction; nobody is told "accepted" before that. Rule: plain values
only, so that a service needs no store to make them and a store no service to write them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from bot.core.effects import WakeKind
from bot.core.messages import MO, MT, Status
from bot.core.state import Snapshot
from bot.core.values import dataclass
from bot.draft import Turn


class Reading(StrEnum):
    """Where an MO is: answered; waiting for a person to read it; read; or our own bug, kept for replay."""

    TAKEN = "taken"
    UNREAD = "unread"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Wake:
    """A timer's row."""

    msisdn: str
    program: str
    kind: WakeKind
    number: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an arrival needs to know before its turn: the person, whether its MO was seen, whether its timer stands."""

    msisdn: str
    ref: str | None = None
    wake: Wake | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the store had: the people by msisdn, the MOs seen before as (msisdn, ref), and the timers that stand.

    `faults`: by msisdn, why a person's rows could not be read; the person is then as much of her as could be.
    """

    people: Mapping[str, Snapshot]
    seen: frozenset[tuple[str, str]] = frozenset()
    standing: frozenset[Wake] = frozenset()
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """One arrival and what came of it. `before` is the person as its turn found her; `error`, our bug's traceback;
    `read`, the ref of a text that somebody has read now."""

    msisdn: str
    before: Snapshot
    turn: Turn | None
    at: datetime
    mo: MO | None = None
    reading: Reading = Reading.TAKEN
    wake: Wake | None = None
    error: str | None = None
    read: str | None = None


class Answer(StrEnum):
    """What became of an arrival: seen before (or a timer that no longer stands), taken, or taken and it cancels MTs."""

    SEEN = "seen"
    TAKEN = "taken"
    STOPS = "stops"


@dataclass(frozen=True, slots=True)
class Failure:
    """A turn that raised: whose, for which MO, and the traceback."""

    msisdn: str
    ref: str | None
    error: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a batch: the answer to each arrival, in order, and what others must know at once.

    `cancelled`: the ids of MTs that lay in the outbox. `sends`: it has something new. `intents`: how many MOs were
    understood as what.
    """

    answers: Sequence[Answer]
    cancelled: Sequence[str] = ()
    sends: bool = False
    next_wake: datetime | None = None
    intents: Mapping[str, int] = field(default_factory=dict)
    failures: Sequence[Failure] = ()


@dataclass(frozen=True, slots=True)
class Claimed:
    """An MT that this server may send, alone, until `until`; `wait`: in so many seconds, as its number's pace wants it.

    `allowed`: what it rests on still holds. `ask_at`: it was not claimed, for its number's line is too long; then.
    `fault`: its row cannot be read, and why.
    """

    mt: MT
    due_at: datetime
    attempts: int
    until: datetime
    allowed: bool = True
    wait: float = 0.0
    ask_at: datetime | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a claimed MT. `retry_at`: it stays queued and is due then."""

    mt: MT
    status: Status
    at: datetime
    attempts: int
    provider_ref: str | None = None
    error: str | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How the outbox stands: MTs waiting, and since when the oldest of those that are due has waited."""

    depth: int = 0
    oldest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """What a delivery report changed: the MT it was about, and whether it moved."""

    msisdn: str
    number: str
    mt_id: str
    moved: bool


Place = tuple[str, str | int]
"""Where a walk along a table has come to: the key of the last row it looked at."""


@dataclass(frozen=True, slots=True)
class Strip:
    """One step of a walk that drops texts: how many it dropped, and where it goes on; None at the end of the table."""

    dropped: int
    next: Place | None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A person who was forgotten: when, the name of her chain ("" if she had none), its length and its last hash."""

    at: datetime
    ledger: str
    rows: int
    head: str
