"""People with a history, made in bulk: for each the rows that her turns would have left.

Each takes her turns by the project's own code, so that states, traces and the ledger's chain are true; only the rows go
into the tables by themselves, with the indexes made afterwards. Half of the people have joined and stay, with 6
messages and 2 ledger rows; the others have left and said why, with 7 and 4.
"""

from __future__ import annotations

import gc
import os
import random
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event

from benchmarks import servers
from benchmarks.report import say
from benchmarks.traffic import KEYWORDS, NUMBER
from bot.core.catalog import Catalog
from bot.core.effects import Enter, Send
from bot.core.loading import load_catalog
from bot.core.messages import MO, Status
from bot.records import Record
from bot.store.rows import contact_row, ledger_row, mo_row, mt_row, snapshot_of, subscription_row
from bot.store.tables import consent_ledger, contacts, messages, subscriptions
from bot.turn import take_turn

Rows = dict[str, list[tuple[Any, ...]]]

STAYS = ("CLUB", "Oui.", "HORAIRES")
LEAVES = ("CLUB", "Oui.", "ARRÊTER svp", "2")
SPACE = 100_000_000  # msisdns that begin with +337
PRIME = 7_368_787  # steps of it visit everybody once, in no order
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
A_YEAR = timedelta(days=300)
CHUNK = 2000
REF, ATTEMPTS, PROVIDER_REF = map(messages.columns.keys().index, ("ref", "attempts", "provider_ref"))
TABLES = (contacts, subscriptions, messages, consent_ledger)
FAST = ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -400000")


def msisdn_of(place: int, people: int, beside: int = 0) -> str:
    """Name one of so many people, who are spread evenly; or, with `beside`, somebody who is not among them."""
    return f"+337{place * (SPACE // people) + beside:08d}"


def stays(place: int) -> bool:
    """Tell whether she is still subscribed."""
    return place % 2 == 0


def fill(folder: Path, people: int) -> None:
    """Make a database with so many people in a folder."""
    servers.migrate(folder)
    engine = create_engine(f"sqlite:///{folder / 'ouistop.db'}")
    event.listen(engine, "connect", _fast)
    indexes = [index for table in TABLES for index in table.indexes]
    with engine.begin() as connection:
        for index in indexes:
            index.drop(connection)
        for done, rows in enumerate(_made(people), 1):
            _insert(connection, rows)
            if done * CHUNK % 50_000 == 0:
                say(f"{min(done * CHUNK, people):,} of {people:,} people")
        for index in indexes:
            index.create(connection)
    engine.dispose()
    _to_disk(folder / "ouistop.db")


def _to_disk(path: Path) -> None:
    """Let the disk finish now, not beside what is measured next."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _fast(connection: Any, _: object) -> None:
    for pragma in FAST:
        connection.execute(f"PRAGMA {pragma}")


def _insert(connection: Connection, rows: Rows) -> None:
    for table in TABLES:
        places = ", ".join("?" * len(table.columns))
        connection.exec_driver_sql(f"INSERT INTO {table.name} VALUES ({places})", rows[table.name])


def _made(people: int) -> Iterator[Rows]:
    """Make the rows on all cores, some chunks ahead of the one that is written."""
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores, get_context("spawn"), _spare_the_collector) as pool:
        ahead: deque[Future[Rows]] = deque()
        for first in range(0, people, CHUNK):
            ahead.append(pool.submit(_chunk, first, min(first + CHUNK, people), people))
            if len(ahead) > 2 * cores:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _spare_the_collector() -> None:
    _catalog()
    gc.collect()
    gc.freeze()
    gc.disable()


def _chunk(first: int, end: int, people: int) -> Rows:
    """Make a chunk of neighbours, in no order: rows added in order would fill every page to its end, as in no database
    that has grown by people who come from anywhere.
    """
    rows: Rows = {table.name: [] for table in TABLES}
    for place in random.Random(first).sample(range(first, end), end - first):
        _add(rows, _turns(place, people))
    return rows


def _turns(place: int, people: int) -> list[Record]:
    """Let her take her turns, a minute apart; people came in no order over a year."""
    msisdn, records = msisdn_of(place, people), []
    person = snapshot_of(msisdn, None, ())
    began = LONG_AGO + place * PRIME % people * (A_YEAR / people)
    for step, text in enumerate(STAYS if stays(place) else LEAVES):
        at = began + timedelta(minutes=step)
        mo = MO("http", f"h{msisdn}-{step}", msisdn, NUMBER, text, at)
        turn = take_turn(mo, person, _catalog(), at)
        records.append(Record(msisdn, person, turn, at, mo))
        person = turn.snapshot
    return records


def _add(rows: Rows, records: list[Record]) -> None:
    last = records[-1]
    assert last.turn is not None
    rows["contacts"].append(contact_row(last.turn.snapshot, last.at))
    rows["subscriptions"] += [
        subscription_row(last.msisdn, place) for place in last.turn.snapshot.subscriptions.values()
    ]
    for record in records:
        assert record.mo is not None
        assert record.turn is not None
        rows["messages"].append(mo_row(record.mo, record))
        for effect in record.turn.effects:
            if isinstance(effect, Send):
                rows["messages"].append(_delivered(mt_row(effect.mt, None, Status.DELIVERED, record.at)))
            elif isinstance(effect, Enter):
                rows["consent_ledger"].append(ledger_row(effect))


def _delivered(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Note on an MT's row that it was sent once and that the provider has a name for it."""
    values = list(row)
    values[ATTEMPTS], values[PROVIDER_REF] = 1, f"gw-{row[REF]}"
    return tuple(values)


@cache
def _catalog() -> Catalog:
    loaded = load_catalog(KEYWORDS, "keywords.yaml", ("http",))
    assert loaded.catalog is not None, loaded.problems
    return loaded.catalog
