"""Whether everything in a database is whole: its pages, and every chain of consent, those of the forgotten too."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, islice

from sqlalchemy import Connection, exists, func, select, text

from bot.core.ledger import Event, LedgerRow, first_break
from bot.store.tables import consent_ledger, contacts, disposals

_AT_ONCE = 1000  # rows
_MOST_TOLD = 100

_l, _c, _d = consent_ledger.c, contacts.c, disposals.c


def faults(connection: Connection) -> list[str]:
    """Say which pages of the file and which chains are not whole; at most a hundred of each."""
    found: list[str] = []
    if connection.dialect.name == "sqlite":
        checked = connection.execute(text(f"PRAGMA integrity_check({_MOST_TOLD})")).scalars().all()
        found += [f"page: {line}" for line in checked if line != "ok"]
    told = islice(broken(connection), _MOST_TOLD)
    return found + [f"chain of {msisdn}: broken at row {row}" for msisdn, row in told]


def broken(connection: Connection) -> Iterator[tuple[str, int]]:
    """Yield whose chain is broken and at which row."""
    heads = (
        select(consent_ledger, func.coalesce(_c.ledger_head, _d.head, "").label("head"), func.coalesce(_c.salt, ""))
        .outerjoin(contacts, _c.msisdn == _l.msisdn)
        .outerjoin(disposals, (_d.ledger == _l.msisdn) & (_d.who != ""))
        .order_by(_l.msisdn, _l.seq)
    )
    rows = connection.execution_options(yield_per=_AT_ONCE).execute(heads)
    names = [column.name for column in consent_ledger.columns]
    for msisdn, chain in groupby(rows, key=lambda row: row[0]):
        listed = [tuple(row) for row in chain]
        values = (dict(zip(names, row, strict=False)) for row in listed)
        sealed = [LedgerRow(**{**row, "event": Event(row["event"])}) for row in values]
        at = first_break(sealed, head=listed[0][-2], salt=listed[0][-1])
        if at is not None:
            yield msisdn, at
    gone = select(_c.msisdn).where(_c.ledger_head != "", ~exists().where(_l.msisdn == _c.msisdn))
    yield from ((msisdn, 1) for msisdn in connection.execute(gone).scalars())
