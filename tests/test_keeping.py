"""Texts whose time is up go, a person who must be forgotten goes, consent stays provable, and a copy is whole."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from boards import ANNA, BERT, Board, board
from command_line import TOKEN, run, serving, write
from test_cli_serve import text as text_server

from bot.core.forgetting import keyed
from bot.core.ledger import Event, first_break
from bot.service.upkeep import Upkeep

KEY = "a-secret-key-of-this-test"


async def story(play: Board, msisdn: str = ANNA) -> None:
    """She joins, asks something, leaves and says why in her own words."""
    for words in ("CLUB", "Oui", "ma soeur Zoé aime ça", "STOP", "vous écrivez trop souvent à Zoé"):
        await play.text(words, msisdn)
        await play.drain()


def upkeep(play: Board, days: int = 30) -> Upkeep:
    return Upkeep(play.store, play.board.clock, days)


# ---- texts ---------------------------------------------------------------------------------------------------------


async def test_texts_older_than_the_days_go_and_consent_stays(database: str):
    async with board(database) as play:
        await story(play)
        play.clock.forward(days=31)
        await play.text("HELP", BERT)
        dropped = await upkeep(play).round()
        hers, his = await play.store.timeline(ANNA), await play.store.timeline(BERT)
        person, rows = await play.store.person(ANNA), await play.store.ledger(ANNA)

    assert dropped > 0
    assert {(row["text"], row["trace"]) for row in hers} == {("", None)}
    assert all(row["text"] for row in his)
    assert person is not None
    assert person.subscriptions["club"].state == "unsubscribed"
    assert first_break(rows, person.ledger_head, person.salt) is None
    assert [(str(row.event), row.detail) for row in rows] == [
        ("asked", ""), ("opted_in", ""), ("opted_out", ""), ("reason", None),
    ]  # fmt: skip
    assert rows[1].shown, "what she said yes to is the proof of it"


async def test_a_round_is_recorded_and_the_next_one_finds_nothing(database: str):
    async with board(database) as play:
        await story(play)
        play.clock.forward(days=31)
        rounds = [await upkeep(play).round() for _ in range(2)]
        noted = await play.store._database.read(lambda plain: plain.exec_driver_sql("SELECT * FROM disposals").all())

    assert rounds[1] == 0
    assert [(row.kind, row.rows) for row in noted] == [("texts", rounds[0])]


async def test_a_text_that_waits_to_leave_keeps_its_words(database: str):
    async with board(database) as play:
        await play.text("CLUB")
        play.clock.forward(days=31)
        await upkeep(play).round()
        (waiting,) = [row for row in await play.store.timeline(ANNA) if row["direction"] == "mt"]

    assert waiting["text"]


async def test_a_long_walk_drops_everything_in_small_steps(database: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bot.service.upkeep.AT_ONCE", 3)
    monkeypatch.setattr("bot.service.upkeep.PAUSE", 0)
    people = [f"+3363994{place:04d}" for place in range(10)]
    async with board(database) as play:
        await asyncio.gather(*(play.text("HELP", msisdn) for msisdn in people))
        await play.drain()
        play.clock.forward(days=31)
        dropped = await upkeep(play).round()

    assert dropped == 2 * len(people)


async def test_without_the_setting_nothing_goes():
    async with board() as play:
        await story(play)
        play.clock.forward(days=4000)
        keeper = upkeep(play, days=0)
        keeper.start()
        await keeper.close()

        assert all(row["text"] for row in await play.store.timeline(ANNA))


# ---- people --------------------------------------------------------------------------------------------------------


async def forget(play: Board, msisdn: str = ANNA) -> dict[str, int]:
    return await play.store.forget(msisdn, keyed(msisdn, KEY), play.board.clock(), play.catalog.digest)


async def test_nothing_that_leads_to_a_forgotten_person_is_left(database: str):
    async with board(database) as play:
        await story(play)
        await story(play, BERT)
        await forget(play)
        tables = await play.store._database.read(dump)
        known, other = await play.store.person(ANNA), await play.store.person(BERT)

    assert known is None
    assert other is not None
    assert [table for table in tables if ANNA[1:] in tables[table] or "Zoé" in tables[table].replace(BERTS, "")] == []


BERTS = "ma soeur Zoé aime ça"


def dump(connection) -> dict[str, str]:
    """Return every table as text, but for the rows of the other person."""
    from bot.store.tables import metadata

    rows = {name: connection.execute(table.select()).all() for name, table in metadata.tables.items()}
    return {name: repr([row for row in listed if row[0] != BERT]) for name, listed in rows.items()}


async def test_her_chain_goes_on_without_her_name_and_still_verifies(database: str):
    async with board(database) as play:
        await story(play)
        before = await play.store.ledger(ANNA)
        await forget(play)
        (kept,) = await play.store.forgotten(keyed(ANNA, KEY))
        rows = await play.store.ledger(kept.ledger)
        faults = await play.store.faults()

    assert kept.ledger.startswith("#")
    assert [row.hash for row in rows[:-1]] == [row.hash for row in before]
    assert rows[-1].event is Event.FORGOTTEN
    assert first_break(rows, kept.head) is None
    assert faults == []


async def test_a_chain_that_was_changed_after_she_was_forgotten_is_found(database: str):
    async with board(database) as play:
        await story(play)
        await forget(play)
        await play.store._database.change(cut_off)
        faults = await play.store.faults()

    assert len(faults) == 1
    assert "broken at row 5" in faults[0]


def cut_off(connection) -> None:
    """Take out the last row, as somebody with all rights could."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP TRIGGER consent_ledger_keeps")
    else:
        connection.exec_driver_sql("ALTER TABLE consent_ledger DISABLE TRIGGER consent_ledger_keeps")
    connection.exec_driver_sql("DELETE FROM consent_ledger WHERE seq = 5")


async def test_what_was_queued_for_her_does_not_leave_and_her_timers_do_not_ring(database: str):
    async with board(database) as play:
        await play.text("CLUB")
        wakes = await play.store.timers(ANNA)
        await forget(play)
        left = await play.drain()
        play.clock.forward(days=3)
        rang = [await play.board.inbox.ring(wake) for wake in wakes]

        assert (left, rang) == ([], [False] * len(wakes))
        assert await play.store.person(ANNA) is None


async def test_if_she_texts_again_she_is_met_as_a_stranger(database: str):
    async with board(database) as play:
        await story(play)
        await forget(play)
        await play.text("CLUB")
        assert await play.state() == "pending"
        await forget(play)
        times = await play.store.forgotten(keyed(ANNA, KEY))

    assert [each.rows for each in times] == [2, 5]


async def test_somebody_nobody_knows_can_be_noted_to_be_left_alone(database: str):
    async with board(database) as play:
        gone = await forget(play)
        (kept,) = await play.store.forgotten(keyed(ANNA, KEY))

    assert set(gone.values()) == {0}
    assert (kept.ledger, kept.rows) == ("", 0)


def test_the_command_erases_beside_a_running_server_and_contact_says_so_afterwards(tmp_path: Path):
    with serving(write(tmp_path), HTTP_TOKEN=TOKEN, SECRET_KEY=KEY) as server:
        text_server(server.address, "1", "club")
        asked = run(tmp_path, "forget", ANNA, typed="n\n", SECRET_KEY=KEY)
        told = run(tmp_path, "forget", ANNA, "--yes", SECRET_KEY=KEY)
        beside = run(tmp_path, "contact", ANNA, SECRET_KEY=KEY)
    data = b"".join(path.read_bytes() for path in tmp_path.glob("ouistop.db*"))

    assert asked.exit_code == 2
    assert told.stdout == f"{ANNA} is forgotten: 2 messages, 1 place in a program, 2 timers erased.\n"
    assert f"{ANNA} was forgotten on " in beside.stderr
    assert "Her chain of consent, 2 rows, is kept without her as #" in beside.stderr
    assert ANNA.encode() not in data, "not in a page that was freed, either"


def test_without_a_secret_key_the_command_says_what_to_do(tmp_path: Path):
    told = run(write(tmp_path), "forget", ANNA)

    assert told.exit_code == 1
    assert told.stderr.startswith("SECRET_KEY is not set: what is kept of her is a hash made with it. Set one")


# ---- copies --------------------------------------------------------------------------------------------------------


def test_a_copy_made_under_a_running_server_is_restored_by_putting_it_in_place(tmp_path: Path):
    with serving(write(tmp_path), HTTP_TOKEN=TOKEN) as server:
        text_server(server.address, "1", "club")
        made = run(tmp_path, "backup", "monday.db")
        text_server(server.address, "2", "oui")
    for path in tmp_path.glob("ouistop.db*"):
        path.unlink()
    (tmp_path / "monday.db").rename(tmp_path / "ouistop.db")
    with serving(tmp_path, HTTP_TOKEN=TOKEN) as server:
        again = [text_server(server.address, ref, words)["status"] for ref, words in (("1", "club"), ("2", "oui"))]

    assert made.exit_code == 0, made.stderr
    assert made.stdout.startswith("monday.db: ")
    assert "1 contacts; every page and every chain is whole." in made.stdout
    assert again == ["duplicate", "accepted"]


def test_a_copy_of_a_broken_chain_is_not_kept(tmp_path: Path):
    with serving(write(tmp_path), HTTP_TOKEN=TOKEN) as server:
        text_server(server.address, "1", "club")
    with sqlite3.connect(tmp_path / "ouistop.db") as connection:
        connection.execute("DROP TRIGGER consent_ledger_stays")
        connection.execute("UPDATE consent_ledger SET event = 'opted_in'")
    connection.close()
    told = run(tmp_path, "backup", "monday.db")

    assert told.exit_code == 1
    assert told.stderr == f"the copy is not whole:\nchain of {ANNA}: broken at row 1\n"
    assert sorted(path.name for path in tmp_path.glob("monday*")) == []


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path):
    (write(tmp_path) / "monday.db").write_text("precious")
    told = run(tmp_path, "backup", "monday.db")

    assert told.exit_code == 2
    assert "monday.db is there already: name a new file" in told.stderr


def test_for_postgresql_its_own_tools_are_named(tmp_path: Path):
    from postgres import fresh_database

    told = run(write(tmp_path), "backup", "monday.db", DATABASE_URL=fresh_database())

    assert told.exit_code == 1
    assert "use pg_dump" in told.stderr
