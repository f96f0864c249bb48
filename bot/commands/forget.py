"""`ouistop forget`: erase one person."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from bot.commands.given import database_option, database_there, keywords_option, settings_with
from bot.core.errors import ConfigError

if TYPE_CHECKING:
    from bot.settings import Settings

NO_KEY = (
    "SECRET_KEY is not set: what is kept of her is a hash made with it. Set one, as `openssl rand -hex 32` makes, and "
    "keep it: with another she would not be known again"
)
WENT = {"messages": "message", "subscriptions": "place in a program", "wakes": "timer", "failures": "failed message"}


@click.command
@click.argument("msisdn")
@click.option("--yes", is_flag=True, help="Do not ask.")
@database_option
@keywords_option
def command(msisdn: str, yes: bool, database: str | None, keywords: str | None) -> None:
    """Erase everything about one person (GDPR article 17), for ever.

    MSISDN is her number, as +33612345678. Her messages, states, timers and her number itself go. What stays: a hash of
    her number made with SECRET_KEY, so that no list brings her in again, and her chain of consent without her name or
    words, which still verifies. If she texts one of your numbers afterwards she is met as a stranger.

    It may be run beside the server. Backups made before still hold her: erase her again after restoring one.

    \b
    Example:
      ouistop forget +33612345678

    \b
    Exit codes:
      0  she is forgotten
      1  SECRET_KEY is not set, or the database cannot be changed
      2  the command was written wrongly, or you said no
    """
    settings = settings_with(database=database, keywords=keywords)
    from bot.commands.numbers import msisdn_of

    who = msisdn_of(msisdn, "MSISDN")
    if not settings.secret_key:
        raise ConfigError([NO_KEY])
    database_there(settings)
    if not yes and not click.confirm(f"Erase everything about {who}? This cannot be undone"):
        click.get_current_context().exit(2)
    gone = asyncio.run(_forget(settings, who))
    if not gone["contacts"]:
        click.echo(f"Nothing was known of {who}; it is noted that she must be left alone.")
        return
    listed = [f"{gone[table]} {what}{'' if gone[table] == 1 else 's'}" for table, what in WENT.items() if gone[table]]
    click.echo(f"{who} is forgotten: {', '.join(listed) or 'her number'} erased.")


async def _forget(settings: Settings, msisdn: str) -> dict[str, int]:
    from bot.commands.looking import looking, names_for
    from bot.core.forgetting import keyed

    async with looking(settings) as store:
        catalog = names_for(settings).catalog()
        return await store.forget(msisdn, keyed(msisdn, settings.secret_key), datetime.now(UTC), catalog.digest)
