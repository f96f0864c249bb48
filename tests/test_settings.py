"""The environment is read once, with every fault at once and no secret told."""

from dataclasses import FrozenInstanceError

import pytest

from bot.core.errors import ConfigError
from bot.settings import Settings, advice, describe, load_settings, secrets_of

SECRETS = {
    "SECRET_KEY": "secret-key-0123456789",
    "ADMIN_TOKEN": "admin-token-0123456789",
    "HTTP_TOKEN": "http-one-0123456789, http-two-0123456789",
    "TWILIO_AUTH_TOKEN": "twilio-one-0123456789,twilio-two-0123456789",
}
PARTS = sorted(part.strip() for value in SECRETS.values() for part in value.split(","))


def faults(environ, given=None):
    with pytest.raises(ConfigError) as caught:
        load_settings(environ, given)
    return list(caught.value.problems)


def test_nothing_set_is_a_server_on_this_machine():
    assert load_settings({}) == Settings()
    assert Settings().port == 8080
    assert Settings().host == "127.0.0.1"
    assert Settings().database_url == "sqlite:///ouistop.db"
    assert Settings().keywords == "keywords.yaml"
    assert Settings().providers["twilio"].api_url == "https://api.twilio.com"


def test_every_variable_has_its_place():
    settings = load_settings(
        {
            "PORT": "0",
            "HOST": "0.0.0.0",
            "DATABASE_URL": "postgres://ouistop:pass%40word@db/ouistop",
            "KEYWORDS": "conf/keywords.yaml",
            "PUBLIC_URL": "https://sms.example.org/",
            "HTTP_SEND_URL": "http://127.0.0.1:9/send?key=k",
            "TWILIO_ACCOUNT_SID": "AC0123",
            "TWILIO_API_URL": "http://127.0.0.1:8/",
            "TWILIO_MESSAGING_SERVICE_SID": "MG0123",
            "LOG_LEVEL": "DEBUG",
            "LOG_FORMAT": "json",
            "BEHIND_PROXY": "yes",
            **SECRETS,
        }
    )
    http, twilio = settings.providers["http"], settings.providers["twilio"]

    assert (settings.port, settings.host, settings.keywords) == (0, "0.0.0.0", "conf/keywords.yaml")
    assert settings.database_url == "postgresql://ouistop:pass%40word@db/ouistop"
    assert (settings.public_url, twilio.public_url) == ("https://sms.example.org", "https://sms.example.org")
    assert (settings.secret_key, settings.admin_token) == (SECRETS["SECRET_KEY"], SECRETS["ADMIN_TOKEN"])
    assert (settings.log_level, settings.log_format, settings.behind_proxy) == ("debug", "json", True)
    assert http.tokens == ("http-one-0123456789", "http-two-0123456789")
    assert http.send_url == "http://127.0.0.1:9/send?key=k"
    assert twilio.auth_tokens == ("twilio-one-0123456789", "twilio-two-0123456789")
    assert (twilio.account_sid, twilio.messaging_service_sid) == ("AC0123", "MG0123")
    assert twilio.api_url == "http://127.0.0.1:8"


def test_the_real_environment_is_read_by_default(monkeypatch):
    monkeypatch.setenv("PORT", "8123")

    assert load_settings().port == 8123


def test_settings_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        load_settings({}).port = 1


def test_an_empty_variable_is_not_set():
    assert load_settings({"PORT": " ", "HTTP_TOKEN": "", "TWILIO_AUTH_TOKEN": ","}) == Settings()


def test_the_command_line_wins():
    assert load_settings({"PORT": "1"}, {"PORT": "2"}).port == 2
    assert faults({}, {"PORT": "x"}) == [
        "PORT is not a whole number from 0 to 65535 ('x'): write a number such as 8080"
    ]


@pytest.mark.parametrize(
    ("environ", "fault"),
    [
        ({"PORT": "80a"}, "PORT is not a whole number from 0 to 65535 ('80a'): write a number such as 8080"),
        ({"PORT": "65536"}, "PORT is not a whole number from 0 to 65535 ('65536'): write a number such as 8080"),
        ({"PORT": "٨"}, "PORT is not a whole number from 0 to 65535 ('٨'): write a number such as 8080"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is none of debug, info, warning, error ('loud'): write info"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT is none of auto, json, console ('xml'): write auto"),
        ({"BEHIND_PROXY": "maybe"}, "BEHIND_PROXY is neither yes nor no ('maybe'): write yes or no"),
        (
            {"PUBLIC_URL": "sms.example.org"},
            "PUBLIC_URL is not a URL of a web server ('sms.example.org'): write it as https://sms.example.org",
        ),
        (
            {"PUBLIC_URL": "https://sms.example.org/?a"},
            "PUBLIC_URL has a ? or a # ('https://sms.example.org/?a'): write it as https://sms.example.org",
        ),
        (
            {"HTTP_SEND_URL": "ftp://h/?key=secret"},
            "HTTP_SEND_URL is not a URL of a web server: write it as https://sms.example.org/send",
        ),
        (
            {"HTTP_SEND_URL": "http://login:secret@h/"},
            "HTTP_SEND_URL has a login in it, which nobody reads: write it as https://sms.example.org/send",
        ),
        (
            {"HTTP_SEND_URL": "http://h:99999/"},
            "HTTP_SEND_URL is not a URL of a web server: write it as https://sms.example.org/send",
        ),
        (
            {"DATABASE_URL": "mysql://u:secret@h/d"},
            "DATABASE_URL is not the URL of a database we know: "
            "write sqlite:///ouistop.db or postgresql://user:password@host/name",
        ),
        (
            {"HTTP_TOKEN": "two secrets"},
            "HTTP_TOKEN has a space or a character outside ASCII: "
            "write letters, digits and signs, as `openssl rand -hex 32` does",
        ),
        (
            {"TWILIO_ACCOUNT_SID": "AC/../x"},
            "TWILIO_ACCOUNT_SID has a character that no such name has ('AC/../x'): "
            "copy it as it stands, letters and digits only",
        ),
        ({"HTTP_TOKEN": '"secret"'}, "HTTP_TOKEN stands in quote marks: write it without them"),
        ({"TWILIO_AUTHTOKEN": "secret"}, "TWILIO_AUTHTOKEN is not a setting: did you mean TWILIO_AUTH_TOKEN?"),
        ({"HTTP_TOKN": "secret"}, "HTTP_TOKN is not a setting: did you mean HTTP_TOKEN?"),
        ({"http_token": "secret"}, "http_token is not a setting: did you mean HTTP_TOKEN?"),
        ({"ADMIN_TOKNE": "secret"}, "ADMIN_TOKNE is not a setting: did you mean ADMIN_TOKEN?"),
        ({"TWILIO_AUTH_TOKEN_2": "secret"}, "TWILIO_AUTH_TOKEN_2 is not a setting: did you mean TWILIO_AUTH_TOKEN?"),
        ({"ADMIN_TOKENFILE": "/x"}, "ADMIN_TOKENFILE is not a setting: did you mean ADMIN_TOKEN_FILE?"),
        (
            {"KEYWORDS_FILE": "keywords.yaml"},
            "KEYWORDS_FILE is not read: only a secret may come from a file; set KEYWORDS itself",
        ),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_a_fault_names_the_variable_and_a_way_to_mend_it(environ, fault):
    told = faults(environ)

    assert told == [fault]
    assert "secret" not in told[0].replace("a secret", "")


def test_all_faults_are_told_at_once():
    told = faults({"PORT": "x", "LOG_LEVEL": "x", "PUBLIC_URL": "x", "HTTP_TOKN": "x", "ADMIN_TOKEN_FILE": "/nowhere"})

    assert sorted(fault.split()[0] for fault in told) == [
        "ADMIN_TOKEN_FILE",
        "HTTP_TOKN",
        "LOG_LEVEL",
        "PORT",
        "PUBLIC_URL",
    ]


@pytest.mark.parametrize(
    "name",
    ["HOME", "PATH", "HOSTNAME", "LANG", "POST", "PORTS", "HTTP_PROXY", "https_proxy", "DATABASE",
     "TWILIO_PHONE_NUMBER", "TWILIO_API_KEY", "PUBLIC_KEY", "LOG_DIR", "PYTHONPATH", "KEYWORD"],
)  # fmt: skip
def test_what_belongs_to_others_is_left_alone(name):
    assert load_settings({name: "x"}) == Settings()


def test_a_near_name_beside_the_right_one_belongs_to_others():
    assert load_settings({"LOGLEVEL": "x", "LOG_LEVEL": "error"}).log_level == "error"


def test_a_secret_may_come_from_a_file(tmp_path):
    file = tmp_path / "token"
    file.write_text("from-the-file-0123456789\n")
    settings = load_settings({"HTTP_TOKEN_FILE": str(file), "ADMIN_TOKEN_FILE": str(file)})

    assert settings.providers["http"].tokens == ("from-the-file-0123456789",)
    assert settings.admin_token == "from-the-file-0123456789"


def test_a_file_that_gives_no_secret_is_a_fault(tmp_path):
    empty, binary = tmp_path / "empty", tmp_path / "binary"
    empty.write_text("\n")
    binary.write_bytes(b"\xff\xfe")
    mend = "write the path of a text file"

    assert faults({"HTTP_TOKEN_FILE": str(empty)}) == ["HTTP_TOKEN_FILE names an empty file: put the value into it"]
    assert faults({"HTTP_TOKEN_FILE": str(binary)}) == [
        f"HTTP_TOKEN_FILE names a file that cannot be read (no text): {mend}"
    ]
    assert faults({"HTTP_TOKEN_FILE": "the-secret-itself"}) == [
        f"HTTP_TOKEN_FILE names a file that cannot be read (No such file or directory): {mend}"
    ]
    assert faults({"HTTP_TOKEN_FILE": "x", "HTTP_TOKEN": "x"})[0] == (
        "HTTP_TOKEN and HTTP_TOKEN_FILE are both set: keep one"
    )


def test_no_secret_is_in_a_repr_nor_in_what_people_are_shown():
    settings = load_settings(
        {**SECRETS, "DATABASE_URL": "postgresql://u:db-pass@h/d", "HTTP_SEND_URL": "http://h/?k=url-key"}
    )
    told = f"{settings!r} {describe(settings)!r}"

    assert [part for part in [*PARTS, "db-pass", "url-key"] if part in told] == []


def test_logs_know_every_secret_the_longest_first():
    settings = load_settings({**SECRETS, "DATABASE_URL": "postgresql://u:pass%40word@h/d"})
    found = secrets_of(settings)

    assert sorted(found) == sorted([*PARTS, "pass%40word", "pass@word"])
    assert list(found) == sorted(found, key=len, reverse=True)
    assert secrets_of(Settings()) == ()


def test_every_setting_is_described_once():
    rows = describe()
    names = [row.name for row in rows]

    assert names == [
        "PORT", "HOST", "DATABASE_URL", "KEYWORDS", "PUBLIC_URL", "SECRET_KEY", "ADMIN_TOKEN", "BEHIND_PROXY",
        "RETENTION_DAYS", "LOG_LEVEL", "LOG_FORMAT", "HTTP_TOKEN", "HTTP_SEND_URL", "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN", "TWILIO_API_URL", "TWILIO_MESSAGING_SERVICE_SID",
    ]  # fmt: skip
    assert all(row.help and row.kind for row in rows)
    assert [row.name for row in rows if row.secret] == ["SECRET_KEY", "ADMIN_TOKEN", "HTTP_TOKEN", "TWILIO_AUTH_TOKEN"]


def test_people_see_that_a_secret_is_set_and_where_the_database_is():
    settings = load_settings({**SECRETS, "DATABASE_URL": "postgresql://u:p@h/d", "PUBLIC_URL": "https://h"})
    shown = {row.name: row.value for row in describe(settings)}

    assert shown["ADMIN_TOKEN"] == "set"
    assert shown["HTTP_TOKEN"] == "2 set"
    assert shown["DATABASE_URL"] == "postgresql://u:…@h/d"
    assert shown["PUBLIC_URL"] == "https://h"
    assert shown["PORT"] == "8080"
    assert shown["BEHIND_PROXY"] == "no"
    assert {row.value for row in describe() if row.secret} == {""}


def test_doctor_is_told_of_short_secrets_and_providers_half_connected():
    settings = load_settings({"ADMIN_TOKEN": "short", "TWILIO_ACCOUNT_SID": "AC1", "PUBLIC_URL": "https://h"})

    assert advice(settings) == (
        "ADMIN_TOKEN is short: at least 16 characters, as `openssl rand -hex 32` makes",
        "twilio is begun and not connected: set TWILIO_AUTH_TOKEN",
    )
    assert advice(load_settings({"PUBLIC_URL": "https://h", **SECRETS, "TWILIO_ACCOUNT_SID": "AC1"})) == ()


@pytest.mark.parametrize(
    ("environ", "is_local"),
    [
        ({}, True),
        ({"HOST": "::1"}, True),
        ({"HOST": "localhost", "PUBLIC_URL": "http://localhost:8080"}, True),
        ({"HOST": "0.0.0.0"}, False),
        ({"HOST": "sms.example.org"}, False),
        ({"PUBLIC_URL": "https://sms.example.org"}, False),
        ({"BEHIND_PROXY": "yes"}, False),
    ],
)
def test_local_is_what_nobody_else_can_reach(environ, is_local):
    assert is_local == load_settings(environ).is_local
