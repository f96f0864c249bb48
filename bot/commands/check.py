"""`ouistop check`: what is wrong with keywords.yaml, and what its texts cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.commands.given import json_option, keywords_file, settings_with

if TYPE_CHECKING:
    from bot.commands.prices import Price
    from bot.core.catalog import Catalog
    from bot.core.loading import Loaded


@click.command
@click.argument("file", required=False, metavar="[FILE]")
@json_option
def command(file: str | None, as_json: bool) -> None:
    """Say what is wrong with keywords.yaml, and what its texts cost.

    FILE is $KEYWORDS, or keywords.yaml, unless it is named. Every problem is printed with its line, its column and a
    way to mend it. A file without errors can be used: then a table shows each text at its longest, as it is billed.

    \b
    Example:
      ouistop check
      ouistop check drafts/summer.yaml --json

    \b
    Exit codes:
      0  the file can be used; there may be warnings
      1  the file has errors, or is not there
      2  the command was written wrongly
    """
    path = keywords_file(settings_with(keywords=file))
    from bot.core.loading import load_catalog
    from bot.providers import REGISTRY
    from bot.service.reload import read_keywords

    loaded = load_catalog(read_keywords(path), str(path), tuple(REGISTRY))
    if as_json:
        click.echo(json.dumps(_document(path, loaded), indent=2, ensure_ascii=False))
    else:
        _print(path, loaded)
    if loaded.catalog is None:
        click.get_current_context().exit(1)


def _document(path: Path, loaded: Loaded) -> dict[str, Any]:
    from bot.commands.prices import prices

    catalog = loaded.catalog
    return {
        "file": str(path),
        "ok": catalog is not None,
        "digest": catalog.digest if catalog else None,
        "problems": [problem.as_dict() for problem in loaded.problems],
        "texts": [price.as_dict() for price in prices(catalog)] if catalog else [],
    }


def _print(path: Path, loaded: Loaded) -> None:
    from bot.commands.terminal import count, paper

    console = paper()
    styles = {"error": "red", "warning": "yellow"}
    for problem in loaded.problems:
        console.print(str(problem), style=styles[problem.level], soft_wrap=True)
    errors = sum(problem.level == "error" for problem in loaded.problems)
    warnings = len(loaded.problems) - errors
    told = [count(number, what) for number, what in ((errors, "error"), (warnings, "warning")) if number]
    if loaded.problems:
        console.print()
    if loaded.catalog is None:
        console.print(f"{path} cannot be used: {', '.join(told)}.", style="bold red")
        return
    _summary(console, loaded.catalog)
    console.print(f"{path} is good{f', with {told[0]}' if told else ''}.", style="bold green")


def _summary(console: Any, catalog: Catalog) -> None:
    """Show what people can text where, and what each reply costs."""
    from bot.commands.prices import prices
    from bot.commands.terminal import draw, table

    here = table("number", "label", "provider", "keywords")
    for number in catalog.numbers.values():
        here.add_row(number.number, number.label, number.provider, ", ".join(catalog.keywords_on(number.number)))
    programs = table("program", "name", "opt-in", "languages", "keywords")
    for key, each in catalog.programs.items():
        programs.add_row(key, each.name, each.opt_in, ", ".join(each.languages), ", ".join(each.keywords))
    for made in (here, programs):
        draw(console, made)
        console.print()
    _texts(console, prices(catalog))


def _texts(console: Any, priced: list[Price]) -> None:
    from bot.commands.terminal import draw, table

    texts = table("text", "of", "language", "encoding", "segments", "characters that cost", right=("segments",))
    for price in priced:
        texts.add_row(price.name if price.ours else f"({price.name})", price.of, price.language, price.size.encoding,
                      str(price.size.segments), price.culprits)  # fmt: skip
    draw(console, texts)
    console.print("Each text at its longest. In brackets: the built-in ones, for which the file has none.", style="dim")
    console.print()
