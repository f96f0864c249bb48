"""`ouistop check` and `ouistop schema`: what is wrong with a file, what it costs, and what editors are told."""

import json

import pytest
from command_line import KEYWORDS, NUMBER, run, write

from bot.core.schema import json_schema

TAKEN = KEYWORDS.replace("[BRUNCH]", "[BRUNCH, STOP]")
LONG = KEYWORDS.replace("    survey: leaving\n", '    texts:\n      welcome: {fr: "%s", en: Welcome}\n' % ("ê" * 71))


def test_problems_are_printed_as_editors_read_them_and_errors_end_with_1(tmp_path):
    result = run(write(tmp_path, TAKEN), "check")
    first, *_, last = result.stdout.splitlines()

    assert result.exit_code == 1
    assert first.startswith("keywords.yaml:18:24: error: keyword STOP of 'brunch' means STOP [keyword-reserved] hint: ")
    assert last == "keywords.yaml cannot be used: 1 error."


def test_warnings_do_not_keep_a_file_from_being_used(tmp_path):
    result = run(write(tmp_path, LONG), "check")

    assert result.exit_code == 0
    assert ": warning: " in result.stdout
    assert result.stdout.splitlines()[-1].startswith("keywords.yaml is good, with 3 warnings")


def test_a_good_file_is_summed_up_with_the_cost_of_each_text(tmp_path):
    result = run(write(tmp_path, LONG), "check")
    rows = [line.split() for line in result.stdout.splitlines()]

    assert [NUMBER, "Affiche", "http", "CLUB"] in rows
    assert ["club", "Club", "Zinc", "double", "fr,", "en", "CLUB"] in rows
    assert ["welcome", "club", "fr", "UCS-2", "2", "ê"] in rows
    assert ["welcome", "club", "en", "GSM-7", "1"] in rows
    assert ["(ask_confirm)", "club", "fr", "GSM-7", "1"] in rows


def test_texts_that_are_never_said_are_not_priced(tmp_path):
    texts = json.loads(run(write(tmp_path), "check", "--json").stdout)["texts"]
    said = {(text["of"], text["text"]) for text in texts}

    assert ("club", "ask_confirm") in said
    assert said & {
        ("brunch", "ask_confirm"),   # single opt-in asks nothing
        ("club", "thanks"),          # only where the file has it
        ("club", "farewell_one"),    # its number has no other program
        ("", "help_which"),
    } == set()  # fmt: skip


@pytest.mark.parametrize(("source", "ok", "rules"), [(KEYWORDS, True, []), (TAKEN, False, ["keyword-reserved"])])
def test_json_is_one_document_with_the_problems_as_values(tmp_path, source, ok, rules):
    result = run(write(tmp_path, source), "check", "--json")
    document = json.loads(result.stdout)

    assert (result.exit_code, document["ok"]) == (0 if ok else 1, ok)
    assert [problem["rule"] for problem in document["problems"]] == rules
    assert bool(document["texts"]) == ok


def test_the_file_is_the_argument_else_the_setting_else_keywords_yaml(tmp_path):
    (tmp_path / "drafts").mkdir()
    write(tmp_path / "drafts", TAKEN)
    write(tmp_path)
    path = "drafts/keywords.yaml"

    assert run(tmp_path, "check").exit_code == 0
    assert run(tmp_path, "check", KEYWORDS=path).stdout.startswith(f"{path}:18:24: error: ")
    assert run(tmp_path, "check", path).stdout.startswith(f"{path}:18:24: error: ")


@pytest.mark.parametrize("source", [b"", b"\xff\xfe", b"version: 1\n\tbrand: x", b"[" * 500, b"a: &a [*a]"])
def test_no_file_ends_in_a_traceback(tmp_path, source):
    (tmp_path / "keywords.yaml").write_bytes(source)
    result = run(tmp_path, "check")

    assert result.exit_code == 1
    assert "keywords.yaml:" in result.output
    assert "Traceback" not in result.output


def test_schema_prints_the_schema_and_nothing_else(tmp_path):
    result = run(tmp_path, "schema")

    assert json.loads(result.stdout) == json_schema()
    assert result.stdout.endswith("\n}\n")
