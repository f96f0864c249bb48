"""Load what a batch of turns may know, and save what it leaves: one function each, on the database's own thread.

Rule: a save is one transaction; whatever it wrote, the acknowledgement comes after it and never before.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import orjson

from bot.core.effects import CancelQueued, DropWake, Effect, Enter, Send, SetWake
from bot.core.messages import MT, Status
from bot.core.state import Snapshot
from bot.core.values import replace
from bot.records import Known, Record, Taken, Wake, Wanted
from bot.store.hot import Hot
from bot.store.rows import (
    UNREADABLE,
    Row,
    contact_row,
    failure_row,
    ledger_row,
    legible,
    mo_row,
    mt_row,
    queued_mt,
    snapshot_of,
    subscription_row,
    trace_json,
    wake_key,
    wake_row,
)
from bot.store.tables import to_micros
from bot.turns import Turns


def take(hot: Hot, batch: Turns, slot: int) -> Taken:
    """Take a batch of turns between reading and writing; `slot`: where this server notes its traffic.

    All of it in one place and without a pause: handing the batch to and fro cost as much as the turns themselves.
    """
    wanted = batch.wanted
    new = _lock(hot, {each.msisdn for each in wanted}) if hot.sql.shared else frozenset()
    records, taken = batch.take(load(hot, wanted, new))
    if new:
        hot.many(hot.sql.part, [(msisdn,) for msisdn in new.difference(record.msisdn for record in records)])
    return replace(taken, cancelled=save(hot, records, slot)) if records else taken


def _lock(hot: Hot, msisdns: Collection[str]) -> frozenset[str]:
    """Let no other server touch these people until the transaction ends; return those that nobody has met before.

    They get a row to be locked by, which must be saved or taken away.
    """
    these = (_json(sorted(msisdns)),)
    new = frozenset(row[0] for row in hot.rows(hot.sql.meet, these))
    hot.rows(hot.sql.lock, these)
    return new


def load(hot: Hot, wanted: Sequence[Wanted], new: Collection[str] = ()) -> Known:
    """Read the people, and whether each MO was seen and each timer still stands; `new`: those who are strangers."""
    contacts, places = fetch(hot, {each.msisdn for each in wanted}.difference(new))
    people: dict[str, Snapshot] = {}
    faults: dict[str, str] = {}
    for msisdn in {each.msisdn for each in wanted}:
        contact, hers = contacts.get(msisdn), places.get(msisdn, ())
        try:
            people[msisdn] = snapshot_of(msisdn, contact, hers)
        except UNREADABLE as error:
            people[msisdn], faults[msisdn] = legible(msisdn, contacts[msisdn], hers), repr(error)
    messages = [(each.msisdn, each.ref) for each in wanted if each.ref and each.msisdn in contacts]
    seen = hot.rows(hot.sql.seen, (_json(messages),)) if messages else ()
    timers = [each.wake for each in wanted if each.wake]
    return Known(people, frozenset(seen), frozenset(wake for wake in timers if stands(hot, wake)), faults)


def fetch(hot: Hot, msisdns: Collection[str]) -> tuple[dict[str, Row], dict[str, list[Row]]]:
    """Return people's own rows and their subscriptions', by msisdn."""
    these = (_json(list(msisdns)),)
    contacts = {row[0]: row for row in hot.rows(hot.sql.contacts, these)} if msisdns else {}
    places: dict[str, list[Row]] = {}
    for row in hot.rows(hot.sql.places, these) if contacts else ():
        places.setdefault(row[0], []).append(row)
    return contacts, places


def _json(values: list[Any]) -> str:
    return orjson.dumps(values).decode()


def stands(hot: Hot, wake: Wake) -> bool:
    """Tell whether a timer is still there as it was set."""
    return bool(hot.rows(hot.sql.standing, wake_key(wake)))


def save(hot: Hot, records: Sequence[Record], slot: int = 0) -> list[str]:
    """Write a batch; return the ids of the MTs it cancelled that were in the outbox before it."""
    rows = _Rows()
    for record in records:
        rows.take(hot, record)
    rows.write(hot, slot)
    return [ref for _, _, ref in rows.cancelled]


class _Rows:
    """The rows of a batch, by statement: what a later turn of the batch undoes is never written."""

    def __init__(self) -> None:
        self.people: dict[str, tuple[Snapshot, Record]] = {}
        self.before: dict[str, Snapshot] = {}
        self.messages: list[Row] = []
        self.sends: dict[str, list[tuple[MT, str | None, Status]]] = {}
        self.cancelled: list[Row] = []
        self.dropped: list[Row] = []
        self.rung: list[Row] = []
        self.wakes: dict[tuple[str, str, str], Row] = {}
        self.ledger: list[Row] = []
        self.failures: list[Row] = []
        self.read: list[Row] = []

    def take(self, hot: Hot, record: Record) -> None:
        """Add one record, in order."""
        self.before.setdefault(record.msisdn, record.before)
        self.people[record.msisdn] = (record.turn.snapshot if record.turn else record.before, record)
        if record.mo:
            self.messages.append(mo_row(record.mo, record))
            if record.error is not None:
                self.failures.append(failure_row(record, record.mo))
        if record.read:
            self.read.append((record.msisdn, record.read))
        if record.wake:
            self.rung.append(wake_key(record.wake))
            self.wakes.pop((record.msisdn, record.wake.program, str(record.wake.kind)), None)
        if record.turn:
            trace = None if record.mo else trace_json(record.turn.trace)
            for effect in record.turn.effects:
                self._effect(hot, record, effect, trace)

    def _effect(self, hot: Hot, record: Record, effect: Effect, trace: str | None) -> None:
        msisdn = record.msisdn
        match effect:
            case Send(mt):
                self.sends.setdefault(msisdn, []).append((mt, trace, Status.QUEUED))
            case Enter():
                self.ledger.append(ledger_row(effect))
            case SetWake(program, kind):
                self.wakes[msisdn, program, str(kind)] = wake_row(msisdn, effect)
            case DropWake(program):
                self.dropped.append((msisdn, program))
                for key in [key for key in self.wakes if key[:2] == (msisdn, program)]:
                    del self.wakes[key]
            case CancelQueued():
                self._cancel(hot, record, effect)
            case _:  # a text kept for a person is the MO's own row
                pass

    def _cancel(self, hot: Hot, record: Record, effect: CancelQueued) -> None:
        """Cancel what lies in the outbox, and what the turns before this one in the batch have put there."""
        now = to_micros(record.at)
        queued = [queued_mt(row, record.at)[0] for row in hot.rows(hot.sql.queued_of, (record.msisdn,))]
        self.cancelled += [(now, mt.msisdn, mt.id) for mt in queued if effect.covers(mt)]
        self.sends[record.msisdn] = [
            (mt, trace, Status.CANCELLED if effect.covers(mt) else status)
            for mt, trace, status in self.sends.get(record.msisdn, [])
        ]

    def write(self, hot: Hot, slot: int) -> None:
        """Write everything, each statement once for all its rows; last the one row that others may wait for."""
        sql = hot.sql
        messages = self.messages + self._sends()
        for statement, rows in (
            (sql.cancel, sorted(self.cancelled, key=lambda row: row[1:])),
            (sql.drop_wake, self.rung),
            (sql.drop_wakes, self.dropped),
            (sql.save_contact, [contact_row(person, last.at) for person, last in self.people.values()]),
            (sql.save_place, list(self._changed_places())),
            (sql.add_message, messages),
            (sql.save_wake, list(self.wakes.values())),
            (sql.add_ledger, self.ledger),
            (sql.mark_read, self.read),
            (sql.add_failure, self.failures),
            (sql.save_traffic, _traffic(messages, slot)),
        ):
            if rows:
                hot.many(statement, rows)

    def _changed_places(self) -> list[Row]:
        return [
            subscription_row(msisdn, place)
            for msisdn, (person, _) in self.people.items()
            for program, place in person.subscriptions.items()
            if place is not self.before[msisdn].subscriptions.get(program)
        ]

    def _sends(self) -> list[Row]:
        return [
            mt_row(mt, trace, status, mt.at if status is Status.CANCELLED else None)
            for sends in self.sends.values()
            for mt, trace, status in sends
        ]


def _traffic(messages: Sequence[Row], slot: int) -> list[Row]:
    """Tell each number's last MO and MT."""
    latest: dict[tuple[str, str], int] = {}
    for row in messages:
        latest[row[3], row[2]] = row[5]
    numbers = sorted({number for number, _ in latest})
    return [(number, slot, latest.get((number, "mo")), latest.get((number, "mt"))) for number in numbers]
