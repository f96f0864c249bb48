"""The statements that every message runs: written with SQLAlchemy Core, compiled for each engine, run on the driver.

Rule: parameters are positional, in the order of the names beside a statement, or of the table's columns. What is not
hot is not here: it goes through SQLAlchemy plainly (`queries.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Table,
    Text,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.dml import Insert

from bot.store.engines import Engine
from bot.store.tables import consent_ledger, contacts, failures, messages, paces, subscriptions, traffic, wakes

Named = tuple[str, ClauseElement, tuple[str, ...]]
"""A statement's name, and its parameters in the order in which they are given."""


@dataclass(frozen=True, slots=True)
class Statements:
    """All of them as one engine reads them. `shared`: other servers may use the same database."""

    shared: bool
    # what a turn may know
    meet: str
    lock: str
    contacts: str
    places: str
    seen: str
    standing: str
    queued_of: str
    # what a turn leaves
    part: str
    save_contact: str
    save_place: str
    add_message: str
    save_wake: str
    add_ledger: str
    save_traffic: str
    add_failure: str
    drop_wakes: str
    drop_wake: str
    cancel: str
    mark_read: str
    # the outbox
    claim: str
    lease: str
    later: str
    release: str
    release_all: str
    settle: str
    unlease: str
    stands: str
    under_way: str
    paces: str
    save_pace: str
    # reports, timers
    by_id: str
    by_provider_ref: str
    report: str
    due_wakes: str
    next_wake: str


@cache
def statements(engine: Engine) -> Statements:
    """Compile all of them."""
    named = (*_load(engine), *_save(engine), *_outbox(engine), *_paces(engine), *_reports(), *_timers())
    return Statements(engine.shared, **{name: compiled(engine, each, order) for name, each, order in named})


def compiled(engine: Engine, statement: ClauseElement, order: tuple[str, ...]) -> str:
    """Compile; refuse a statement whose parameters come in another order than its caller gives them."""
    compiled: Any = statement.compile(dialect=engine.dialect, compile_kwargs={"render_postcompile": True})
    if tuple(compiled.positiontup) != order:
        raise AssertionError(f"{compiled}: parameters are {compiled.positiontup}")
    return str(compiled)


_m, _w = messages.c, wakes.c
_MT = (_m.msisdn, _m.ref, _m.number, _m.text, _m.at, _m.purpose, _m.program, _m.text_key)
# A literal, not a parameter: only so does the database see that the partial index `outbox` has the rows.
_QUEUED: ColumnElement[str] = literal_column("'queued'")
_this_message = and_(_m.msisdn == bindparam("msisdn"), _m.ref == bindparam("ref"))
_MESSAGE = ("msisdn", "ref")
_this_wake = and_(
    _w.msisdn == bindparam("msisdn"),
    _w.program == bindparam("program"),
    _w.kind == bindparam("kind"),
    _w.at == bindparam("at"),
)
_WAKE = ("msisdn", "program", "kind", "at")


def _all(table: Table) -> dict[str, Any]:
    return {column.name: bindparam(column.name) for column in table.columns}


def _names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns)


def _upsert(engine: Engine, table: Table) -> Insert:
    into = engine.insert(table).values(_all(table))
    keys = [column.name for column in table.primary_key]
    rest = {column.name: into.excluded[column.name] for column in table.columns if column.name not in keys}
    upsert: Insert = into.on_conflict_do_update(index_elements=keys, set_=rest)
    return upsert


def _load(engine: Engine) -> Iterator[Named]:
    these = ("these",)
    yield from _locks(engine)
    yield "contacts", select(contacts).where(contacts.c.msisdn.in_(engine.these)), these
    yield "places", select(subscriptions).where(subscriptions.c.msisdn.in_(engine.these)), these
    yield "seen", select(_m.msisdn, _m.ref).where(tuple_(_m.msisdn, _m.ref).in_(engine.pairs)), these
    yield "standing", select(_w.at).where(_this_wake), _WAKE
    yield "queued_of", select(*_MT).where(_m.msisdn == bindparam("msisdn"), _m.status == _QUEUED), ("msisdn",)


def _locks(engine: Engine) -> Iterator[Named]:
    """Write the rows of those we have not met, and lock everybody's, both in the order of their msisdns: so no two
    servers wait for one another in a ring."""
    new = engine.these.subquery("new")
    stranger = {
        "msisdn": new.c.value, "talks": literal_column("'{}'"), "hold": literal_column("FALSE"),
        "ledger_rows": literal_column("0"), "ledger_head": literal_column("''").label("head"),
        "seen_at": literal_column("0").label("seen"), "salt": literal_column("''"),
    }  # fmt: skip
    meet = engine.insert(contacts).from_select([*stranger], select(*stranger.values()).order_by(new.c.value))
    yield "meet", meet.on_conflict_do_nothing().returning(contacts.c.msisdn), ("these",)
    locked = select(contacts.c.msisdn).where(contacts.c.msisdn.in_(engine.these)).order_by(contacts.c.msisdn)
    yield "lock", locked.with_for_update(), ("these",)
    yield "part", delete(contacts).where(contacts.c.msisdn == bindparam("msisdn")), ("msisdn",)


def _save(engine: Engine) -> Iterator[Named]:
    for name, table in (("contact", contacts), ("place", subscriptions), ("wake", wakes)):
        yield f"save_{name}", _upsert(engine, table), _names(table)
    for name, table in (("message", messages), ("ledger", consent_ledger), ("failure", failures)):
        yield f"add_{name}", insert(table).values(_all(table)), _names(table)
    latest = engine.insert(traffic).values(_all(traffic))
    kept = {name: func.coalesce(latest.excluded[name], traffic.c[name]) for name in ("mo_at", "mt_at")}
    yield (
        "save_traffic",
        latest.on_conflict_do_update(index_elements=["number", "slot"], set_=kept),
        _names(traffic),
    )
    here = delete(wakes).where(_w.msisdn == bindparam("msisdn"), _w.program == bindparam("program"))
    yield "drop_wakes", here, ("msisdn", "program")
    yield "drop_wake", delete(wakes).where(_this_wake), _WAKE
    # Its lease stays: who holds it may be sending it at this moment, and a STOP waits for that.
    cancelled = update(messages).ordered_values(
        (_m.status, literal_column("'cancelled'")), (_m.settled_at, bindparam("now"))
    )
    yield "cancel", cancelled.where(_this_message, _m.status == _QUEUED), ("now", *_MESSAGE)
    read = update(messages).values(status=literal_column("'read'"))
    yield "mark_read", read.where(_this_message, _m.status == literal_column("'unread'")), _MESSAGE


def _outbox(engine: Engine) -> Iterator[Named]:
    older = messages.alias("older")
    in_line = exists().where(
        older.c.msisdn == _m.msisdn,
        older.c.number == _m.number,
        older.c.status == _QUEUED,
        older.c.ref < _m.ref,
    )
    # Oldest first, and of one person on one number only the first: a reply never overtakes the one before it.
    claim = (
        select(*_MT, _m.due_at, _m.attempts)
        .where(
            _m.status == _QUEUED,
            _m.due_at <= bindparam("now"),
            or_(_m.lease_until.is_(None), _m.lease_until <= bindparam("now_again")),
            _m.number.in_(engine.these),
            ~in_line,
        )
        .order_by(_m.due_at)
        .limit(bindparam("most", type_=Integer))
        .offset(literal_column("0"))
        .with_for_update(skip_locked=True, of=messages)
    )
    yield "claim", claim, ("now", "now_again", "these", "most")
    queued = and_(_this_message, _m.status == _QUEUED)
    yield "lease", update(messages).values(lease_until=bindparam("until")).where(queued), ("until", *_MESSAGE)
    yield "later", update(messages).values(due_at=bindparam("due")).where(queued), ("due", *_MESSAGE)
    free = update(messages).values(lease_until=null())
    yield "release", free.where(queued), _MESSAGE
    yield "release_all", free.where(_m.status == _QUEUED, _m.lease_until.is_not(None)), ()
    yield "unlease", free.where(_this_message), _MESSAGE
    yield "settle", *_settle()
    yield "stands", select(_m.ref).where(queued), _MESSAGE
    under_way = select(_m.ref).where(
        _m.msisdn == bindparam("msisdn"),
        _m.lease_until > bindparam("now"),
        _m.purpose != literal_column("'farewell'"),
    )
    yield "under_way", under_way, ("msisdn", "now")


def _settle() -> tuple[ClauseElement, tuple[str, ...]]:
    """What was cancelled while it was on its way has left all the same, and the record must say so. Where a report came
    before the answer, that stands, and only the provider's name for the MT is added: later reports may know no other.
    """
    has_left = bindparam("left", type_=Integer) == literal_column("1")
    settled = update(messages).ordered_values(
        (_m.status, _unless_reported(_m.status, "status")),
        (_m.due_at, func.coalesce(bindparam("retry_at", type_=BigInteger), _m.due_at)),
        (_m.lease_until, null()),
        (_m.attempts, bindparam("attempts")),
        (_m.provider_ref, func.coalesce(bindparam("provider_ref", type_=Text), _m.provider_ref)),
        (_m.error, _unless_reported(_m.error, "error")),
        (_m.settled_at, _unless_reported(_m.settled_at, "settled_at")),
    )
    settled = settled.where(_this_message, or_(_m.status == _QUEUED, has_left))
    return settled, ("status", "retry_at", "attempts", "provider_ref", "error", "settled_at", *_MESSAGE, "left")


def _unless_reported(column: Any, name: str) -> ColumnElement[Any]:
    ours = _m.status.in_((_QUEUED, literal_column("'cancelled'")))
    return case((ours, bindparam(name, type_=column.type)), else_=column)


def _paces(engine: Engine) -> Iterator[Named]:
    limited = select(paces).where(paces.c.number.in_(engine.these)).order_by(paces.c.number)
    yield "paces", limited.with_for_update(), ("these",)
    yield "save_pace", _upsert(engine, paces), _names(paces)


def _reports() -> Iterator[Named]:
    reported = select(_m.msisdn, _m.ref, _m.number, _m.status)
    by_id = reported.where(_m.ref == bindparam("ref"), _m.direction == literal_column("'mt'"))
    yield "by_id", by_id, ("ref",)
    yield "by_provider_ref", reported.where(_m.provider_ref == bindparam("ref"), _m.provider_ref.is_not(None)), ("ref",)
    moved = update(messages).ordered_values(
        (_m.status, bindparam("status")),
        (_m.error, func.coalesce(bindparam("error", type_=Text), _m.error)),
        (_m.provider_ref, func.coalesce(_m.provider_ref, bindparam("provider_ref", type_=Text))),
        (_m.lease_until, null()),
        (_m.settled_at, bindparam("settled_at")),
    )
    yield "report", moved.where(_this_message), ("status", "error", "provider_ref", "settled_at", *_MESSAGE)


def _timers() -> Iterator[Named]:
    due = select(wakes).where(_w.at <= bindparam("now")).order_by(_w.at)
    yield "due_wakes", due.limit(bindparam("most", type_=Integer)).offset(literal_column("0")), ("now", "most")
    yield "next_wake", select(func.min(_w.at)).select_from(wakes), ()
