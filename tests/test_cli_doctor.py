"""`ouistop doctor` and `ouistop migrate`: is everything there, and well."""

import asyncio
import contextlib
import json
import os
import re
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from command_line import ANNA, KEYWORDS, NUMBER, OTHER, TOKEN, run, write
from postgres import fresh_database

from bot.app import opened
from bot.commands.checks import clock
from bot.core.messages import MO
from bot.settings import load_settings

SIMULATED = KEYWORDS.replace("provider: http", "provider: simulator")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
GATEWAY = {"HTTP_TOKEN": TOKEN, "HTTP_SEND_URL": "https://gateway.example/send", "PUBLIC_URL": "https://sms.example"}


def findings(folder, **environ):
    """Examine; return the exit code and what was found, by what it is about."""
    result = run(folder, "doctor", "--json", **environ)
    return result.exit_code, [
        (each["level"], each["about"], each["told"]) for each in json.loads(result.stdout)["findings"]
    ]


def test_where_all_is_well_it_says_so(tmp_path):
    run(write(tmp_path, SIMULATED), "migrate")
    result = run(tmp_path, "doctor")

    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "All is well.")
    assert {line.split()[0] for line in result.stdout.partition("Findings\n")[2].splitlines()[:-2]} == {"ok"}


def test_a_database_that_is_not_there_yet_is_a_warning_and_is_not_made(tmp_path):
    code, found = findings(write(tmp_path, SIMULATED))

    assert (code, found[-1]) == (0, ("warn", "database", "ouistop.db is not there yet"))
    assert not (tmp_path / "ouistop.db").exists()


def test_a_postgresql_is_named_without_its_password_and_its_disk_is_not_ours_to_measure(tmp_path):
    url = fresh_database().replace("postgres:@", "postgres:secret-of-postgres@")
    code, found = findings(write(tmp_path, SIMULATED), DATABASE_URL=url)
    told = [told for _, about, told in found if about == "database"]

    assert (code, len(told)) == (0, 1)
    assert re.fullmatch(r"postgresql://postgres:…@/test_\w+\?… takes writes, step \d+", told[0])


def test_a_postgresql_that_does_not_answer_is_a_failure(tmp_path):
    code, found = findings(write(tmp_path, SIMULATED), DATABASE_URL="postgresql:///ouistop?host=127.0.0.1&port=1")

    assert (code, found[-1][:2]) == (1, ("fail", "database"))
    assert "Connect call failed" in found[-1][2]


def test_a_database_that_is_none_is_a_failure(tmp_path):
    (write(tmp_path, SIMULATED) / "ouistop.db").write_bytes(b"no database, surely" * 100)
    code, found = findings(tmp_path)

    assert (code, found[-1][:2]) == (1, ("fail", "database"))
    assert "is not a database" in found[-1][2]


def test_a_database_of_an_older_shape_is_to_be_migrated(tmp_path):
    sqlite3.connect(write(tmp_path, SIMULATED) / "ouistop.db").close()
    code, found = findings(tmp_path)

    assert (code, found[-1][:2]) == (1, ("fail", "database"))
    assert found[-1][2].endswith("not up to date: run `ouistop migrate`")


def test_every_error_of_keywords_yaml_is_a_failure(tmp_path):
    code, found = findings(write(tmp_path, SIMULATED.replace("[BRUNCH]", "[STOP]")))

    assert code == 1
    assert [told.partition(" error: ")[0] for level, about, told in found if level == "fail"] == [
        "keywords.yaml:18:16:"
    ]


def test_a_number_whose_provider_is_not_connected_is_a_failure_that_names_what_to_set(tmp_path):
    result = run(write(tmp_path), "doctor")

    assert result.exit_code == 1
    assert "fail  http " in result.stdout
    assert "it is not connected: set HTTP_TOKEN\n" in result.stdout


def test_a_connected_provider_is_told_with_the_urls_to_enter_there(tmp_path):
    _, found = findings(write(tmp_path), **GATEWAY)

    assert [told for level, about, told in found if about == "http"] == [
        "enter there, for messages: https://sms.example/webhooks/http/mo",
        "enter there, for reports:  https://sms.example/webhooks/http/dlr",
    ]


@pytest.mark.parametrize(
    ("environ", "warning"),
    [
        ({"HTTP_TOKEN": TOKEN, "PUBLIC_URL": "https://sms.example"}, "it can receive and not send"),
        ({"HTTP_TOKEN": TOKEN}, "nobody knows under which address it calls"),
        ({**GATEWAY, "PUBLIC_URL": "http://sms.example"}, "PUBLIC_URL is not https: texts and tokens travel openly"),
        ({**GATEWAY, "HOST": "0.0.0.0"}, "nobody can sign in"),
        ({**GATEWAY, "ADMIN_TOKEN": TOKEN + "x"}, "every restart signs everybody out"),
        ({**GATEWAY, "HTTP_TOKEN": "short"}, "HTTP_TOKEN is short"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_works_and_is_unwise_is_a_warning(tmp_path, environ, warning):
    code, found = findings(write(tmp_path), **environ)

    assert code == 0
    assert [told for level, _, told in found if level == "warn" and told.startswith(warning)] != []


def test_no_secret_is_shown(tmp_path):
    page = run(write(tmp_path), "doctor", **GATEWAY)
    values = run(tmp_path, "doctor", "--json", **GATEWAY)

    assert TOKEN not in page.output + values.output
    assert json.loads(values.stdout)["settings"]["HTTP_TOKEN"] == "set"
    assert json.loads(values.stdout)["settings"]["ADMIN_TOKEN"] == "not set"


def test_settings_that_cannot_be_read_are_failures(tmp_path):
    code, found = findings(write(tmp_path), PORT="high", LOG_LEVEL="loud")

    assert code == 1
    assert [(level, about, told.split()[0]) for level, about, told in found] == [
        ("fail", "settings", "PORT"), ("fail", "settings", "LOG_LEVEL")
    ]  # fmt: skip


def test_what_waits_is_told_and_so_is_the_last_text_of_each_number(tmp_path):
    given = {"KEYWORDS": str(write(tmp_path) / "keywords.yaml"), "DATABASE_URL": f"sqlite:///{tmp_path / 'ouistop.db'}"}

    async def live():
        async with opened(load_settings({}, given), lambda: NOON) as house:  # no gateway is set: the answer waits
            await house.board.inbox.take(MO("http", "1", ANNA, NUMBER, "zzz", NOON))

    asyncio.run(live())
    with contextlib.closing(sqlite3.connect(tmp_path / "ouistop.db")) as connection, connection:
        row = (ANNA, "http:2", NUMBER, "x", int(NOON.timestamp() * 1_000_000), "Traceback")
        connection.execute("INSERT INTO failures (msisdn, ref, number, text, at, error) VALUES (?, ?, ?, ?, ?, ?)", row)
    code, found = findings(tmp_path, **GATEWAY)

    told = {about: (level, told) for level, about, told in found}
    noon = "2026-03-02 12:00:00 UTC"
    assert code == 0
    assert told[NUMBER] == ("ok", f"last text from somebody: {noon}; last to somebody: {noon}")
    assert told[OTHER] == ("ok", "last text from somebody: never; last to somebody: never")
    assert told["outbox"] == ("warn", f"1 text waiting to be sent, one since {noon}")
    assert told["unread"] == ("warn", "1 text that nobody understood")
    assert told["failed"] == ("warn", "1 turn failed, each a bug of ours")


@pytest.mark.parametrize(
    ("now", "levels"),
    [
        (datetime(1970, 1, 1, 0, 3, tzinfo=UTC), ["fail"]),
        (NOON, ["ok"]),
        (NOON - timedelta(days=1), ["ok", "warn"]),
    ],
)
def test_a_clock_that_is_behind_is_noticed(tmp_path, now, levels):
    path = write(tmp_path) / "keywords.yaml"
    saved = datetime(2026, 3, 2, 11, tzinfo=UTC).timestamp()
    os.utime(path, (saved, saved))

    assert [found.level for found in clock(load_settings({"KEYWORDS": str(path)}), now)] == levels


def test_migrating_names_the_steps_and_the_second_time_there_is_nothing_to_do(tmp_path):
    first = run(tmp_path, "migrate", "--database", "new.db")
    second = run(tmp_path, "migrate", DATABASE_URL="sqlite:///new.db")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout.splitlines()[0] == "ran step 0001"
    assert first.stdout.splitlines()[-1] == "The database is up to date."
    assert second.stdout == "The database was up to date; nothing was to do.\n"


@pytest.mark.parametrize("url", ["no/such/folder.db", "postgresql://user:hunter2hunter2@db.example/x", "mysql://x/y"])
def test_a_database_that_cannot_be_migrated_is_a_line_without_its_password(tmp_path, url):
    result = run(tmp_path, "migrate", "--database", url)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    assert "hunter2" not in result.stderr
