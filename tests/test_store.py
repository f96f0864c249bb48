"""What the store promises: rows come back as they went in, one transaction a batch, and a ledger nobody can change."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from boards import ANNA, BERT, NOON, board
from catalogs import NUMBER
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from bot.core.errors import Unavailable
from bot.core.ledger import first_break
from bot.core.messages import DLR, Status
from bot.records import Wanted
from bot.store import migrate as steps
from bot.store import people
from bot.store.store import SqliteStore
from bot.store.tables import from_micros, metadata, to_micros


async def test_the_migrations_make_the_tables_that_the_code_expects(database: str):
    async with board(database) as play:
        differences = await play.store._database.read(
            lambda connection: compare_metadata(MigrationContext.configure(connection), metadata)
        )

    assert differences == []


def test_the_newest_migration_is_the_one_a_start_looks_for():
    scripts = ScriptDirectory(str(Path(steps.__file__).parent / "migrations"))

    assert scripts.get_current_head() == steps.HEAD


async def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path):
    path = tmp_path / "newer.db"
    store = SqliteStore(str(path))
    await store.open()
    await store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    with pytest.raises(Unavailable, match="9999, which this version does not know: update Ouistop"):
        await SqliteStore(str(path)).open()


async def test_a_database_that_is_not_up_to_date_names_the_command(tmp_path: Path):
    with pytest.raises(Unavailable, match="run `ouistop migrate`"):
        await SqliteStore(str(tmp_path / "empty.db")).open(may_migrate=False)


async def test_a_file_that_is_no_database_is_told_without_a_traceback(tmp_path: Path):
    path = tmp_path / "letter.txt"
    path.write_text("Dear Anna, this is no database at all; it is a letter, and a long one at that." * 20)

    with pytest.raises(Unavailable, match="not a database"):
        await SqliteStore(str(path)).open()


@pytest.mark.parametrize("micros", [0, 1, 999_999, 1_795_000_000_123_456])
def test_a_moment_comes_back_to_the_microsecond(micros: int):
    assert micros == to_micros(from_micros(micros))


async def test_a_person_comes_back_as_the_turn_left_her(database: str):
    async with board(database) as play:
        await play.text("CLUB")
        await play.text("Oui")
        loaded = (await play.store._database.look(people.load, [Wanted(ANNA)])).people[ANNA]
        looked_up = await play.store.person(ANNA)

    assert loaded == looked_up
    assert loaded.subscriptions["club"].state == "subscribed"
    assert loaded.subscriptions["club"].number == NUMBER
    assert len(loaded.conversations[NUMBER].sent) == 2


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE consent_ledger SET event = 'opted_in'",
        "UPDATE consent_ledger SET shown = 'something else'",
        "UPDATE consent_ledger SET detail = 'something else'",
        "UPDATE consent_ledger SET mo_ref = NULL",
        "UPDATE consent_ledger SET msisdn = '+33639989999'",
        "UPDATE consent_ledger SET msisdn = '#1'",
        "UPDATE consent_ledger SET msisdn = '#1', mo_ref = NULL, mt_id = NULL, shown = NULL, detail = NULL, hash = ''",
        "DELETE FROM consent_ledger",
    ],
)
async def test_the_ledger_can_only_grow(database: str, change: str):
    async with board(database) as play:
        await play.text("CLUB")
        with pytest.raises(IntegrityError, match="append-only"):
            await play.store._database.change(run, change)


async def test_texts_may_be_dropped_and_the_chain_still_verifies(database: str):
    async with board(database) as play:
        await play.text("CLUB")
        await play.text("Oui")
        await play.store._database.change(run, "UPDATE consent_ledger SET shown = NULL, detail = NULL")
        person, rows = await play.store.person(ANNA), await play.store.ledger(ANNA)

    assert [(row.shown, row.detail) for row in rows] == [(None, None)] * 2
    assert person is not None
    assert first_break(rows, person.ledger_head, person.salt) is None


def run(connection: Connection, statement: str) -> None:
    connection.execute(text(statement))


async def test_each_of_one_persons_texts_leaves_after_the_one_before(database: str):
    async with board(database) as play:
        await play.text("CLUB")
        await play.text("HELP")
        await play.text("HELP", BERT)
        claimed = await play.store.claim({NUMBER: None}, play.board.clock(), timedelta(seconds=60), 10)

    assert [(each.mt.msisdn, each.mt.text_key) for each in claimed] == [(ANNA, "ask_confirm"), (BERT, "help")]


async def test_a_claimed_mt_is_nobody_elses_until_its_lease_is_over(database: str):
    async with board(database) as play:
        await play.text("CLUB")
        lease = timedelta(seconds=60)
        first = await play.store.claim({NUMBER: None}, play.board.clock(), lease, 10)
        second = await play.store.claim({NUMBER: None}, play.board.clock(), lease, 10)
        later = await play.store.claim({NUMBER: None}, play.board.clock() + lease, lease, 10)

    assert [len(first), len(second), len(later)] == [1, 0, 1]


async def test_mts_of_a_number_that_cannot_send_stay(database: str):
    async with board(database) as play:
        await play.text("CLUB")
        claimed = await play.store.claim(["+33700000000"], play.board.clock(), timedelta(seconds=60), 10)

    assert claimed == []


async def test_a_report_finds_its_mt_by_our_id_or_by_the_providers_and_moves_it_only_forward(database: str):
    async with board(database) as play:
        await play.text("CLUB")
        await play.drain()
        mt = play.carrier.sent[0]
        moved = [
            (await play.store.report([dlr], NOON))[0]
            for dlr in (
                DLR("http", Status.SENT, ref="carrier-1"),
                DLR("http", Status.DELIVERED, id=mt.id),
                DLR("http", Status.SENT, ref="carrier-1"),
                DLR("http", Status.SENT, ref="nobody's"),
            )
        ]
        statuses = await play.statuses()

    assert [each.moved if each else None for each in moved] == [True, True, False, None]
    assert statuses == {"ask_confirm": "delivered"}


async def test_an_unread_text_is_listed_until_it_is_read(database: str):
    async with board(database) as play:
        await play.text("quand ouvrez-vous le jardin ?", id="q")
        before = await play.store.unread(10)
        await play.board.inbox.read(ANNA, NUMBER, "http:q")
        after = await play.store.unread(10)

    assert (before[0], before[1][0]["text"]) == (1, "quand ouvrez-vous le jardin ?")
    assert after == (0, [])


async def test_the_probe_leaves_no_trace(database: str):
    async with board(database) as play:
        await play.store.probe()
        await play.store.keep_catalog("abc", "version: 1", NOON)
        await play.store.keep_catalog("abc", "version: 1", NOON)
        kept = await play.store._database.read(lambda c: c.exec_driver_sql("SELECT digest FROM catalogs").fetchall())

    assert [tuple(row) for row in kept] == [("abc",)]
