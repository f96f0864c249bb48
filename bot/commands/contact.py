"""`ouistop contact`: everything about one person, as a page that can be handed to whoever asks for proof.

Rule: it only looks. It opens the database beside a running server and starts nothing of it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from bot.commands.given import database_option, database_there, json_option, keywords_option, settings_with

if TYPE_CHECKING:
    from bot.settings import Settings


@click.command
@click.argument("msisdn")
@json_option
@database_option
@keywords_option
def command(msisdn: str, as_json: bool, database: str | None, keywords: str | None) -> None:
    """Show everything about one person: states, consent with the words she was shown, messages.

    MSISDN is her number, as +33612345678. Her consent is a chain in which each row seals the one before. The chain is
    verified here: a row that was changed or taken out is named. It may be run beside the server, and changes nothing.

    \b
    Example:
      ouistop contact +33612345678
      ouistop contact +33612345678 --json > proof.json

    \b
    Exit codes:
      0  shown, and the chain is whole
      1  the chain is broken, nothing is known of her, or the database cannot be read
      2  the command was written wrongly
    """
    settings = settings_with(database=database, keywords=keywords)
    from bot.commands.numbers import msisdn_of
    from bot.commands.proof import show

    who = msisdn_of(msisdn, "MSISDN")
    database_there(settings)
    found = asyncio.run(_find(settings, who))
    if found is None:
        click.echo(asyncio.run(_why_not(settings, who)), err=True)
        click.get_current_context().exit(1)
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        show(found)
    if not found["chain"]["verified"]:
        click.get_current_context().exit(1)


async def _why_not(settings: Settings, msisdn: str) -> str:
    """Tell why there is nothing to show: she never texted, or she was forgotten."""
    from bot.commands.looking import looking
    from bot.commands.terminal import moment
    from bot.core.forgetting import keyed

    async with looking(settings) as store:
        times = await store.forgotten(keyed(msisdn, settings.secret_key)) if settings.secret_key else []
    if not times:
        return f"Nothing is known of {msisdn}: she never texted any of these numbers."
    told = f"{msisdn} was forgotten on {moment(times[0].at)} and must be left alone."
    kept = [
        f"Her chain of consent, {each.rows} rows, is kept without her as {each.ledger}." for each in times if each.rows
    ]
    return " ".join([told, *kept])


async def _find(settings: Settings, msisdn: str) -> Mapping[str, Any] | None:
    """Ask the console what it knows; its inbox is there and never started."""
    from bot.commands.looking import looking, names_for
    from bot.service.console import Console
    from bot.service.sandbox import utc_now
    from bot.service.switchboard import Switchboard

    async with looking(settings) as store:
        keywords = names_for(settings)
        board = Switchboard(store, {}, keywords.catalog, utc_now)
        return await Console(store, board.inbox, keywords, utc_now, lambda: ()).contact(msisdn)
