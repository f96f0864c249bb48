"""The command line as a whole: its pages, and how it fails."""

import json
import subprocess
import sys

import pytest
from command_line import ROOT, run, scrubbed, spawn, write

from bot.cli import COMMANDS

NAMES = [name for section in COMMANDS.values() for name in section]


def test_the_first_page_names_every_command_under_its_heading(tmp_path):
    page = run(tmp_path, "--help").stdout

    assert page == run(tmp_path).stdout
    assert "OUI to join, STOP to" in page
    assert [line.rstrip(":") for line in page.splitlines() if line[:1].isalpha() and line.endswith(":")] == [
        *COMMANDS, "Options", "Example"
    ]  # fmt: skip
    assert [name for name in NAMES if f"\n  {name} " not in page] == []


@pytest.mark.parametrize("name", NAMES)
def test_each_page_says_what_the_command_does_with_an_example_and_its_exit_codes(tmp_path, name):
    page = run(tmp_path, name, "--help").stdout

    assert page.startswith(f"Usage: ouistop {name} ")
    assert f"    ouistop {name}" in page.partition("\n  Example:\n")[2]
    assert "\n  Exit codes:\n    0  " in page


def test_the_first_page_imports_no_machinery():
    code = (
        "import sys; sys.argv = ['ouistop', '--help']\n"
        "from bot.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'aiohttp', 'sqlalchemy', 'pydantic', 'rich', 'statemachine', 'yaml'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=scrubbed({}), cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"


def test_the_version_is_that_of_the_package(tmp_path):
    assert run(tmp_path, "--version").stdout.startswith("ouistop 0.")


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("serve", "--port", "high"),
        ("serve", "--nonsense"),
        ("explain",),
        ("explain", "--jsonl", "stop"),
        ("explain", "stop", "--state", "asleep"),
        ("explain", "stop", "--number", "+33611111111"),
        ("contact", "0612345678"),
        ("chat", "--number", "+33611111111"),
        ("chat", "--as", "anna"),
        ("chat", "--save", "no/such/folder.txt"),
        ("diagram", "nonsense"),
        ("check", "a", "b"),
    ],
    ids=" ".join,
)
def test_a_command_written_wrongly_ends_with_2_and_says_how_to_write_it(tmp_path, words):
    result = run(write(tmp_path), *words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "Usage: ouistop" in result.stderr
    assert "\nError: " in result.stderr


@pytest.mark.parametrize("command", ["serve", "check", "chat", "migrate", "contact +33639980001"])
def test_every_fault_of_the_settings_is_a_line_on_standard_error(tmp_path, command):
    result = run(write(tmp_path), *command.split(), PORT="high", LOG_LEVEL="loud")

    assert (result.exit_code, result.stdout) == (1, "")
    assert [line.split()[0] for line in result.stderr.splitlines()] == ["PORT", "LOG_LEVEL"]


@pytest.mark.parametrize("command", ["serve", "check", "chat", "explain stop --number +447700900000"])
def test_without_a_keywords_file_it_says_how_to_begin_and_what_it_says_is_good(tmp_path, command):
    result = run(tmp_path, *command.split())
    told = result.stderr
    lines = told.partition("\n\n")[2].rpartition("\n\n")[0]

    assert (result.exit_code, result.stdout) == (1, "")
    assert told.startswith("keywords.yaml is not there. To begin, save these lines as keywords.yaml:")
    assert json.loads(run(write(tmp_path, lines), "check", "--json").stdout)["problems"] == []
    assert "* opted in to news" in run(tmp_path, "chat", typed="NEWS\nyes\n").stdout


def test_a_named_keywords_file_that_is_not_there_is_named(tmp_path):
    result = run(tmp_path, "check", "spring.yaml")

    assert result.exit_code == 1
    assert result.stderr.startswith("spring.yaml is not there: ")


def test_texts_are_written_in_utf8_whatever_the_locale(tmp_path):
    done = spawn(write(tmp_path), "chat", typed="CLUB\noui\nARRÊTER\n", LC_ALL="C", PYTHONIOENCODING="ascii")

    assert (done.returncode, done.stderr) == (0, "")
    assert "> ARRÊTER" in done.stdout
    assert "Plus intéressé" in done.stdout


def test_colours_are_for_terminals_that_want_them(tmp_path):
    write(tmp_path)
    terminal = {"FORCE_COLOR": "1", "TERM": "xterm"}

    assert "\x1b[" not in run(tmp_path, "check").stdout
    assert "\x1b[1;32m" in run(tmp_path, "check", **terminal).stdout
    assert "\x1b[1;32m" not in run(tmp_path, "check", **terminal, NO_COLOR="1").stdout
