"""The statements that every message runs: written once with SQLAlchemy Core, compiled once, run on the driver.

Rule: parameters are positional, in the order a statement's docstring-like comment names them. What is not hot is not
here: it goes through SQLAlchemy plainly (`queries.py`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Table,
    Text,
    and_,
    bindparam,
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
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import insert as upsert_into
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.dml import Insert

from bot.store.tables import consent_ledger, contacts, failures, messages, subscriptions, traffic, wakes

_DIALECT = sqlite.dialect(paramstyle="qmark")


def _compiled(statement: ClauseElement, *order: str) -> str:
    """Compile; refuse a statement whose parameters come in another order than its caller gives them."""
    compiled: Any = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    if order and tuple(compiled.positiontup) != order:
        raise AssertionError(f"{compiled}: parameters are {compiled.positiontup}")
    return str(compiled)


def _all(table: Table) -> dict[str, Any]:
    return {column.name: bindparam(column.name) for column in table.columns}


def _upsert(table: Table) -> Insert:
    into = upsert_into(table).values(_all(table))
    keys = [column.name for column in table.primary_key]
    rest = {column.name: into.excluded[column.name] for column in table.columns if column.name not in keys}
    return into.on_conflict_do_update(index_elements=keys, set_=rest)


def _names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns)


_m, _w = messages.c, wakes.c
_MT = (_m.msisdn, _m.ref, _m.number, _m.text, _m.at, _m.purpose, _m.program, _m.text_key)
# A literal, not a parameter: only so does the database see that the partial index `outbox` has the rows.
_QUEUED: ColumnElement[str] = literal_column("'queued'")
_this_message = and_(_m.msisdn == bindparam("msisdn"), _m.ref == bindparam("ref"))
_this_wake = and_(
    _w.msisdn == bindparam("msisdn"),
    _w.program == bindparam("program"),
    _w.kind == bindparam("kind"),
    _w.at == bindparam("at"),
)
_WAKE = ("msisdn", "program", "kind", "at")
# Many keys in one statement, as one JSON text.
_these = select(func.json_each(bindparam("these")).table_valued("value").c.value)
_pair = func.json_each(bindparam("these")).table_valued("value").c.value
_these_pairs = select(
    func.json_extract(_pair, literal_column("'$[0]'")), func.json_extract(_pair, literal_column("'$[1]'"))
)

# ---- load: what a turn may know --------------------------------------------------------------------------
CONTACTS = _compiled(select(contacts).where(contacts.c.msisdn.in_(_these)), "these")
PLACES = _compiled(select(subscriptions).where(subscriptions.c.msisdn.in_(_these)), "these")
SEEN = _compiled(select(_m.msisdn, _m.ref).where(tuple_(_m.msisdn, _m.ref).in_(_these_pairs)), "these")
STANDING = _compiled(select(_w.at).where(_this_wake), *_WAKE)
QUEUED_OF = _compiled(select(*_MT).where(_m.msisdn == bindparam("msisdn"), _m.status == _QUEUED), "msisdn")

_latest = upsert_into(traffic).values(_all(traffic))

# ---- save: what a turn leaves -----------------------------------------------------------------------------
SAVE_CONTACT = _compiled(_upsert(contacts), *_names(contacts))
SAVE_PLACE = _compiled(_upsert(subscriptions), *_names(subscriptions))
ADD_MESSAGE = _compiled(insert(messages).values(_all(messages)), *_names(messages))
SAVE_WAKE = _compiled(_upsert(wakes), *_names(wakes))
ADD_LEDGER = _compiled(insert(consent_ledger).values(_all(consent_ledger)), *_names(consent_ledger))
SAVE_TRAFFIC = _compiled(
    _latest.on_conflict_do_update(
        index_elements=["number"],
        set_={name: func.coalesce(_latest.excluded[name], traffic.c[name]) for name in ("mo_at", "mt_at")},
    ),
    *_names(traffic),
)
ADD_FAILURE = _compiled(insert(failures).values(_all(failures)), *_names(failures))
DROP_WAKES = _compiled(
    delete(wakes).where(_w.msisdn == bindparam("msisdn"), _w.program == bindparam("program")), "msisdn", "program"
)
DROP_WAKE = _compiled(delete(wakes).where(_this_wake), *_WAKE)
CANCEL = _compiled(
    update(messages)
    .ordered_values(
        (_m.status, literal_column("'cancelled'")), (_m.lease_until, null()), (_m.settled_at, bindparam("now"))
    )
    .where(_this_message, _m.status == _QUEUED),
    "now", "msisdn", "ref",
)  # fmt: skip

MARK_READ = _compiled(
    update(messages)
    .values(status=literal_column("'read'"))
    .where(_this_message, _m.status == literal_column("'unread'")),
    "msisdn", "ref",
)  # fmt: skip

# ---- outbox -----------------------------------------------------------------------------------------------
_older = messages.alias("older")
_in_line = exists().where(
    _older.c.msisdn == _m.msisdn,
    _older.c.number == _m.number,
    _older.c.status == _QUEUED,
    _older.c.ref < _m.ref,
)
# Oldest first, and of one person on one number only the first: a reply never overtakes the one before it.
CLAIM = _compiled(
    select(*_MT, _m.due_at, _m.attempts)
    .where(
        _m.status == _QUEUED,
        _m.due_at <= bindparam("now"),
        or_(_m.lease_until.is_(None), _m.lease_until <= bindparam("now_again")),
        _m.number.in_(_these),
        ~_in_line,
    )
    .order_by(_m.due_at)
    .limit(bindparam("most")),
)
LEASE = _compiled(
    update(messages).values(lease_until=bindparam("until")).where(_this_message, _m.status == _QUEUED),
    "until", "msisdn", "ref",
)  # fmt: skip
RELEASE = _compiled(
    update(messages).values(lease_until=null()).where(_m.status == _QUEUED, _m.lease_until.is_not(None))
)
_has_left = bindparam("left", type_=Integer) == literal_column("1")
# What was cancelled while it was on its way has left all the same, and the record must say so.
SETTLE = _compiled(
    update(messages)
    .ordered_values(
        (_m.status, bindparam("status")),
        (_m.due_at, func.coalesce(bindparam("retry_at", type_=BigInteger), _m.due_at)),
        (_m.lease_until, null()),
        (_m.attempts, bindparam("attempts")),
        (_m.provider_ref, func.coalesce(bindparam("provider_ref", type_=Text), _m.provider_ref)),
        (_m.error, bindparam("error")),
        (_m.settled_at, bindparam("settled_at")),
    )
    .where(
        _this_message,
        or_(_m.status == _QUEUED, and_(_m.status == literal_column("'cancelled'"), _has_left)),
    ),
    "status", "retry_at", "attempts", "provider_ref", "error", "settled_at", "msisdn", "ref", "left",
)  # fmt: skip

# ---- reports ----------------------------------------------------------------------------------------------
_REPORTED = (_m.msisdn, _m.ref, _m.number, _m.status)
BY_ID = _compiled(select(*_REPORTED).where(_m.ref == bindparam("ref"), _m.direction == literal_column("'mt'")), "ref")
BY_PROVIDER_REF = _compiled(
    select(*_REPORTED).where(_m.provider_ref == bindparam("ref"), _m.provider_ref.is_not(None)), "ref"
)
REPORT = _compiled(
    update(messages)
    .ordered_values(
        (_m.status, bindparam("status")),
        (_m.error, func.coalesce(bindparam("error", type_=Text), _m.error)),
        (_m.provider_ref, func.coalesce(_m.provider_ref, bindparam("provider_ref", type_=Text))),
        (_m.lease_until, null()),
        (_m.settled_at, bindparam("settled_at")),
    )
    .where(_this_message),
    "status", "error", "provider_ref", "settled_at", "msisdn", "ref",
)  # fmt: skip

# ---- timers -----------------------------------------------------------------------------------------------
DUE_WAKES = _compiled(
    select(wakes).where(_w.at <= bindparam("now")).order_by(_w.at).limit(bindparam("most")),
)
NEXT_WAKE = _compiled(select(func.min(_w.at)).select_from(wakes))
