"""Erase a person (GDPR art. 17): everything of hers goes, and her chain of consent goes on without a name.

Kept: that and when she was forgotten, a keyed hash of her number, and the chain, in which every row has lost what leads
to her and still verifies. One transaction.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from bot.core.ledger import Event, LedgerRow, private_digest, seal
from bot.core.values import replace
from bot.records import Forgotten
from bot.store.queries import ledger
from bot.store.tables import consent_ledger, contacts, disposals, failures, messages, subscriptions, wakes

NAME = 18  # hex digits of the name a chain goes by


def forget(connection: Connection, msisdn: str, who: str, at: datetime, catalog: str) -> dict[str, int]:
    """Erase a person and remember `who`, the keyed hash; return how many rows of each table went.

    She need not be known: then only the hash is kept, so that no list brings her in.
    """
    person = connection.execute(select(contacts).where(contacts.c.msisdn == msisdn).with_for_update()).fetchone()
    name, rows, head = "", 0, ""
    if person is not None:
        name = f"#{secrets.token_hex(NAME // 2)}"
        last = _last_row(connection, msisdn, person.salt, at, catalog)
        connection.execute(
            update(consent_ledger)
            .where(consent_ledger.c.msisdn == msisdn)
            .values(msisdn=name, mo_ref=None, mt_id=None, shown=None, detail=None)
        )
        rows, head = last.seq, last.hash
    gone = {
        table.name: connection.execute(delete(table).where(table.c.msisdn == msisdn)).rowcount
        for table in (messages, wakes, subscriptions, failures, contacts)
    }
    connection.execute(insert(disposals).values(at=at, kind="person", who=who, ledger=name, rows=rows, head=head))
    return gone


def _last_row(connection: Connection, msisdn: str, salt: str, at: datetime, catalog: str) -> LedgerRow:
    """End her chain with a row that says so."""
    before = ledger(connection, msisdn)
    last = before[-1] if before else None
    row = LedgerRow(
        msisdn, last.seq + 1 if last else 1, Event.FORGOTTEN, None, at, "console", last.number if last else "", None,
        None, None, "", "", catalog, last.hash if last else "",
    )  # fmt: skip
    row = replace(row, private_digest=private_digest(row, salt))
    row = replace(row, hash=seal(row))
    connection.execute(insert(consent_ledger).values({name: getattr(row, name) for name in LedgerRow.__slots__}))
    return row


def forgotten(connection: Connection, who: str) -> list[Forgotten]:
    """List when somebody was forgotten, the last time first; none if she never was."""
    d = disposals.c
    found = connection.execute(select(d.at, d.ledger, d.rows, d.head).where(d.who == who).order_by(d.at.desc()))
    return [Forgotten(*row) for row in found]
