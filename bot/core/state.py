"""What we know of one person when a message arrives, as plain values that survive orjson.

A `Snapshot` goes into a turn and another comes out. Times are aware UTC datetimes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, field
from datetime import datetime
from typing import Any

import orjson

from bot.core.values import dataclass

STRANGER = "stranger"
PENDING = "pending"
SUBSCRIBED = "subscribed"
UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One contact's place in one program: the state of its statechart and what that state rests on.

    `confirmed`: she said yes at least once, so a later START is enough to come back. `left_on`: the number
    whose STOP ended it ("" if she was in none when she sent it).
    """

    program: str
    state: str = STRANGER
    number: str = ""
    since: datetime | None = None
    asked_at: datetime | None = None
    shown: str = ""
    asked_mt: str = ""
    confirmed: bool = False
    left_at: datetime | None = None
    left_on: str = ""


@dataclass(frozen=True, slots=True)
class OpenSurvey:
    """A survey that waits for its answer. `reason`: it asks why she left `program`."""

    survey: str
    program: str | None
    at: datetime
    step: int = 0
    reason: bool = True


@dataclass(frozen=True, slots=True)
class Conversation:
    """One msisdn on one number: the language spoken, the question that is open, and what keeps us quiet.

    `sent`: the moments of the last MTs, for the loop guard.
    """

    number: str
    language: str | None = None
    survey: OpenSurvey | None = None
    sent: tuple[datetime, ...] = ()
    farewell_at: datetime | None = None
    unknown_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a turn may know of one person.

    `asks`: the moments of the last double opt-in questions, over all programs. `suppressed_at`: STOP ALL.
    `ledger_rows` and `ledger_head` are the length and last hash of this person's chain, `salt` what its private parts
    are hashed with; the store makes one for each person.
    """

    msisdn: str
    subscriptions: Mapping[str, Subscription] = field(default_factory=dict)
    conversations: Mapping[str, Conversation] = field(default_factory=dict)
    asks: tuple[datetime, ...] = ()
    suppressed_at: datetime | None = None
    hold: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    ledger_rows: int = 0
    ledger_head: str = ""
    salt: str = ""


def dump(snapshot: Snapshot) -> bytes:
    """Serialise a snapshot; `load` gives it back equal."""
    return orjson.dumps(asdict(snapshot))


def load(data: bytes) -> Snapshot:
    """Read what `dump` wrote."""
    raw = orjson.loads(data)
    return Snapshot(
        msisdn=raw["msisdn"],
        subscriptions={name: load_subscription(sub) for name, sub in raw["subscriptions"].items()},
        conversations={number: load_conversation(talk) for number, talk in raw["conversations"].items()},
        asks=_moments(raw["asks"]),
        suppressed_at=_moment(raw["suppressed_at"]),
        hold=raw["hold"],
        fields=raw["fields"],
        ledger_rows=raw["ledger_rows"],
        ledger_head=raw["ledger_head"],
        salt=raw["salt"],
    )


def load_subscription(raw: dict[str, Any]) -> Subscription:
    """Read one subscription from its plain values."""
    times = {name: _moment(raw[name]) for name in ("since", "asked_at", "left_at")}
    return Subscription(**{**raw, **times})


def load_conversation(raw: dict[str, Any]) -> Conversation:
    """Read one conversation from its plain values."""
    survey = raw["survey"]
    return Conversation(
        number=raw["number"],
        language=raw["language"],
        survey=OpenSurvey(**{**survey, "at": _moment(survey["at"])}) if survey else None,
        sent=_moments(raw["sent"]),
        farewell_at=_moment(raw["farewell_at"]),
        unknown_at=_moment(raw["unknown_at"]),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _moments(texts: list[str]) -> tuple[datetime, ...]:
    return tuple(datetime.fromisoformat(text) for text in texts)
