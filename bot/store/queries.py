"""What people look at: conversations, proofs of consent, counts. Plain SQLAlchemy, beside the path of the messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, literal_column, select

from bot.core.effects import WakeKind
from bot.core.ledger import Event, LedgerRow
from bot.core.state import Snapshot
from bot.records import Backlog, Wake
from bot.store.engines import engine_of
from bot.store.rows import snapshot_of
from bot.store.tables import (
    EPOCH,
    LEAVINGS,
    catalogs,
    consent_ledger,
    contacts,
    failures,
    messages,
    subscriptions,
    wakes,
)
from bot.store.tables import traffic as traffic_table

Values = Mapping[str, Any]

_m, _l = messages.c, consent_ledger.c


def person(connection: Connection, msisdn: str) -> Snapshot | None:
    """Return what we know of a person; None if she never texted us."""
    raw = connection.execute(_plain(select(contacts).where(contacts.c.msisdn == msisdn))).fetchone()
    if raw is None:
        return None
    places = connection.execute(_plain(select(subscriptions).where(subscriptions.c.msisdn == msisdn)))
    return snapshot_of(msisdn, tuple(raw), [tuple(row) for row in places])


def count(connection: Connection) -> int:
    """Count the people."""
    return connection.execute(select(func.count()).select_from(contacts)).scalar_one()


def timeline(connection: Connection, msisdn: str, number: str | None = None) -> list[Values]:
    """List a person's messages, oldest first; on one number or on all."""
    query = select(messages).where(_m.msisdn == msisdn)
    if number is not None:
        query = query.where(_m.number == number)
    rows = connection.execute(query.order_by(_m.at, _m.direction, _m.ref))
    return [dict(row) for row in rows.mappings()]


def ledger(connection: Connection, msisdn: str) -> list[LedgerRow]:
    """Return a person's chain."""
    rows = connection.execute(select(consent_ledger).where(_l.msisdn == msisdn).order_by(_l.seq))
    return [LedgerRow(**{**row, "event": Event(row["event"])}) for row in rows.mappings()]


def timers(connection: Connection, msisdn: str) -> list[Wake]:
    """Return a person's timers, the next first."""
    rows = connection.execute(select(wakes).where(wakes.c.msisdn == msisdn).order_by(wakes.c.at))
    return [Wake(**{**row, "kind": WakeKind(row["kind"])}) for row in rows.mappings()]


def states(connection: Connection) -> dict[str, dict[str, int]]:
    """Count people by program and state."""
    columns = subscriptions.c.program, subscriptions.c.state
    counted: dict[str, dict[str, int]] = {}
    for program, state, count in connection.execute(select(*columns, func.count()).group_by(*columns)):
        counted.setdefault(program, {})[state] = count
    return counted


def traffic(connection: Connection, numbers: Sequence[str]) -> dict[str, tuple[datetime | None, datetime | None]]:
    """Tell when each number last got an MO and last made an MT, on any server."""
    latest = (func.max(column).label(column.name) for column in (traffic_table.c.mo_at, traffic_table.c.mt_at))
    query = select(traffic_table.c.number, *latest).group_by(traffic_table.c.number)
    rows = {row.number: (row.mo_at, row.mt_at) for row in connection.execute(query)}
    return {number: rows.get(number, (None, None)) for number in numbers}


def unread(connection: Connection, most: int) -> tuple[int, list[Values]]:
    """Count the texts nobody understood and nobody has read, and list the newest."""
    waiting = _m.status == literal_column("'unread'")
    count = connection.execute(select(func.count()).select_from(messages).where(waiting)).scalar_one()
    rows = connection.execute(select(messages).where(waiting).order_by(_m.at.desc()).limit(most))
    return count, [dict(row) for row in rows.mappings()]


def leavings(connection: Connection, since: datetime) -> tuple[int, list[tuple[str, str, int]]]:
    """Count the people who left since then, and their reasons as (program, reason, count), the commonest first."""
    recent: tuple[Any, ...] = consent_ledger.c.at >= since, literal_column(LEAVINGS)
    left = (Event.OPTED_OUT, Event.CARRIER_BLOCKED)
    total = connection.execute(
        select(func.count(func.distinct(_l.msisdn))).where(*recent, _l.event.in_(map(str, left)))
    ).scalar_one()
    why = (
        select(_l.program, _l.detail, func.count().label("count"))
        .where(*recent, _l.event == str(Event.REASON))
        .group_by(_l.program, _l.detail)
        .order_by(literal_column("count").desc())
        .limit(50)
    )
    return total, [(row[0] or "", row[1], row[2]) for row in connection.execute(why)]


def backlog(connection: Connection, now: datetime) -> Backlog:
    """Tell how many MTs wait, and since when the oldest due one has."""
    queued = _m.status == literal_column("'queued'")
    depth = connection.execute(select(func.count()).select_from(messages).where(queued)).scalar_one()
    oldest = connection.execute(select(func.min(_m.due_at)).where(queued, _m.due_at <= now)).scalar()
    return Backlog(depth, oldest)


def newest_queued(connection: Connection, until: datetime) -> datetime | None:
    """Tell when the newest MT that waits was made; what claims to be made after `until` does not count."""
    waiting = _m.status == literal_column("'queued'")
    newest: datetime | None = connection.execute(select(func.max(_m.at)).where(waiting, _m.at <= until)).scalar()
    return newest


def failed(connection: Connection, most: int) -> list[Values]:
    """List the messages whose turn raised, the newest first: each is a bug of ours."""
    rows = connection.execute(select(failures).order_by(failures.c.at.desc()).limit(most))
    return [dict(row) for row in rows.mappings()]


def keep_catalog(connection: Connection, digest: str, source: str, at: datetime) -> None:
    """Keep a version of keywords.yaml that is in force from now on, so that what the ledger cites can be looked up."""
    latest = connection.execute(select(func.max(catalogs.c.at)).where(catalogs.c.digest != digest)).scalar()
    if latest is not None and latest >= at:  # written by a server whose clock is ahead of ours
        at = latest + timedelta(microseconds=1)
    into = engine_of(connection.dialect).insert(catalogs).values(digest=digest, source=source, at=at)
    connection.execute(into.on_conflict_do_update(index_elements=["digest"], set_={"at": into.excluded.at}))


def digest_in_force(connection: Connection) -> str | None:
    """Name the version that a server put in force last."""
    return connection.execute(select(catalogs.c.digest).order_by(catalogs.c.at.desc()).limit(1)).scalar()


def catalog_source(connection: Connection, digest: str) -> str | None:
    """Return the text of a version."""
    return connection.execute(select(catalogs.c.source).where(catalogs.c.digest == digest)).scalar()


def probe(connection: Connection) -> None:
    """Prove that the database takes writes: write, and take it back."""
    key = {"digest": "?", "source": "", "at": EPOCH}
    connection.execute(insert(catalogs).values(key))
    connection.execute(catalogs.delete().where(catalogs.c.digest == "?"))


def _plain(query: Any) -> Any:
    """Select moments as the numbers they are kept as: `rows.py` reads those."""
    columns: list[Any] = [
        literal_column(f'"{column.table.name}"."{column.name}"').label(column.name) for column in query.selected_columns
    ]
    return query.with_only_columns(*columns)
