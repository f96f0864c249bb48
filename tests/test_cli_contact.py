"""`ouistop contact`: a person's page, and the proof on it."""

import asyncio
import contextlib
import json
import sqlite3
from datetime import UTC, datetime

import pytest
from command_line import ANNA, KEYWORDS, NUMBER, run, write

from bot.app import opened
from bot.core.messages import MO
from bot.settings import load_settings

STRANGER = "+33639980002"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    """A folder with a database in which Anna joined, left, and said why."""
    path = write(tmp_path, KEYWORDS.replace("provider: http", "provider: simulator"))
    given = {"KEYWORDS": str(path / "keywords.yaml"), "DATABASE_URL": f"sqlite:///{path / 'ouistop.db'}"}

    async def live():
        async with opened(load_settings({}, given), lambda: NOON) as house:
            for at, text in enumerate(("club", "oui", "STOP", "2")):
                await house.board.inbox.take(MO("simulator", str(at), ANNA, NUMBER, text, NOON))
            await house.board.outbox.drain()

    asyncio.run(live())
    return path


def change(folder, sql):
    """Change the database as somebody would who also knows how to lift its guard, the triggers."""
    with contextlib.closing(sqlite3.connect(folder / "ouistop.db")) as connection, connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        assert connection.execute(sql).rowcount == 1


def test_the_page_tells_states_consent_with_the_words_shown_and_messages(folder):
    result = run(folder, "contact", "+33 6 39 98 00 01")
    page = result.stdout

    assert result.exit_code == 0
    assert "Club Zinc (club): unsubscribed since 2026-03-02 12:00:00 UTC, through +33644600000" in page
    assert [
        line.split("UTC  ")[1] for line in page.splitlines() if "UTC  " in line and line[2].isdigit() and line[3] == "."
    ] == [
        "was asked to confirm that she wants Club Zinc (club)",
        "opted in to Club Zinc (club)",
        "opted out of Club Zinc (club)",
        "said why she left",
    ]
    assert 'she wrote (message simulator:1): "oui"' in page
    assert ': "Le Zinc : répondez OUI pour confirmer' in page
    assert 'she answered: "lost_interest"' in page
    assert f'from her to {NUMBER}: "STOP"' in page
    assert page.splitlines()[-1].startswith("Verified: 4 rows of consent")


def test_json_is_what_the_console_knows(folder):
    found = json.loads(run(folder, "contact", ANNA, "--json").stdout)

    assert found["msisdn"] == ANNA
    assert found["chain"] == {"rows": 4, "verified": True, "broken_at": None}
    assert [row["event"] for row in found["ledger"]] == ["asked", "opted_in", "opted_out", "reason"]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE consent_ledger SET event = 'opted_in' WHERE seq = 3", "BROKEN: row 3 was changed"),
        ("UPDATE consent_ledger SET shown = 'Yes?' WHERE seq = 2", "BROKEN: row 2 was changed"),
        ("DELETE FROM consent_ledger WHERE seq = 1", "BROKEN: row 1 was changed, or one beside it was taken out"),
        ("DELETE FROM consent_ledger WHERE seq = 4", "BROKEN: what came after row 3 was taken out"),
    ],
)
def test_a_chain_that_was_tampered_with_ends_with_1_and_says_where(folder, sql, told):
    change(folder, sql)
    page, values = run(folder, "contact", ANNA), run(folder, "contact", ANNA, "--json")

    assert (page.exit_code, values.exit_code) == (1, 1)
    assert page.stdout.splitlines()[-1].startswith(told)
    assert not json.loads(values.stdout)["chain"]["verified"]


def test_a_text_cannot_write_its_own_lines_on_the_page(folder):
    change(folder, "UPDATE messages SET text = 'a' || char(10) || char(27) || '[2K' || char(8238) WHERE text = 'oui'")
    page = run(folder, "contact", ANNA).stdout

    assert r'"a\n\u001b[2K\u202e"' in page
    assert "\x1b" not in page


def test_a_proof_does_not_wait_until_keywords_yaml_is_mended(folder):
    write(folder, "version: 1\nbrand:")
    broken = run(folder, "contact", ANNA)
    (folder / "keywords.yaml").unlink()
    gone = run(folder, "contact", ANNA)

    assert (broken.exit_code, gone.exit_code) == (0, 0)
    assert "  club: unsubscribed since" in gone.stdout
    assert gone.stderr.endswith("Without that file, programs are named by their keys.\n")


def test_of_a_stranger_nothing_is_known(folder):
    result = run(folder, "contact", STRANGER)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"Nothing is known of {STRANGER}: she never texted any of these numbers.\n"


def test_looking_makes_no_database(tmp_path):
    result = run(write(tmp_path), "contact", ANNA)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("the database ouistop.db is not there")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keywords.yaml"]
