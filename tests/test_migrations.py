"""A database of an older version comes along whole: what was proven stays proven, what was broken stays broken."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import orjson
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from bot.core.ledger import first_break
from bot.store import migrate as steps
from bot.store.store import SqliteStore

ANNA, BERT = "+33639980001", "+33639980002"


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """A database as the first version left it: Anna's chain is whole, somebody has changed Bert's."""
    path = tmp_path / "ouistop.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(steps.__file__).parent / "migrations"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for msisdn in (ANNA, BERT):
            rows = chain(msisdn)
            if msisdn == BERT:
                rows[1] = (*rows[1][:2], "opted_out", *rows[1][3:])
            for row in rows:
                connection.exec_driver_sql(f"INSERT INTO consent_ledger VALUES ({','.join('?' * 15)})", row)
            person = (msisdn, '{"conversations":{},"asks":[],"fields":{}}', None, 0, len(rows), rows[-1][-1], 0)
            connection.exec_driver_sql("INSERT INTO contacts VALUES (?, ?, ?, ?, ?, ?, ?)", person)
        connection.exec_driver_sql("INSERT INTO traffic VALUES ('+33644600000', 5, 6)")
    engine.dispose()
    return path


def chain(msisdn: str) -> list[tuple]:
    """Seal rows as the first version did."""
    rows, before = [], ""
    for seq, (event, shown, detail) in enumerate(
        [("asked", None, ""), ("opted_in", "Oui ?", ""), ("reason", None, "prix")]
    ):
        row = (
            msisdn,
            seq + 1,
            event,
            "club",
            1_795_000_000_000_000 + seq,
            "keyword",
            "+33644600000",
            f"http:{seq}",
            None,
        )
        hashed = (*row, digest(shown), digest(detail), "0123456789ab", before)
        sealed = hashlib.sha256(orjson.dumps(hashed)).hexdigest()
        rows.append((*row, shown, digest(shown), detail, "0123456789ab", before, sealed))
        before = sealed
    return rows


def digest(text: str | None) -> str:
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


async def test_chains_of_the_first_version_are_sealed_anew_and_a_broken_one_stays_broken(first: Path):
    store = SqliteStore(str(first))
    ran = await store.open()
    breaks = {}
    for msisdn in (ANNA, BERT):
        person, rows = await store.person(msisdn), await store.ledger(msisdn)
        assert person is not None
        assert [row.detail for row in rows] == ["", "", "prix"]
        breaks[msisdn] = first_break(rows, person.ledger_head, person.salt)
    traffic = await store.traffic(["+33644600000"])
    await store.close()

    assert ran == ["0002"]
    assert breaks == {ANNA: None, BERT: 2}
    assert all(traffic["+33644600000"])


async def test_a_ledger_that_came_along_still_only_grows(first: Path):
    store = SqliteStore(str(first))
    await store.open()
    await store.close()
    with sqlite3.connect(first) as connection, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("DELETE FROM consent_ledger")
    connection.close()
