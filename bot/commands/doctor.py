"""`ouistop doctor`: whether everything that the server needs is there and well, and what to do where it is not."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import click

from bot.commands.given import database_option, json_option, keywords_option, settings_with
from bot.core.errors import ConfigError

if TYPE_CHECKING:
    from bot.commands.checks import Finding
    from bot.settings import Row, Settings

STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


@click.command
@json_option
@database_option
@keywords_option
def command(as_json: bool, database: str | None, keywords: str | None) -> None:
    """Look whether everything the server needs is there and well, and say what to do where it is not.

    Settings (of a secret only whether it is set), keywords.yaml, clock, providers and their webhooks, database, the
    last message on each number, what waits to be sent or to be read. It may be run beside the server.

    \b
    Example:
      ouistop doctor
      ouistop doctor --json

    \b
    Exit codes:
      0  nothing fails; there may be warnings
      1  something fails
      2  the command was written wrongly
    """
    from bot.commands.checks import FAIL, Finding, examine

    settings: Settings | None = None
    try:
        settings = settings_with(database=database, keywords=keywords)
        findings = asyncio.run(examine(settings))
    except ConfigError as error:
        findings = [Finding(FAIL, "settings", problem) for problem in error.problems]
    rows = _rows(settings)
    if as_json:
        click.echo(json.dumps(_document(rows, findings), indent=2, ensure_ascii=False))
    else:
        _print(rows, findings)
    if any(finding.level == FAIL for finding in findings):
        click.get_current_context().exit(1)


def _rows(settings: Settings | None) -> list[Row]:
    from bot.settings import describe

    return list(describe(settings)) if settings else []


def _document(rows: list[Row], findings: list[Finding]) -> dict[str, Any]:
    return {
        "ok": all(finding.level != "fail" for finding in findings),
        "findings": [finding.as_dict() for finding in findings],
        "settings": {row.name: _shown(row) for row in rows},
    }


def _shown(row: Row) -> str:
    """Tell a setting's value; of a secret, only whether there is one."""
    return row.value or "not set"


def _print(rows: list[Row], findings: list[Finding]) -> None:
    from rich.text import Text

    from bot.commands.terminal import count, pairs, paper

    console = paper()
    if rows:
        console.print(Text("Settings", style="bold"))
        pairs(console, [(row.name, _shown(row)) for row in rows])
        console.print()
    console.print(Text("Findings", style="bold"))
    wide = max(len(finding.about) for finding in findings)
    for finding in findings:
        mend = f": {finding.mend}" if finding.mend else ""
        line = Text.assemble(
            "  ", (f"{finding.level:<4}", STYLES[finding.level]), f"  {finding.about:<{wide}}  {finding.told}{mend}"
        )
        console.print(line, soft_wrap=True)
    fails, warns = (sum(finding.level == level for finding in findings) for level in ("fail", "warn"))
    console.print()
    if fails:
        console.print(f"{count(fails, 'failure')}, {count(warns, 'warning')}.", style=STYLES["fail"])
    elif warns:
        console.print(f"It can run; {count(warns, 'warning')}.", style=STYLES["warn"])
    else:
        console.print("All is well.", style=STYLES["ok"])
