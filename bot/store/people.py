"""Load what a batch of turns may know, and save what it leaves: one function each, on the database's own thread.

Rule: a save is one transaction; whatever it wrote, the acknowledgement comes after it and never before.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from sqlite3 import Connection
from typing import Any

import orjson

from bot.core.effects import CancelQueued, DropWake, Effect, Enter, Send, SetWake
from bot.core.messages import MT, Status
from bot.core.state import Snapshot
from bot.core.values import replace
from bot.records import Known, Record, Taken, Wake, Wanted
from bot.store import statements as sql
from bot.store.rows import (
    Row,
    contact_row,
    failure_row,
    ledger_row,
    mo_row,
    mt_of,
    mt_row,
    snapshot_of,
    subscription_row,
    trace_json,
    wake_key,
    wake_row,
)
from bot.store.tables import to_micros
from bot.turns import Turns


def take(connection: Connection, batch: Turns) -> Taken:
    """Take a batch of turns between reading and writing.

    All of it on one thread and without a pause: handing the batch to and fro cost as much as the turns themselves.
    """
    records, taken = batch.take(load(connection, batch.wanted))
    return replace(taken, cancelled=save(connection, records)) if records else taken


def load(connection: Connection, wanted: Sequence[Wanted]) -> Known:
    """Read the people, and whether each MO was seen and each timer still stands."""
    contacts, places = fetch(connection, {each.msisdn for each in wanted})
    people = {
        each.msisdn: snapshot_of(each.msisdn, contacts.get(each.msisdn), places.get(each.msisdn, ())) for each in wanted
    }
    messages = [(each.msisdn, each.ref) for each in wanted if each.ref and each.msisdn in contacts]
    seen = connection.execute(sql.SEEN, (_json(messages),)).fetchall() if messages else ()
    timers = [each.wake for each in wanted if each.wake]
    return Known(people, frozenset(seen), frozenset(wake for wake in timers if stands(connection, wake)))


def fetch(connection: Connection, msisdns: Collection[str]) -> tuple[dict[str, Row], dict[str, list[Row]]]:
    """Return people's own rows and their subscriptions', by msisdn."""
    these = (_json(list(msisdns)),)
    contacts = {row[0]: row for row in connection.execute(sql.CONTACTS, these)}
    places: dict[str, list[Row]] = {}
    for row in connection.execute(sql.PLACES, these) if contacts else ():
        places.setdefault(row[0], []).append(row)
    return contacts, places


def _json(values: list[Any]) -> str:
    return orjson.dumps(values).decode()


def stands(connection: Connection, wake: Wake) -> bool:
    """Tell whether a timer is still there as it was set."""
    return connection.execute(sql.STANDING, wake_key(wake)).fetchone() is not None


def save(connection: Connection, records: Sequence[Record]) -> list[str]:
    """Write a batch; return the ids of the MTs it cancelled that were in the outbox before it."""
    rows = _Rows()
    for record in records:
        rows.take(connection, record)
    rows.write(connection)
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

    def take(self, connection: Connection, record: Record) -> None:
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
                self._effect(connection, record, effect, trace)

    def _effect(self, connection: Connection, record: Record, effect: Effect, trace: str | None) -> None:
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
                self._cancel(connection, record, effect)
            case _:  # a text kept for a person is the MO's own row
                pass

    def _cancel(self, connection: Connection, record: Record, effect: CancelQueued) -> None:
        """Cancel what lies in the outbox, and what the turns before this one in the batch have put there."""
        now = to_micros(record.at)
        queued = map(mt_of, connection.execute(sql.QUEUED_OF, (record.msisdn,)))
        self.cancelled += [(now, mt.msisdn, mt.id) for mt in queued if effect.covers(mt)]
        self.sends[record.msisdn] = [
            (mt, trace, Status.CANCELLED if effect.covers(mt) else status)
            for mt, trace, status in self.sends.get(record.msisdn, [])
        ]

    def write(self, connection: Connection) -> None:
        """Write everything, each statement once for all its rows."""
        many = connection.executemany
        if self.cancelled:
            many(sql.CANCEL, self.cancelled)
        if self.rung:
            many(sql.DROP_WAKE, self.rung)
        if self.dropped:
            many(sql.DROP_WAKES, self.dropped)
        many(sql.SAVE_CONTACT, [contact_row(person, last.at) for person, last in self.people.values()])
        many(sql.SAVE_PLACE, list(self._changed_places()))
        messages = self.messages + self._sends()
        many(sql.ADD_MESSAGE, messages)
        many(sql.SAVE_TRAFFIC, _traffic(messages))
        many(sql.SAVE_WAKE, list(self.wakes.values()))
        many(sql.ADD_LEDGER, self.ledger)
        if self.read:
            many(sql.MARK_READ, self.read)
        if self.failures:
            many(sql.ADD_FAILURE, self.failures)

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


def _traffic(messages: Sequence[Row]) -> list[Row]:
    """Tell each number's last MO and MT."""
    latest: dict[tuple[str, str], int] = {}
    for row in messages:
        latest[row[3], row[2]] = row[5]
    numbers = {number for number, _ in latest}
    return [(number, latest.get((number, "mo")), latest.get((number, "mt"))) for number in numbers]
