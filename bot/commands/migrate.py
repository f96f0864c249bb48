"""`ouistop migrate`: bring the database to the shape this version expects."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from bot.commands.given import database_option, settings_with

if TYPE_CHECKING:
    from bot.store.store import Store


@click.command
@database_option
def command(database: str | None) -> None:
    """Bring the database up to date, making it if it is not there.

    Runs the steps that are missing, all in one transaction, and names them. On SQLite `ouistop serve` does the same
    when it starts.

    \b
    Example:
      ouistop migrate
      ouistop migrate --database sqlite:////var/lib/ouistop/ouistop.db

    \b
    Exit codes:
      0  the database is up to date
      1  it cannot be reached or changed; standard error says why
      2  the command was written wrongly
    """
    settings = settings_with(database=database)
    from bot.app import make_store

    steps = asyncio.run(_steps(make_store(settings.database_url)))
    for step in steps:
        click.echo(f"ran step {step}")
    click.echo("The database is up to date." if steps else "The database was up to date; nothing was to do.")


async def _steps(store: Store) -> list[str]:
    try:
        return await store.open(may_migrate=True)
    finally:
        await store.close()
