"""The outbox, the delivery reports and the timers: what is claimed, settled and due, on the database's own thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from sqlite3 import Connection

import orjson

from bot.core.delivery import FINAL, moves
from bot.core.effects import WakeKind
from bot.core.messages import DLR, MT, Purpose, Status
from bot.core.state import PENDING, SUBSCRIBED
from bot.records import Claimed, Outcome, Reported, Wake
from bot.store import statements as sql
from bot.store.people import fetch
from bot.store.rows import Row, mt_of, snapshot_of
from bot.store.tables import from_micros, to_micros

# What an unasked text rests on: her place in its program at the moment it leaves.
NEEDS = {Purpose.REMINDER: PENDING, Purpose.MARKETING: SUBSCRIBED}


def claim(connection: Connection, numbers: Sequence[str], now: datetime, lease: timedelta, most: int) -> list[Claimed]:
    """Take the oldest due MTs of these numbers, one of each person on each number, and keep others from them."""
    moment = to_micros(now)
    query = (moment, moment, orjson.dumps(list(numbers)).decode(), most, 0)
    rows = connection.execute(sql.CLAIM, query).fetchall()
    until = now + lease
    connection.executemany(sql.LEASE, [(to_micros(until), row[0], row[1]) for row in rows])
    return [
        Claimed(mt, from_micros(due_at), attempts, until, _allowed(connection, mt))
        for mt, due_at, attempts in ((mt_of(row[:8]), row[8], row[9]) for row in rows)
    ]


def _allowed(connection: Connection, mt: MT) -> bool:
    """Ask once more, at the last moment, whether she still wants what she has not asked for just now."""
    needed = NEEDS.get(mt.purpose)
    if needed is None:
        return True
    contacts, places = fetch(connection, (mt.msisdn,))
    person = snapshot_of(mt.msisdn, contacts.get(mt.msisdn), places.get(mt.msisdn, ()))
    place = person.subscriptions.get(mt.program or "")
    return place is not None and place.state == needed and not person.hold and person.suppressed_at is None


def release(connection: Connection) -> None:
    """Give back every lease: the MTs are due again."""
    connection.execute(sql.RELEASE)


def settle(connection: Connection, outcomes: Iterable[Outcome]) -> None:
    """Write what became of claimed MTs. One that a STOP cancelled and that had left before counts as gone."""
    connection.executemany(sql.SETTLE, [_settled(outcome) for outcome in outcomes])


def _settled(outcome: Outcome) -> Row:
    final = outcome.retry_at is None
    return (
        str(outcome.status),
        to_micros(outcome.retry_at) if outcome.retry_at else None,
        outcome.attempts,
        outcome.provider_ref,
        outcome.error,
        to_micros(outcome.at) if final else None,
        outcome.mt.msisdn,
        outcome.mt.id,
        int(outcome.status is Status.WIRED),
    )


def report(connection: Connection, dlrs: Sequence[DLR], now: datetime) -> list[Reported | None]:
    """Move the MTs that reports are about; None for a report about none that we know."""
    return [_report(connection, dlr, now) for dlr in dlrs]


def _report(connection: Connection, dlr: DLR, now: datetime) -> Reported | None:
    found = connection.execute(sql.BY_ID, (dlr.id,)).fetchone() if dlr.id else None
    if found is None and dlr.ref:
        found = connection.execute(sql.BY_PROVIDER_REF, (dlr.ref,)).fetchone()
    if found is None:
        return None
    msisdn, ref, number, status = found
    moved = moves(Status(status), dlr.status)
    if moved:
        settled = to_micros(now) if dlr.status in FINAL else None
        connection.execute(sql.REPORT, (str(dlr.status), dlr.error, dlr.ref, settled, msisdn, ref))
    return Reported(msisdn, number, ref, moved)


def due_wakes(connection: Connection, now: datetime, most: int) -> list[Wake]:
    """List the timers that ring, the earliest first."""
    rows = connection.execute(sql.DUE_WAKES, (to_micros(now), most, 0))
    return [
        Wake(msisdn, program, WakeKind(kind), number, from_micros(at)) for msisdn, program, kind, number, at in rows
    ]


def next_wake(connection: Connection) -> datetime | None:
    """Tell when the next timer rings."""
    at = connection.execute(sql.NEXT_WAKE).fetchone()[0]
    return None if at is None else from_micros(at)
