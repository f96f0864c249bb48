"""Nothing public is undocumented, and nothing documented is untrue: the pages of docs/ against the program itself."""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import click
import pytest
from cases.lint.runner import cases
from pages import DOCS, NAME, PAGES, ROOT, Block, anchors, blocks, links, named, page, rows, section

from bot.cli import cli
from bot.core.delivery import DEADLINES
from bot.core.durations import say_duration
from bot.core.ledger import Event, LedgerRow
from bot.core.loading import load_catalog
from bot.core.messages import Status
from bot.core.phrases import TEXTS
from bot.core.problems import Level
from bot.core.render import FILLERS
from bot.core.schema import KeywordsFile, json_schema
from bot.providers import REGISTRY
from bot.settings import describe

SOURCES = {path: path.read_text("utf-8") for path in sorted((ROOT / "bot").rglob("*.py"))}
SETTINGS = describe()
COMMANDS = {name: cli.get_command(click.Context(cli), name) for name in cli.list_commands(click.Context(cli))}

# ---- settings, commands, providers ---------------------------------------------------------------------------


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_has_a_row_with_its_default_and_its_file(setting):
    row = next((row for row in rows(page("settings.md")) if row[0] == f"`{setting.name}`"), ["", "", ""])

    assert row[1] == (f"`{setting.default}`" if setting.default else "not set")
    assert setting.from_file in row[2]


def test_no_setting_is_documented_that_is_not_there():
    documented = [row[0].strip("`") for row in rows(page("settings.md")) if re.fullmatch("`[A-Z_]+`", row[0])]

    assert sorted(documented) == sorted(setting.name for setting in SETTINGS)


def test_every_command_has_a_row_with_its_options():
    told = {
        names[0].removeprefix("ouistop "): set(re.findall(r"--[a-z]+", row[1]))
        for row in rows(section(page("operating.md"), "Commands"))
        if (names := NAME.findall(row[0]))
    }

    assert told == {
        name: {opt for param in command.params for opt in param.opts if opt.startswith("--")}
        for name, command in COMMANDS.items()
        if command
    }


@pytest.mark.parametrize("block", blocks("sh", "console"), ids=str)
def test_every_command_line_in_the_docs_can_be_written(block: Block):
    for line in re.findall(r"^(?:\$ )?ouistop (.+)$", block.text, re.MULTILINE):
        words = shlex.split(line.partition(" > ")[0], comments=True)
        if words[0] in COMMANDS:
            command = COMMANDS[words[0]]
            command.make_context(words[0], words[1:], resilient_parsing=False)
        else:
            assert words[0] in ("--help", "--version")


def test_every_provider_is_documented():
    told = named(page("numbers.md").partition("## ")[0])

    assert sorted(told) == sorted(REGISTRY)


# ---- keywords.yaml ---------------------------------------------------------------------------------------------


def groups() -> dict[str, Mapping[str, Any]]:
    """Give the keys of each part of keywords.yaml, under the key by which the file names it."""
    schema = json_schema()
    found = {"The file": schema["properties"]}
    for part in (schema, *schema["$defs"].values()):
        for key, value in part["properties"].items():
            ref = re.search(r'"\$ref": "#/\$defs/(\w+)"', json.dumps(value))
            if ref:
                found[f"`{key}`"] = schema["$defs"][ref[1]]["properties"]
    return found


@pytest.mark.parametrize("heading", groups())
def test_every_key_of_the_schema_has_a_row_in_its_section(heading: str):
    documented = [row[0].strip("`") for row in rows(section(page("keywords.md"), heading)) if "{" not in row[0]]

    assert sorted(documented) == sorted(groups()[heading])


@pytest.mark.parametrize("heading", groups())
def test_a_keys_default_is_the_one_it_says(heading: str):
    told = {row[0].strip("`"): row[1] for row in rows(section(page("keywords.md"), heading))}
    defaults = {key: value["default"] for key, value in groups()[heading].items() if "default" in value}

    assert {key: told[key].strip("`") for key in defaults} == {
        key: json.dumps(value).strip('"') for key, value in defaults.items()
    }


def test_every_text_and_every_placeholder_is_documented():
    told = section(page("keywords.md"), "`texts`")

    assert set(TEXTS) <= set(named(told))
    assert {f"{{{name}}}" for name in FILLERS} == {name for name in named(told) if name.startswith("{")}


TOLD = re.compile(r"^[0-9:]+ (\w+): .*? \[([a-z0-9-]+)\](?: hint: |$)", re.MULTILINE)


def told_in_cases() -> set[tuple[str, str]]:
    """Collect (level, rule) of every problem in the linter's cases."""
    return {found for case in cases() for found in TOLD.findall(case.values[0]["problems"])}


def rules() -> set[str]:
    """Collect the names of the rules: from the cases, and from the code for those that have none."""
    found = {rule for _, rule in told_in_cases()}
    for path in (*(ROOT / "bot/core/lint").glob("*.py"), ROOT / "bot/core/conform.py"):
        for node in ast.walk(ast.parse(SOURCES[path])):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) > 1:
                rule = node.args[1]
                if node.func.attr in ("error", "warning") and isinstance(rule, ast.Constant):
                    found.add(str(rule.value))
    return found


def test_every_rule_of_the_check_is_documented_and_no_other():
    told = [row[0].strip("`") for row in rows(section(page("keywords.md"), "What the check says"))]

    assert sorted(told) == sorted(rules())


def test_every_rule_is_as_grave_as_it_says():
    table = rows(section(page("keywords.md"), "What the check says"))
    told = {(level, row[0].strip("`")) for row in table for level in row[1].split(", ")}

    assert told_in_cases() - told == set()


def completed(text: str) -> str:
    """Make a whole file of an example: what must be there and is not is put before it."""
    needed = {
        "version": "version: 1", "brand": "brand: Lumen", "languages": "languages: [fr, en]",
        "numbers": 'numbers: {"+33644600000": {}}', "programs": "programs: {club: {keywords: [CLUB]}}",
    }  # fmt: skip
    there = re.findall(r"^(\w+):", text, re.MULTILINE)
    return "".join(f"{line}\n" for key, line in needed.items() if key not in there) + text


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_every_example_of_keywords_yaml_loads(block: Block):
    keys = set(re.findall(r"^(\w+):", block.text, re.MULTILINE))
    if not keys <= KeywordsFile.model_fields.keys() or "language" in keys:
        pytest.fail(f"{block} is no part of keywords.yaml: give the block another language than yaml")
    loaded = load_catalog(completed(block.text), str(block), tuple(REGISTRY))

    assert [str(problem) for problem in loaded.problems if problem.level is Level.ERROR] == []


# ---- consent, running it, words ----------------------------------------------------------------------------------


def test_every_event_of_the_ledger_is_documented_and_no_other():
    table = next(part for part in page("consent.md").split("\n\n") if part.startswith("| event |"))

    assert sorted(named(table)) == sorted(Event)


DIGESTS = {"seq", "event", "shown_digest", "private_digest"}


def test_every_value_of_a_row_of_the_ledger_is_documented():
    table = next(part for part in page("consent.md").split("\n\n") if part.startswith("| a row has |"))

    assert sorted(named(table)) == sorted({each.name for each in fields(LedgerRow)} - DIGESTS)


def test_every_deadline_is_the_one_it_says():
    told = {row[0].split()[0]: row[1] for row in rows(section(page("consent.md"), "When a reply must have left"))}
    deadlines = {str(purpose): say_duration(time) for purpose, time in DEADLINES.items()}

    assert {purpose: " ".join(text.split()[:2]) for purpose, text in told.items()} == deadlines


@pytest.mark.parametrize("line", named(section(page("operating.md"), "Logs")))
def test_every_log_line_in_the_docs_is_logged(line: str):
    assert any(f'"{line}"' in source for source in SOURCES.values())


@pytest.mark.parametrize("line", named(section(page("numbers.md"), "Checking")))
def test_every_finding_of_the_doctor_in_the_docs_is_found(line: str):
    assert line in SOURCES[ROOT / "bot/commands/checks.py"] or line in {setting.name for setting in SETTINGS}


def test_every_status_is_in_the_glossary_and_its_words_are_in_order():
    words = [row[0] for row in rows(page("glossary.md"))]
    status = next(row[1] for row in rows(page("glossary.md")) if row[0] == "status")

    assert words == sorted(words, key=str.lower)
    assert NAME.findall(status) == list(Status)


# ---- the pages themselves ----------------------------------------------------------------------------------------


def test_every_page_is_in_the_index():
    told = {target.partition("#")[0] for name, target in links() if name == "docs/README.md"}

    assert {path.name for path in DOCS.glob("*.md")} - {"README.md"} - told == set()


@pytest.mark.parametrize(("name", "target"), [each for each in links() if "://" not in each[1]])
def test_every_link_leads_somewhere(name: str, target: str):
    file, _, anchor = target.partition("#")
    path = (PAGES[name].parent / file) if file else PAGES[name]

    assert path.exists()
    assert not anchor or anchor in anchors(path)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_holds_a_path_of_a_machine(name: str):
    assert re.findall(r"(?<![\w.:/])/(?:work|root|home|Users|tmp|mnt)/\S*", PAGES[name].read_text("utf-8")) == []
