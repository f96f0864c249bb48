"""The outbox, the delivery reports and the timers: what is claimed, settled and due, on the database's own thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import orjson

from bot.core.delivery import FINAL, moves
from bot.core.messages import DLR, MT, Purpose, Status
from bot.core.pace import LONGEST, place
from bot.core.state import PENDING, SUBSCRIBED
from bot.core.values import replace
from bot.records import Claimed, Outcome, Reported, Wake
from bot.store.hot import Hot
from bot.store.people import fetch
from bot.store.rows import UNREADABLE, Row, queued_mt, snapshot_of, wake_of
from bot.store.tables import from_micros, to_micros

Paces = Mapping[str, float | None]
"""Numbers, and how many texts a second may leave each; None where only the provider sets the limit."""

# What an unasked text rests on: her place in its program at the moment it leaves.
NEEDS = {Purpose.REMINDER: PENDING, Purpose.MARKETING: SUBSCRIBED}


def claim(hot: Hot, numbers: Paces, now: datetime, lease: timedelta, most: int) -> list[Claimed]:
    """Take the oldest due MTs of these numbers, one of each person on each number, and keep others from them.

    Of a number with a pace only as many as may leave soon are taken; the others come back with the moment to ask again.
    """
    moment, until = to_micros(now), now + lease
    rows = hot.rows(hot.sql.claim, (moment, moment, _json(list(numbers)), most))
    placed = list(_in_line(hot, [_found(row, now, until) for row in rows], numbers, now))
    later = [(to_micros(each.ask_at), each.mt.msisdn, each.mt.id) for each in placed if each.ask_at]
    leased = [(to_micros(until), each.mt.msisdn, each.mt.id) for each in placed if not each.ask_at]
    for statement, changed in ((hot.sql.later, later), (hot.sql.lease, leased)):
        if changed:
            hot.many(statement, changed)
    return [_looked_after(hot, each) if each.mt.purpose in NEEDS else each for each in placed]


def _found(row: Row, now: datetime, until: datetime) -> Claimed:
    """Read a row of the outbox. One that cannot be read must not keep everybody else's texts from leaving."""
    mt, fault = queued_mt(row[:8], now)
    return Claimed(mt, from_micros(row[8]), row[9], until, fault=fault)


def _looked_after(hot: Hot, claimed: Claimed) -> Claimed:
    try:
        return replace(claimed, allowed=_allowed(hot, claimed.mt))
    except UNREADABLE as error:
        return replace(claimed, fault=f"what it rests on cannot be read: {error!r}")


def _in_line(hot: Hot, found: Sequence[Claimed], numbers: Paces, now: datetime) -> Iterator[Claimed]:
    """Give each its place in its number's line, which all servers on one database share."""
    rates = {each.mt.number: rate for each in found if (rate := numbers[each.mt.number]) is not None}
    second = 1_000_000
    free: dict[str, int] = dict(hot.rows(hot.sql.paces, (_json(sorted(rates)),))) if rates else {}
    behind: Counter[str] = Counter()
    for each in found:
        number, rate = each.mt.number, rates.get(each.mt.number)
        if rate is None:
            yield each
            continue
        wait, free_at = place(free.get(number, 0) / second, to_micros(now) / second, rate)
        free[number] = round(free_at * second)
        if wait > LONGEST:
            wait += behind[number] / rate
            behind[number] += 1
            yield replace(each, ask_at=now + timedelta(seconds=wait))
        else:
            yield replace(each, wait=wait)
    if rates:
        hot.many(hot.sql.save_pace, sorted((number, free[number]) for number in rates))


def _allowed(hot: Hot, mt: MT) -> bool:
    """Ask once more, at the last moment, whether she still wants what she has not asked for just now."""
    contacts, places = fetch(hot, (mt.msisdn,))
    person = snapshot_of(mt.msisdn, contacts.get(mt.msisdn), places.get(mt.msisdn, ()))
    where = person.subscriptions.get(mt.program or "")
    return where is not None and where.state == NEEDS[mt.purpose] and not person.hold and person.suppressed_at is None


def release(hot: Hot, mts: Sequence[MT] | None) -> None:
    """Give back the leases of these MTs, or every one: they are due again."""
    if mts is None:
        hot.rows(hot.sql.release_all)
    elif mts:
        hot.many(hot.sql.release, [(mt.msisdn, mt.id) for mt in mts])


def stands(hot: Hot, mts: Sequence[MT]) -> list[bool]:
    """Tell of each claimed MT whether it is still to be sent, as all servers have left it."""
    return [bool(hot.rows(hot.sql.stands, (mt.msisdn, mt.id))) for mt in mts]


def under_way(hot: Hot, msisdn: str, now: datetime) -> bool:
    """Tell whether any server may be sending her something at this moment, farewells excepted."""
    return bool(hot.rows(hot.sql.under_way, (msisdn, to_micros(now))))


def settle(hot: Hot, outcomes: Sequence[Outcome]) -> None:
    """Write what became of claimed MTs. One that a STOP cancelled and that had left before counts as gone; whatever
    became of it, a STOP need not wait for it any more."""
    hot.many(hot.sql.settle, sorted((_settled(outcome) for outcome in outcomes), key=lambda row: row[6:8]))
    over = [(each.mt.msisdn, each.mt.id) for each in outcomes if each.status is not Status.WIRED]
    if over:
        hot.many(hot.sql.unlease, sorted(over))


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


def report(hot: Hot, dlrs: Sequence[DLR], now: datetime) -> list[Reported | None]:
    """Move the MTs that reports are about; None for a report about none that we know."""
    return [_report(hot, dlr, now) for dlr in dlrs]


def _report(hot: Hot, dlr: DLR, now: datetime) -> Reported | None:
    found = hot.rows(hot.sql.by_id, (dlr.id,)) if dlr.id else []
    if not found and dlr.ref:
        found = hot.rows(hot.sql.by_provider_ref, (dlr.ref,))
    if not found:
        return None
    msisdn, ref, number, status = found[0]
    moved = moves(Status(status), dlr.status)
    if moved:
        settled = to_micros(now) if dlr.status in FINAL else None
        hot.many(hot.sql.report, [(str(dlr.status), dlr.error, dlr.ref, settled, msisdn, ref)])
    return Reported(msisdn, number, ref, moved)


def due_wakes(hot: Hot, now: datetime, most: int) -> list[Wake]:
    """List the timers that ring, the earliest first."""
    return [wake_of(row) for row in hot.rows(hot.sql.due_wakes, (to_micros(now), most))]


def next_wake(hot: Hot) -> datetime | None:
    """Tell when the next timer rings."""
    at = hot.rows(hot.sql.next_wake)[0][0]
    return None if at is None else from_micros(at)


def _json(values: list[str]) -> str:
    return orjson.dumps(values).decode()
