"""`ouistop backup`: a copy of the database that was looked through."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands.given import database_option, database_there, settings_with
from bot.core.errors import Unavailable

if TYPE_CHECKING:
    from bot.settings import Settings


@click.command
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@database_option
def command(file: Path, database: str | None) -> None:
    """Copy the database to FILE while it is in use, and check the copy: its pages, and every chain of consent.

    FILE is written whole or not at all. To restore it, stop the server, remove the database with its -wal and -shm
    files, copy FILE to its place, and start the server. People who were erased since then must be erased again.

    For PostgreSQL use pg_dump, or your host's backups.

    \b
    Example:
      ouistop backup /var/backups/ouistop-monday.db

    \b
    Exit codes:
      0  the copy is there and whole
      1  it could not be made, or is not whole; standard error says why
      2  the command was written wrongly, or FILE is there already
    """
    settings = settings_with(database=database)
    if file.exists():
        raise click.BadParameter(f"{file} is there already: name a new file", param_hint="FILE")
    database_there(settings)
    people = asyncio.run(_copy(settings, file))
    click.echo(
        f"{file}: {file.stat().st_size / 1e6:,.1f} MB, {people:,} contacts; every page and every chain is whole."
    )


async def _copy(settings: Settings, file: Path) -> int:
    from bot.app import make_store

    store = make_store(settings.database_url)
    part = file.with_name(f"{file.name}.part")
    try:
        await store.open(may_migrate=False)
        await store.backup(part)
        people = await _looked_through(part)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    finally:
        await store.close()
    part.rename(file)
    return people


async def _looked_through(copy: Path) -> int:
    """Count the people in a copy; raise Unavailable if it is not whole."""
    from bot.store.store import SqliteStore

    store = SqliteStore(str(copy))
    try:
        await store.open(may_migrate=False)
        faults = await store.faults()
        if faults:
            raise Unavailable("\n".join(["the copy is not whole:", *faults]))
        return await store.count()
    finally:
        await store.close()
