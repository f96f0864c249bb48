"""What the model keeps of a person: no more than what she may notice or a lawyer may ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.core.ledger import Event
from bot.core.messages import Purpose, Status
from bot.core.state import STRANGER

Timer = tuple[str, str, str, datetime]
"""The program, the kind, the number on which it was set, and when it rings."""


@dataclass
class Place:
    """Her place in a program. `asked`: the how-maniest question of hers was this program's last."""

    state: str = STRANGER
    number: str = ""
    asked: int = 0
    confirmed: bool = False
    left_at: datetime | None = None
    left_on: str = ""


@dataclass
class Talk:
    """She and one number. `why`: the program that she is asked why she left, and since when."""

    told: list[datetime] = field(default_factory=list)
    farewell_at: datetime | None = None
    unknown_at: datetime | None = None
    why: tuple[str, datetime] | None = None


@dataclass
class Said:
    """An MT. `void`: a STOP or a block has come since it was made, and it must not leave. `taken`: how often the
    gateway took it; `lost`: how often the server died before it could write that down."""

    id: str
    msisdn: str
    number: str
    key: str
    program: str | None
    purpose: Purpose
    words: str
    status: Status = Status.QUEUED
    void: bool = False
    leased_until: datetime | None = None
    allowed: bool = True
    taken: int = 0
    lost: int = 0


@dataclass
class Person:
    """All of it. `mos` is in order of arrival, `mts` in the order in which they were made."""

    msisdn: str
    places: dict[str, Place] = field(default_factory=dict)
    talks: dict[str, Talk] = field(default_factory=dict)
    asks: list[datetime] = field(default_factory=list)
    suppressed: bool = False
    hold: bool = False
    timers: dict[tuple[str, str], Timer] = field(default_factory=dict)
    ledger: list[tuple[Event, str, str]] = field(default_factory=list)
    mos: dict[str, str] = field(default_factory=dict)
    mts: list[Said] = field(default_factory=list)

    def place(self, program: str) -> Place:
        """Her place in a program, a stranger's if she has none."""
        return self.places.get(program) or Place()

    def talk(self, number: str) -> Talk:
        """Her conversation on a number."""
        return self.talks.setdefault(number, Talk())
