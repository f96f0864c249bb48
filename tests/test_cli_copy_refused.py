"""`ouistop copy`: what cannot be copied is told before, what went wrong is told after, and nothing is harmed."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from boards import ANNA
from command_line import TOKEN, run, serving, write
from copies import crowd, everything, fresh, live, sqlite
from postgres import fresh_database
from test_cli_serve import text as text_server

from bot.app import make_store
from bot.store.copying import Copying
from bot.store.pages import TABLES

# ---- refused -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_target_with_people_of_its_own_is_left_alone(tmp_path: Path, engine: str):
    source, target = crowd(tmp_path), fresh(engine, tmp_path, "other.db")
    asyncio.run(live(target))
    before = asyncio.run(everything(target))
    told = run(tmp_path, "copy", source, target)

    assert (told.exit_code, told.stdout) == (1, "")
    assert "the target holds what the source does not: " in told.stderr
    assert asyncio.run(everything(target)) == before


def test_a_target_that_is_not_up_to_date_is_told_with_the_command_that_mends_it(tmp_path: Path):
    source = sqlite(tmp_path, "one.db")
    absent = run(tmp_path, "copy", source, "other.db")
    made_by_looking = (tmp_path / "other.db").exists()
    sqlite3.connect(tmp_path / "other.db").close()
    empty = run(tmp_path, "copy", source, "other.db")
    mended = run(tmp_path, "migrate", "--database", "sqlite:///other.db")

    assert (absent.exit_code, made_by_looking) == (1, False)
    assert absent.stderr == (
        "the target sqlite:///other.db is not there: run `ouistop migrate --database sqlite:///other.db`\n"
    )
    assert empty.stderr == "the target is not up to date: run `ouistop migrate --database sqlite:///other.db`\n"
    assert mended.exit_code == 0
    assert run(tmp_path, "copy", source, "other.db").exit_code == 0


def test_a_source_that_is_not_there_is_not_made(tmp_path: Path):
    told = run(tmp_path, "copy", "one.db", sqlite(tmp_path, "other.db"))

    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr == "the source sqlite:///one.db is not there: name another\n"
    assert not (tmp_path / "one.db").exists()


@pytest.mark.parametrize("role", ["source", "target"])
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_database_that_a_server_uses_is_refused(tmp_path: Path, engine: str, role: str):
    used, free = fresh(engine, tmp_path, "used.db"), sqlite(tmp_path, "free.db")
    with serving(write(tmp_path), DATABASE_URL=used, HTTP_TOKEN=TOKEN) as server:
        told = run(tmp_path, "copy", *((used, free) if role == "source" else (free, used)))
        still = text_server(server.address, "1", "club")

    assert (told.exit_code, told.stdout) == (1, "")
    assert " is in use: stop " in told.stderr
    assert still == {"status": "accepted"}, "the server goes on as before"
    assert asyncio.run(everything(free))["contacts"] == []


async def test_no_server_can_open_a_sqlite_file_that_is_copied(tmp_path: Path):
    store = make_store(f"sqlite:///{tmp_path / 'one.db'}", alone=True)
    await store.open()
    with closing(sqlite3.connect(tmp_path / "one.db", timeout=0)) as other:
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            other.execute("SELECT * FROM contacts")
        await store.close()
        assert other.execute("SELECT * FROM contacts").fetchall() == []


@pytest.mark.parametrize(
    "words",
    [
        ("one.db",),
        ("one.db", "sqlite:///one.db"),
        ("mysql://db.example.org/ouistop", "one.db"),
        ("one.db", "sqlite://"),
        ("sqlite:///:memory:", "one.db"),
    ],
    ids=" ".join,
)
def test_a_copy_written_wrongly_ends_with_2_and_says_how_to_write_it(tmp_path: Path, words: tuple[str, ...]):
    told = run(tmp_path, "copy", *words)

    assert (told.exit_code, told.stdout) == (2, "")
    assert "Usage: ouistop copy" in told.stderr


def test_no_password_is_printed(tmp_path: Path):
    source = sqlite(tmp_path, "one.db")
    secret = "a-password-of-postgres"
    for url in (
        f"postgresql://anna:{secret}@127.0.0.1:1/ouistop",
        f"postgresql://127.0.0.1:1/ouistop?user=anna&password={secret}",
        f"mysql://anna:{secret}@127.0.0.1/ouistop",
        fresh_database().replace("?", f"?password={secret}&"),
    ):
        told = run(tmp_path, "copy", url, source)
        assert secret not in told.output + told.stderr


# ---- what is wrong is told -----------------------------------------------------------------------------------------


def test_a_chain_that_was_tampered_with_is_named(tmp_path: Path):
    source, target = sqlite(tmp_path, "one.db"), fresh_database()
    asyncio.run(live(source))
    with closing(sqlite3.connect(tmp_path / "one.db")) as connection, connection:
        connection.execute("DROP TRIGGER consent_ledger_stays")
        connection.execute("UPDATE consent_ledger SET event = 'opted_in' WHERE msisdn = ? AND seq = 3", (ANNA,))
    told = run(tmp_path, "copy", source, target)

    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr.endswith(
        f"the target is the same as the source, and neither is whole:\nchain of {ANNA}: broken at row 3\n"
    )


def test_the_chain_of_somebody_who_was_forgotten_is_verified_too(tmp_path: Path):
    source, target = sqlite(tmp_path, "one.db"), fresh_database()
    asyncio.run(live(source))
    with closing(sqlite3.connect(tmp_path / "one.db")) as connection, connection:
        connection.execute("UPDATE disposals SET head = 'x' WHERE kind = 'person'")
    told = run(tmp_path, "copy", source, target)

    assert told.exit_code == 1
    assert "\nchain of #" in told.stderr


@pytest.mark.parametrize(
    "change",
    ["text = 'Zoé' || char(0)", "attempts = 'Zoé'", "attempts = 4294967296", "status = 'Zoé is away for long'"],
)
def test_a_row_that_the_target_cannot_keep_is_named_without_its_text(tmp_path: Path, change: str):
    source, target = crowd(tmp_path, 10), fresh_database()
    with closing(sqlite3.connect(tmp_path / "crowd.db")) as connection, connection:
        connection.execute(f"UPDATE messages SET {change} WHERE ref = 'mo7'")
    told = run(tmp_path, "copy", source, target)
    kept = asyncio.run(everything(target))["messages"]

    assert (told.exit_code, told.stdout) == (1, "")
    assert "the target cannot keep messages +33600000007 mo7: " in told.stderr
    assert "Zoé" not in told.stderr
    assert len(kept) == 12, "those before it are there, and the next try goes on from them"


async def test_a_row_that_is_not_the_same_in_the_end_is_found(database: str, tmp_path: Path):
    target = database if "://" in database else f"sqlite:///{database}"
    first = make_store(target)
    await first.open(may_migrate=True)
    await first.close()
    source = await asyncio.to_thread(crowd, tmp_path, 10)
    one, other = make_store(source, alone=True), make_store(target, alone=True)
    await one.open()
    await other.open()
    copying = Copying(one, other)
    copied = [step async for step in copying.copy()]
    changes = ("UPDATE messages SET text = 'x' WHERE ref = 'mt3'", "DELETE FROM contacts WHERE msisdn = '+33600000010'")
    for change in changes:
        await other._database.change(lambda plain, sql=change: plain.exec_driver_sql(sql) and None)
    compared = [step async for step in copying.verify()]
    await one.close()
    await other.close()

    assert (copied, compared) == (
        [("contacts", 10), ("messages", 20)],
        [(name, 0) for name in TABLES if name not in ("contacts", "messages")],
    )
    assert copying.differences == [
        "contacts +33600000010: not the same in both", "messages +33600000003 mt3: not the same in both",
    ]  # fmt: skip
