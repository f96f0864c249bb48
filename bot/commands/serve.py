"""`ouistop serve`: run the server until it is told to stop."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import click

from bot.commands.given import database_option, keywords_file, keywords_option, settings_with

if TYPE_CHECKING:
    from bot.app import House

EVERYWHERE = ("0.0.0.0", "[::]")  # noqa: S104, told apart, not bound


@click.command
@click.option("--host", metavar="ADDRESS", show_default="$HOST, or 127.0.0.1", help="Address to listen on.")
@click.option("--port", metavar="PORT", type=click.IntRange(0, 65_535), show_default="$PORT, or 8080",
              help="Port to listen on; 0 takes any free one.")  # fmt: skip
@keywords_option
@database_option
def command(host: str | None, port: int | None, keywords: str | None, database: str | None) -> None:
    """Answer texts, and show the console and a phone to try it on.

    Runs until SIGTERM or Ctrl-C, which let work under way end. keywords.yaml is read again whenever it is saved, or
    on SIGHUP; a file with errors never replaces a good one.

    \b
    Example:
      ouistop serve --port 8000
      ouistop serve --host 0.0.0.0        all addresses: set ADMIN_TOKEN first

    \b
    Exit codes:
      0  it was told to stop
      1  it could not start; standard error says why
      2  the command was written wrongly
    """
    settings = settings_with(host=host, port=port, keywords=keywords, database=database)
    keywords_file(settings)
    from bot.app import fork_writer, serve
    from bot.logs import set_up_logs

    set_up_logs(settings)
    _run(serve(settings, ready, fork_writer(settings)))


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop where it is installed (the extra `fast`), else on Python's own loop."""
    import asyncio
    from importlib import import_module, util

    factory = import_module("uvloop").new_event_loop if util.find_spec("uvloop") else None
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(work)


def ready(house: House, address: str) -> None:
    """Say that everything is up, and where to look."""
    from rich.text import Text

    from bot.commands.terminal import pairs, paper

    console = paper()
    console.print(Text("Ouistop is up.", style="bold green"))
    pairs(console, facts(house, address))
    console.file.flush()


def facts(house: House, address: str) -> list[tuple[str, str]]:
    """List what whoever started it wants to know."""
    from bot.commands.terminal import count
    from bot.providers import connected
    from bot.settings import describe

    catalog = house.keywords.catalog()
    keywords = len({word for words in catalog.keywords.values() for word in words})
    warnings = f", {count(len(house.keywords.problems), 'warning')}" if house.keywords.problems else ""
    shown = {row.name: row.value for row in describe(house.settings)}
    named = connected(house.providers)
    return [
        ("open", _here(address)),
        ("keywords", f"{house.settings.keywords}, version {catalog.digest}: {count(len(catalog.numbers), 'number')}, "
                     f"{count(len(catalog.programs), 'program')}, {count(keywords, 'keyword')}{warnings}"),
        ("database", shown["DATABASE_URL"]),
        ("sign-in", _sign_in(house)),
        *_webhooks(house, named, address),
    ]  # fmt: skip


def _here(address: str) -> str:
    for host in (*EVERYWHERE, "127.0.0.1", "[::1]"):
        address = address.replace(f"//{host}:", "//localhost:")
    return address


def _sign_in(house: House) -> str:
    if house.access.open:
        return "not needed: only this machine can reach it, and no provider is connected"
    if house.access.admin_token:
        return "with ADMIN_TOKEN"
    return "impossible, the console stays closed: set ADMIN_TOKEN (`openssl rand -hex 32` makes one)"


def _webhooks(house: House, named: tuple[str, ...], address: str) -> list[tuple[str, str]]:
    """Tell each connected provider's URLs, or that there is none."""
    from bot.providers.contract import webhook_path

    if not named:
        return [("provider", "none is connected: no text leaves this machine")]
    base = house.settings.public_url or _here(address).rstrip("/")
    rows = []
    for name in named:
        rows.append((name, f"messages {base}{webhook_path(name, 'mo')}"))
        rows.append(("", f"reports  {base}{webhook_path(name, 'dlr')}"))
    if not house.settings.public_url:
        rows.append(("", "PUBLIC_URL is not set: providers outside cannot call this address"))
    return rows
