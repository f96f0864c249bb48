"""The consent ledger's chain: every row of a person carries the hash of the row before.

One chain per msisdn, so that no two people wait for one another. A row hashes the digest of the text shown, not the
text: texts can be dropped when their time is up and the chain still verifies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

import orjson

from bot.core.values import dataclass


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


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One sealed row. `seq` counts from 1 for each person; `before` is the hash of the row with seq - 1.

    `shown` is the exact text she was shown (None once retention has dropped it); `detail` is what the event is
    about: the reason's key, or her own words. `source` is keyword, form, provider, console, api or timer.
    """

    msisdn: str
    seq: int
    event: Event
    program: str | None
    at: datetime
    source: str
    number: str
    mo_ref: str | None
    mt_id: str | None
    shown: str | None
    shown_digest: str
    detail: str
    catalog: str
    before: str
    hash: str = ""


@lru_cache(maxsize=4096)
def digest(text: str | None) -> str:
    """Hash a text shown to a person: 64 hex digits, "" for no text. Many are shown the same, so it is remembered."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() if text else ""


def seal(row: LedgerRow) -> str:
    """Compute a row's hash: SHA-256 over its values, the text only by its digest."""
    values = (
        row.msisdn, row.seq, row.event, row.program, int(row.at.timestamp() * 1_000_000), row.source, row.number,
        row.mo_ref, row.mt_id, row.shown_digest, digest(row.detail), row.catalog, row.before,
    )  # fmt: skip
    return hashlib.sha256(orjson.dumps(values)).hexdigest()


def first_break(rows: Iterable[LedgerRow], head: str) -> int | None:
    """Return the seq of the first row that does not verify, None if the chain is whole.

    `head` is the last hash as the contact's own row has it: a chain whose end was cut off breaks after its last row.
    """
    before, seq = "", 0
    for row in rows:
        seq += 1
        if row.seq != seq or row.before != before or row.hash != seal(row):
            return seq
        if row.shown is not None and digest(row.shown) != row.shown_digest:
            return seq
        before = row.hash
    return None if before == head else seq + 1
