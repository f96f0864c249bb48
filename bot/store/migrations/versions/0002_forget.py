"""What may be dropped can be dropped, and several servers can share one database.

The ledger's rows hash digests of what leads to a person, so every chain is sealed anew; one that does not verify is
carried over as it is, and still does not. Traffic is kept by server, the pace of each number in the database.

Revision ID: 0002
"""

import hashlib
import secrets
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

from bot.store.tables import key
from bot.store.triggers import POSTGRESQL, SQLITE

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Values = tuple[Any, ...]

_OLD = ("msisdn", "seq", "event", "program", "at", "source", "number", "mo_ref", "mt_id", "shown", "shown_digest",
        "detail", "catalog", "before", "hash")  # fmt: skip


def upgrade() -> None:
    """Add what is new, and seal the chains anew."""
    op.add_column("contacts", sa.Column("salt", key(32), nullable=False, server_default=sa.text("''")))
    _salt()
    _ledger()
    _traffic()
    op.create_table(
        "paces",
        sa.Column("number", key(20), nullable=False),
        sa.Column("free_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "disposals",
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", key(12), nullable=False),
        sa.Column("who", key(64), nullable=False),
        sa.Column("ledger", key(20), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("head", key(64), nullable=False),
        sa.PrimaryKeyConstraint("at", "kind", "who"),
        sqlite_with_rowid=False,
    )
    forgotten = sa.text("who <> ''")
    op.create_index("forgotten", "disposals", ["who"], sqlite_where=forgotten, postgresql_where=forgotten)
    for trigger in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(trigger)


def _salt() -> None:
    bind = op.get_bind()
    people = [row[0] for row in bind.execute(sa.text("SELECT msisdn FROM contacts"))]
    if people:
        bind.execute(
            sa.text("UPDATE contacts SET salt = :salt WHERE msisdn = :msisdn"),
            [{"salt": secrets.token_hex(16), "msisdn": msisdn} for msisdn in people],
        )


def _ledger() -> None:
    bind = op.get_bind()
    op.drop_index("leavings", "consent_ledger")
    op.rename_table("consent_ledger", "old_ledger")
    if bind.dialect.name == "postgresql":
        op.execute("ALTER INDEX consent_ledger_pkey RENAME TO old_ledger_pkey")
    else:  # they would go with the table; dropped now, their names are free
        op.execute("DROP TRIGGER consent_ledger_keeps")
        op.execute("DROP TRIGGER consent_ledger_stays")
    table = op.create_table(
        "consent_ledger",
        sa.Column("msisdn", key(20), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("program", key(64), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("number", key(20), nullable=False),
        sa.Column("mo_ref", key(255), nullable=True),
        sa.Column("mt_id", key(32), nullable=True),
        sa.Column("shown", sa.Text(), nullable=True),
        sa.Column("shown_digest", key(64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("catalog", key(12), nullable=False),
        sa.Column("before", key(64), nullable=False),
        sa.Column("hash", key(64), nullable=False),
        sa.Column("private_digest", key(64), nullable=False, server_default=sa.text("''")),
        sa.PrimaryKeyConstraint("msisdn", "seq"),
        sqlite_with_rowid=False,
    )
    salts = sa.text("SELECT msisdn, salt, ledger_head FROM contacts")
    people = {row[0]: (row[1], row[2]) for row in bind.execute(salts)}
    names = ", ".join(f'"{name}"' for name in _OLD)
    rows = [tuple(row) for row in bind.execute(sa.text(f"SELECT {names} FROM old_ledger ORDER BY msisdn, seq"))]  # noqa: S608
    for msisdn, chain in groupby(rows, key=lambda row: row[0]):
        salt, head = people.get(msisdn, ("", ""))
        sealed = list(_sealed_anew(list(chain), salt, head))
        bind.execute(table.insert(), [dict(zip((*_OLD, "private_digest"), row, strict=True)) for row in sealed])
        bind.execute(
            sa.text("UPDATE contacts SET ledger_head = :head WHERE msisdn = :msisdn"),
            {"head": sealed[-1][14], "msisdn": msisdn},
        )
    op.drop_table("old_ledger")
    leavings = sa.text("event IN ('opted_out', 'carrier_blocked', 'reason')")
    op.create_index("leavings", "consent_ledger", ["at"], sqlite_where=leavings, postgresql_where=leavings)


def _sealed_anew(rows: list[Values], salt: str, head: str) -> Iterator[Values]:
    """Yield the rows with new hashes; from where the old chain was broken with the old ones, which do not verify."""
    before, seen, whole = "", "", True
    for number, row in enumerate(rows, 1):
        msisdn, seq, event, program, at, source, ours, mo_ref, mt_id, _, shown_digest, detail, catalog, *_ = row
        old = (msisdn, seq, event, program, at, source, ours, mo_ref, mt_id, shown_digest, _digest(detail), catalog,
               row[13])  # fmt: skip
        whole = whole and seq == number and row[13] == seen and row[14] == _hash(old)
        whole = whole and (number < len(rows) or row[14] == head)
        seen = row[14]
        private = _hash((salt, msisdn, mo_ref, mt_id, detail))
        new = (seq, event, program, at, source, ours, shown_digest, private, catalog, before)
        hashed = _hash(new) if whole else row[14]
        yield (*row[:13], before if whole else row[13], hashed, private)
        before = hashed


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() if text else ""


def _hash(values: Values) -> str:
    return hashlib.sha256(orjson.dumps(values)).hexdigest()


def _traffic() -> None:
    bind = op.get_bind()
    kept = [dict(row) for row in bind.execute(sa.text("SELECT number, mo_at, mt_at FROM traffic")).mappings()]
    op.drop_table("traffic")
    table = op.create_table(
        "traffic",
        sa.Column("number", key(20), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("mo_at", sa.BigInteger(), nullable=True),
        sa.Column("mt_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", "slot"),
        sqlite_with_rowid=False,
    )
    if kept:
        bind.execute(table.insert(), [{**row, "slot": 0} for row in kept])


def downgrade() -> None:
    """Refuse: consent is not thrown away by a command."""
    raise SystemExit("0002 cannot be undone: restore the copy made before it")
