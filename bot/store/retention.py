"""Texts whose time is up: dropped a few rows at a time, on a walk along the tables' own order.

Rule: consent stays, and what was shown to her for it; what she wrote herself goes. The walk needs no index, so that no
message pays for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, literal_column, or_, select, tuple_, update

from bot.core.ledger import Event
from bot.records import Place, Strip
from bot.store.tables import consent_ledger, disposals, failures, messages

HER_WORDS = (Event.REASON, Event.ANSWERED)


def drop_messages(connection: Connection, before: datetime, after: Place | None, most: int) -> Strip:
    """Drop the texts and traces of the next messages that are older than `before`, but of none that waits to leave."""
    m = messages.c
    keys = _keys(connection, (m.msisdn, m.ref), after, most)
    if not keys:
        return Strip(0, None)
    old = (
        tuple_(m.msisdn, m.ref).between(tuple_(*keys[0]), tuple_(*keys[-1])),
        m.at < before,
        m.status != literal_column("'queued'"),
        or_(m.text != "", m.trace.is_not(None)),
    )
    dropped = connection.execute(update(messages).where(*old).values(text="", trace=None)).rowcount
    return Strip(dropped, keys[-1] if len(keys) == most else None)


def drop_answers(connection: Connection, before: datetime, after: Place | None, most: int) -> Strip:
    """Drop her own words of the next rows of the consent ledger that are older than `before`."""
    row = consent_ledger.c
    keys = _keys(connection, (row.msisdn, row.seq), after, most)
    if not keys:
        return Strip(0, None)
    old = (
        tuple_(row.msisdn, row.seq).between(tuple_(*keys[0]), tuple_(*keys[-1])),
        row.at < before,
        row.event.in_([str(event) for event in HER_WORDS]),
        row.detail.is_not(None),
    )
    dropped = connection.execute(update(consent_ledger).where(*old).values(detail=None)).rowcount
    return Strip(dropped, keys[-1] if len(keys) == most else None)


def drop_failures(connection: Connection, before: datetime) -> int:
    """Drop what our own bugs left undone and nobody has played again since."""
    return connection.execute(delete(failures).where(failures.c.at < before)).rowcount


def record_drop(connection: Connection, at: datetime, dropped: int) -> None:
    """Note that texts were dropped, and how many."""
    connection.execute(insert(disposals).values(at=at, kind="texts", who="", ledger="", rows=dropped, head=""))


def _keys(connection: Connection, key: tuple[Any, Any], after: Place | None, most: int) -> list[Place]:
    query = select(*key).order_by(*key).limit(most)
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    return [(row[0], row[1]) for row in connection.execute(query)]
