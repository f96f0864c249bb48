"""The first tables.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import key

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


APPEND_ONLY = (
    """CREATE TRIGGER consent_ledger_keeps BEFORE DELETE ON consent_ledger
    BEGIN SELECT RAISE(ABORT, 'the consent ledger is append-only'); END""",
    """CREATE TRIGGER consent_ledger_stays BEFORE UPDATE ON consent_ledger WHEN NEW.shown IS NOT NULL OR
    (NEW.msisdn, NEW.seq, NEW.event, NEW.program, NEW.at, NEW.source, NEW.number, NEW.mo_ref, NEW.mt_id,
     NEW.shown_digest, NEW.detail, NEW.catalog, NEW."before", NEW.hash) IS NOT
    (OLD.msisdn, OLD.seq, OLD.event, OLD.program, OLD.at, OLD.source, OLD.number, OLD.mo_ref, OLD.mt_id,
     OLD.shown_digest, OLD.detail, OLD.catalog, OLD."before", OLD.hash)
    BEGIN SELECT RAISE(ABORT, 'the consent ledger is append-only'); END""",
)


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "catalogs",
        sa.Column("digest", key(12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
        sqlite_with_rowid=False,
    )
    op.create_table(
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
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("catalog", key(12), nullable=False),
        sa.Column("before", key(64), nullable=False),
        sa.Column("hash", key(64), nullable=False),
        sa.PrimaryKeyConstraint("msisdn", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "leavings",
        "consent_ledger",
        ["at"],
        unique=False,
        sqlite_where=sa.text("event IN ('opted_out', 'carrier_blocked', 'reason')"),
        postgresql_where=sa.text("event IN ('opted_out', 'carrier_blocked', 'reason')"),
    )
    op.create_table(
        "contacts",
        sa.Column("msisdn", key(20), nullable=False),
        sa.Column("talks", sa.Text(), nullable=False),
        sa.Column("suppressed_at", sa.BigInteger(), nullable=True),
        sa.Column("hold", sa.Boolean(), nullable=False),
        sa.Column("ledger_rows", sa.Integer(), nullable=False),
        sa.Column("ledger_head", key(64), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("msisdn"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "failures",
        sa.Column("msisdn", key(20), nullable=False),
        sa.Column("ref", key(255), nullable=False),
        sa.Column("number", key(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("msisdn", "ref"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "messages",
        sa.Column("msisdn", key(20), nullable=False),
        sa.Column("ref", key(255), nullable=False),
        sa.Column("direction", sa.String(length=2), nullable=False),
        sa.Column("number", key(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("intent", sa.String(length=12), nullable=True),
        sa.Column("trace", sa.Text(), nullable=True),
        sa.Column("purpose", sa.String(length=12), nullable=True),
        sa.Column("program", key(64), nullable=True),
        sa.Column("text_key", key(80), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("provider_ref", key(255), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("msisdn", "ref"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "mt_ids",
        "messages",
        ["ref"],
        unique=False,
        sqlite_where=sa.text("direction = 'mt'"),
        postgresql_where=sa.text("direction = 'mt'"),
    )
    op.create_index(
        "outbox",
        "messages",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("status = 'queued'"),
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.create_index(
        "reports",
        "messages",
        ["provider_ref"],
        unique=False,
        sqlite_where=sa.text("provider_ref IS NOT NULL"),
        postgresql_where=sa.text("provider_ref IS NOT NULL"),
    )
    op.create_index(
        "unread",
        "messages",
        ["at"],
        unique=False,
        sqlite_where=sa.text("status = 'unread'"),
        postgresql_where=sa.text("status = 'unread'"),
    )
    op.create_table(
        "subscriptions",
        sa.Column("msisdn", key(20), nullable=False),
        sa.Column("program", key(64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("number", key(20), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("asked_mt", key(32), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("left_on", key(20), nullable=False),
        sa.PrimaryKeyConstraint("msisdn", "program"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "traffic",
        sa.Column("number", key(20), nullable=False),
        sa.Column("mo_at", sa.BigInteger(), nullable=True),
        sa.Column("mt_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "wakes",
        sa.Column("msisdn", key(20), nullable=False),
        sa.Column("program", key(64), nullable=False),
        sa.Column("kind", key(12), nullable=False),
        sa.Column("number", key(20), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("msisdn", "program", "kind"),
        sqlite_with_rowid=False,
    )
    op.create_index("next_wakes", "wakes", ["at"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for trigger in APPEND_ONLY:
            op.execute(trigger)


def downgrade() -> None:
    """Refuse: consent is not thrown away by a command."""
    raise SystemExit("0001 is the first: to start over, use another database")
