"""What travels: MO (from a handset), MT (to a handset), DLR (a report on an MT)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum

from bot.core.values import dataclass


class Flag(StrEnum):
    """What the provider itself took the message for (Twilio's OptOutType and its like)."""

    STOP = "stop"
    START = "start"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class MO:
    """A message from a handset. `id` is the provider's own, unique per provider; `msisdn` and `number` are E.164."""

    provider: str
    id: str
    msisdn: str
    number: str
    text: str
    at: datetime
    flag: Flag | None = None

    @property
    def ref(self) -> str:
        """The key under which it is stored: the same MO delivered twice has the same ref."""
        return f"{self.provider}:{self.id}"


class Purpose(StrEnum):
    """Why an MT is sent: it decides what a STOP cancels and whether consent is checked again at the last moment."""

    REPLY = "reply"  # an answer to what she just wrote
    FAREWELL = "farewell"  # the one message after a STOP; never cancelled
    REMINDER = "reminder"  # unasked: a pending double opt-in, once
    MARKETING = "marketing"  # unasked: needs a confirmed opt-in at the moment it leaves


@dataclass(frozen=True, slots=True)
class MT:
    """A message to a handset, as handed to the outbox. Its `id` sorts by the moment it was made."""

    id: str
    msisdn: str
    number: str
    text: str
    at: datetime
    purpose: Purpose
    program: str | None = None
    text_key: str = ""


class Status(StrEnum):
    """Where an MT is. *Wired*: the provider took it, which is neither sent nor delivered."""

    QUEUED = "queued"
    WIRED = "wired"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class DLR:
    """A delivery report: names the MT by our `id` or by the provider's `ref`, at least one of them."""

    provider: str
    status: Status
    id: str | None = None
    ref: str | None = None
    error: str | None = None
    opted_out: bool = False


def mt_id(at: datetime, cause: str, position: int) -> str:
    """Name the `position`-th MT made at `at` because of `cause` (an MO's ref, a wake's name): 24 hex digits.

    The first 13 are microseconds, so ids sort as the MTs were made; no chance is involved, so a turn
    played twice gives the same ids.
    """
    micros = int(at.timestamp() * 1_000_000)
    digest = hashlib.blake2b(f"{cause}|{position}".encode("utf-8", "replace"), digest_size=5).hexdigest()
    return f"{micros:013x}{position:x}{digest}"


def storable(text: str) -> str:
    """Make any text one that can be kept: half a surrogate pair has no bytes, and NUL no place in PostgreSQL.

    >>> storable("st\\0op"), storable("\\ud83d!")
    ('stop', '?!')
    """
    if "\0" in text:
        text = text.replace("\0", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
