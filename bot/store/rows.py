"""Values to rows and back, for the statements that every message runs.

Rule: a row is a tuple in the order of its table's columns. Written by hand because each of these runs for every
message; everything else goes through SQLAlchemy and its types.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, cast

import orjson

from bot.core.effects import Enter, SetWake, WakeKind
from bot.core.messages import MO, MT, Purpose, Status
from bot.core.state import Snapshot, Subscription, load_conversation
from bot.draft import Trace
from bot.records import Record, Wake
from bot.store.tables import from_micros, to_micros

Row = tuple[Any, ...]

UNREADABLE = (KeyError, TypeError, ValueError, OverflowError)
"""What reading a row raises if it does not hold what we write: another version's, or somebody's hand was in it."""

KINDS = frozenset(WakeKind)


def contact_row(person: Snapshot, seen_at: datetime) -> Row:
    """Write a person's own row."""
    return (
        person.msisdn, orjson.dumps(_talks(person)).decode(), _micros(person.suppressed_at), person.hold,
        person.ledger_rows, person.ledger_head, to_micros(seen_at), person.salt,
    )  # fmt: skip


def _talks(person: Snapshot) -> dict[str, Any]:
    return {"conversations": person.conversations, "asks": person.asks, "fields": person.fields}


def snapshot_of(msisdn: str, contact: Row | None, subscriptions: Sequence[Row]) -> Snapshot:
    """Read a person from her own row and her subscriptions'; a stranger where there is none."""
    if contact is None:
        return Snapshot(msisdn, salt=secrets.token_hex(16))
    _, talks, suppressed_at, hold, ledger_rows, ledger_head, _, salt = contact
    raw = orjson.loads(talks)
    return Snapshot(
        msisdn=msisdn,
        subscriptions={row[1]: subscription_of(row) for row in subscriptions},
        conversations={number: load_conversation(talk) for number, talk in raw["conversations"].items()},
        asks=tuple(datetime.fromisoformat(at) for at in raw["asks"]),
        suppressed_at=_moment(suppressed_at),
        hold=bool(hold),
        fields=raw["fields"],
        ledger_rows=ledger_rows,
        ledger_head=ledger_head,
        salt=salt,
    )


def legible(msisdn: str, contact: Row, subscriptions: Sequence[Row]) -> Snapshot:
    """Read what can be read of a person whose rows `snapshot_of` cannot read: it takes no more to obey her STOP."""
    _, _, suppressed_at, hold, ledger_rows, ledger_head, _, salt = contact
    places: dict[str, Subscription] = {}
    for row in subscriptions:
        with suppress(*UNREADABLE):
            places[row[1]] = subscription_of(row)
    return Snapshot(
        msisdn, places, suppressed_at=_moment(suppressed_at), hold=bool(hold), ledger_rows=ledger_rows,
        ledger_head=ledger_head, salt=salt,
    )  # fmt: skip


def subscription_row(msisdn: str, place: Subscription) -> Row:
    """Write a place in a program."""
    return (
        msisdn, place.program, place.state, place.number, _micros(place.since), _micros(place.asked_at), place.shown,
        place.asked_mt, place.confirmed, _micros(place.left_at), place.left_on,
    )  # fmt: skip


def subscription_of(row: Row) -> Subscription:
    """Read a place in a program."""
    _, program, state, number, since, asked_at, shown, asked_mt, confirmed, left_at, left_on = row
    return Subscription(
        program, state, number, _moment(since), _moment(asked_at), shown, asked_mt, bool(confirmed),
        _moment(left_at), left_on,
    )  # fmt: skip


def mo_row(mo: MO, record: Record) -> Row:
    """Write an MO with the trace of its turn."""
    trace = record.turn.trace if record.turn else None
    return (
        mo.msisdn, mo.ref, "mo", mo.number, mo.text, to_micros(record.at), str(record.reading),
        trace.intent if trace else None, trace_json(trace) if trace else None,
        None, None, None, None, None, 0, None, None, None,
    )  # fmt: skip


def mt_row(mt: MT, trace: str | None, status: Status, settled_at: datetime | None) -> Row:
    """Write an MT into the outbox; `trace` only where no MO carries it."""
    at = to_micros(mt.at)
    return (
        mt.msisdn, mt.id, "mt", mt.number, mt.text, at, str(status), None, trace, str(mt.purpose), mt.program,
        mt.text_key, at, None, 0, None, None, _micros(settled_at),
    )  # fmt: skip


def mt_of(row: Row) -> MT:
    """Read an MT from msisdn, ref, number, text, at, purpose, program, text_key."""
    msisdn, ref, number, text, at, purpose, program, text_key = row
    return MT(ref, msisdn, number, text, from_micros(at), Purpose(purpose), program, text_key or "")


def queued_mt(row: Row, now: datetime) -> tuple[MT, str | None]:
    """Read an MT of the outbox, or as much of it as it takes to name it and to cancel it, and why it is no more."""
    try:
        return mt_of(row), None
    except UNREADABLE as error:
        msisdn, ref, number, text, _, _, program, _ = row
        return MT(ref, msisdn, number, text, now, Purpose.REPLY, program), f"its row cannot be read: {error}"


def wake_of(row: Row) -> Wake:
    """Read a timer. One of a kind we do not know rings, too: its turn fails, and it is gone."""
    msisdn, program, kind, number, at = row
    known = WakeKind(kind) if kind in KINDS else cast(WakeKind, kind)
    return Wake(msisdn, program, known, number, from_micros(at))


def wake_row(msisdn: str, wake: SetWake) -> Row:
    """Write a timer."""
    return (msisdn, wake.program, str(wake.kind), wake.number, to_micros(wake.at))


def wake_key(wake: Wake) -> Row:
    """Name a timer as it stood: one that was set anew since is another."""
    return (wake.msisdn, wake.program, str(wake.kind), to_micros(wake.at))


def ledger_row(entry: Enter) -> Row:
    """Write a sealed row of the consent ledger."""
    row = entry.row
    return (
        row.msisdn, row.seq, str(row.event), row.program, to_micros(row.at), row.source, row.number, row.mo_ref,
        row.mt_id, row.shown, row.shown_digest, row.detail, row.catalog, row.before, row.hash,
        row.private_digest,
    )  # fmt: skip


def failure_row(record: Record, mo: MO) -> Row:
    """Write what our bug left undone, so that it can be played again."""
    return (mo.msisdn, mo.ref, mo.number, mo.text, to_micros(record.at), record.error or "")


def trace_json(trace: Trace) -> str:
    """Write a trace as the pages read it."""
    return orjson.dumps(trace).decode()


def _micros(at: datetime | None) -> int | None:
    return None if at is None else to_micros(at)


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
