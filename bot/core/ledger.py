"""The consent ledger's chain: every row of a person carries the hash of the row before.

One chain per msisdn, so that no two people wait for one another. A row hashes digests of the text shown and of what
leads to her, not these themselves: they can be dropped when their time is up, or when she is forgotten, and the chain
still verifies.
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
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One sealed row. `seq` counts from 1 for each person; `before` is the hash of the row with seq - 1.

    `shown` is the exact text she was shown; `detail` is what the event is about: the reason's key, or her own words.
    Both are None once their time is up. `source` is keyword, form, provider, console, api or timer. The row of
    somebody who is forgotten has a name with a # for the msisdn, and no `mo_ref` or `mt_id`.
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
    detail: str | None
    catalog: str
    before: str
    hash: str = ""
    private_digest: str = ""


@lru_cache(maxsize=4096)
def digest(text: str | None) -> str:
    """Hash a text shown to a person: 64 hex digits, "" for no text. Many are shown the same, so it is remembered."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() if text else ""


def private_digest(row: LedgerRow, salt: str) -> str:
    """Hash what leads to her. Without the salt, which is hers and goes when she is forgotten, nobody finds an msisdn
    by hashing them all.
    """
    return hashlib.sha256(orjson.dumps((salt, row.msisdn, row.mo_ref, row.mt_id, row.detail))).hexdigest()


def seal(row: LedgerRow) -> str:
    """Compute a row's hash: SHA-256 over its values, what may be dropped only by its digests."""
    values = (
        row.seq, row.event, row.program, int(row.at.timestamp() * 1_000_000), row.source, row.number,
        row.shown_digest, row.private_digest, row.catalog, row.before,
    )  # fmt: skip
    return hashlib.sha256(orjson.dumps(values)).hexdigest()


def first_break(rows: Iterable[LedgerRow], head: str, salt: str = "") -> int | None:
    """Return the seq of the first row that does not verify, None if the chain is whole.

    `head` is the last hash as the contact's own row has it: a chain whose end was cut off breaks after its last row.
    `salt` is hers, too.
    """
    before, seq = "", 0
    for row in rows:
        seq += 1
        if row.seq != seq or row.before != before or row.hash != seal(row):
            return seq
        if row.shown is not None and digest(row.shown) != row.shown_digest:
            return seq
        if row.detail is not None and private_digest(row, salt) != row.private_digest:
            return seq
        before = row.hash
    return None if before == head else seq + 1
