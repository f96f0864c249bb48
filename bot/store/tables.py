"""The tables, one definition for SQLite and PostgreSQL.

Every key begins with the msisdn and the rows are clustered by it (`WITHOUT ROWID` on SQLite), so one person's rows
share a page and the tables can be spread by it. Moments are kept as microseconds since 1970 in UTC: one type for both.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Dialect, Index, Integer, MetaData, String, Table, Text, text
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(at: datetime) -> int:
    """Turn an aware moment into microseconds since 1970, exactly."""
    delta = at - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def from_micros(micros: int) -> datetime:
    """Turn microseconds since 1970 into an aware UTC moment."""
    seconds, rest = divmod(micros, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as a 64-bit number of microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | int | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """Write it."""
        return to_micros(value) if isinstance(value, datetime) else value

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read it."""
        return None if value is None else from_micros(value)


def key(length: int) -> String:
    """Make the type of a key: compared byte by byte on both engines, for ids sort as they were made."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


metadata = MetaData()
CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}

contacts = Table(
    "contacts",
    metadata,
    Column("msisdn", key(20), primary_key=True),
    Column("talks", Text, nullable=False),        # JSON: conversations, asks, fields
    Column("suppressed_at", Moment),
    Column("hold", Boolean, nullable=False),
    Column("ledger_rows", Integer, nullable=False),
    Column("ledger_head", key(64), nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("salt", key(32), nullable=False, server_default=text("''")),
    **CLUSTERED,
)  # fmt: skip

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("msisdn", key(20), primary_key=True),
    Column("program", key(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("number", key(20), nullable=False),
    Column("since", Moment),
    Column("asked_at", Moment),
    Column("shown", Text, nullable=False),
    Column("asked_mt", key(32), nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Column("left_at", Moment),
    Column("left_on", key(20), nullable=False),
    **CLUSTERED,
)

messages = Table(
    "messages",
    metadata,
    Column("msisdn", key(20), primary_key=True),
    Column("ref", key(255), primary_key=True),   # an MO's provider:id, an MT's own id
    Column("direction", String(2), nullable=False),
    Column("number", key(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("status", String(12), nullable=False),   # MO: taken, unread, read, failed · MT: messages.Status
    Column("intent", String(12)),
    Column("trace", Text),                          # JSON: why the turn came out so
    Column("purpose", String(12)),
    Column("program", key(64)),
    Column("text_key", key(80)),
    Column("due_at", Moment),
    Column("lease_until", Moment),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("provider_ref", key(255)),
    Column("error", Text),
    Column("settled_at", Moment),
    # The outbox is this index: rows leave it when they are settled, so it stays as small as the queue.
    Index("outbox", "due_at", sqlite_where=text("status = 'queued'"), postgresql_where=text("status = 'queued'")),
    Index("reports", "provider_ref", sqlite_where=text("provider_ref IS NOT NULL"),
          postgresql_where=text("provider_ref IS NOT NULL")),
    Index("mt_ids", "ref", sqlite_where=text("direction = 'mt'"), postgresql_where=text("direction = 'mt'")),
    Index("unread", "at", sqlite_where=text("status = 'unread'"), postgresql_where=text("status = 'unread'")),
    **CLUSTERED,
)  # fmt: skip

wakes = Table(
    "wakes",
    metadata,
    Column("msisdn", key(20), primary_key=True),
    Column("program", key(64), primary_key=True),
    Column("kind", key(12), primary_key=True),
    Column("number", key(20), nullable=False),
    Column("at", Moment, nullable=False),
    Index("next_wakes", "at"),
    **CLUSTERED,
)

LEAVINGS = "event IN ('opted_out', 'carrier_blocked', 'reason')"

consent_ledger = Table(
    "consent_ledger",
    metadata,
    Column("msisdn", key(20), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("event", String(20), nullable=False),
    Column("program", key(64)),
    Column("at", Moment, nullable=False),
    Column("source", String(12), nullable=False),
    Column("number", key(20), nullable=False),
    Column("mo_ref", key(255)),
    Column("mt_id", key(32)),
    Column("shown", Text),
    Column("shown_digest", key(64), nullable=False),
    Column("detail", Text),                         # NULL once its time is up, as `shown`
    Column("catalog", key(12), nullable=False),
    Column("before", key(64), nullable=False),
    Column("hash", key(64), nullable=False),
    Column("private_digest", key(64), nullable=False, server_default=text("''")),
    Index("leavings", "at", sqlite_where=text(LEAVINGS), postgresql_where=text(LEAVINGS)),
    **CLUSTERED,
)  # fmt: skip

traffic = Table(
    "traffic",
    metadata,
    Column("number", key(20), primary_key=True),
    Column("slot", Integer, primary_key=True),      # each server writes its own: no two wait for one row
    Column("mo_at", Moment),
    Column("mt_at", Moment),
    **CLUSTERED,
)  # fmt: skip

paces = Table(
    "paces",
    metadata,
    Column("number", key(20), primary_key=True),
    Column("free_at", Moment, nullable=False),      # when the next text of a number with a limit may leave
    **CLUSTERED,
)  # fmt: skip

disposals = Table(
    "disposals",
    metadata,
    Column("at", Moment, primary_key=True),
    Column("kind", key(12), primary_key=True),      # texts: their time was up · person: she was forgotten
    Column("who", key(64), primary_key=True),       # the keyed hash of a forgotten msisdn; "" for texts
    Column("ledger", key(20), nullable=False),      # the name her chain goes by since then
    Column("rows", Integer, nullable=False),        # texts dropped, or the length of the chain
    Column("head", key(64), nullable=False),        # the chain's last hash
    Index("forgotten", "who", sqlite_where=text("who <> ''"), postgresql_where=text("who <> ''")),
    **CLUSTERED,
)  # fmt: skip

failures = Table(
    "failures",
    metadata,
    Column("msisdn", key(20), primary_key=True),
    Column("ref", key(255), primary_key=True),
    Column("number", key(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("error", Text, nullable=False),
    **CLUSTERED,
)

catalogs = Table(
    "catalogs",
    metadata,
    Column("digest", key(12), primary_key=True),  # what the ledger and every turn cite
    Column("at", Moment, nullable=False),
    Column("source", Text, nullable=False),
    **CLUSTERED,
)
