"""`ouistop copy`: everything into another database, of either kind, and a proof that it came over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.core.errors import Unavailable

if TYPE_CHECKING:
    from bot.commands.progress import Told
    from bot.store.store import Store

SQLITE = "sqlite:///"
SOURCE, TARGET = "source", "target"


def _url(_: click.Context, __: click.Parameter, value: str) -> str:
    """Take the URL of a database that outlives the command; a path alone is a SQLite file's."""
    from bot.settings import DATABASE

    url = value if "://" in value else f"{SQLITE}{value}"
    try:
        url = str(DATABASE.read(url))
    except ValueError as error:
        raise click.BadParameter(f"it {error}: {DATABASE.mend}") from None
    if url.startswith("sqlite:") and url.removeprefix(SQLITE) in ("", ":memory:", url):
        raise click.BadParameter("it is no file: write sqlite:///ouistop.db, or four slashes and a path from the root")
    return url


@click.command
@click.argument("source", callback=_url)
@click.argument("target", callback=_url)
def command(source: str, target: str) -> None:
    """Copy everything from the database SOURCE into the database TARGET, and check it.

    Each is the URL of a SQLite file or of a PostgreSQL database, as in DATABASE_URL. Stop every server that uses either
    first. TARGET must be up to date (`ouistop migrate --database TARGET`) and empty. SOURCE is left as it is.

    A copy that was interrupted is taken up where it stopped: write the same command again. In the end every row is
    compared with the source's, and every chain of consent is verified.

    A password in a command can be seen by whoever may list this machine's processes: leave it out of the URL, and put
    it into ~/.pgpass or PGPASSWORD.

    \b
    Example:
      ouistop migrate --database postgresql://ouistop@db.example.org/ouistop
      ouistop copy sqlite:///ouistop.db postgresql://ouistop@db.example.org/ouistop

    \b
    Exit codes:
      0  everything is in the target, and it is whole
      1  it is not, or one of the two cannot be used; standard error says why
      2  the command was written wrongly
    """
    if source == target:
        raise click.UsageError("SOURCE and TARGET are the same database.")
    from bot.commands.progress import Told
    from bot.commands.terminal import pairs, paper

    with Told() as told:
        sizes = asyncio.run(_copy(source, target, told))
    console = paper()
    console.print(f"Copied {sum(sizes.values()):,} rows. Every row is the same in both, and every chain is whole.")
    pairs(console, [(name, f"{size:,}") for name, size in sizes.items()])


async def _copy(source: str, target: str, told: Told) -> dict[str, int]:
    """Copy, and return how many rows each table has; raise Unavailable if it cannot be done, or went wrong."""
    from bot.store.copying import Copying

    async with _opened(source, SOURCE) as one, _opened(target, TARGET) as other:
        copying = Copying(one, other)
        await copying.alone()
        sizes, there = await one.sizes(), sum((await other.sizes()).values())
        rows = sum(sizes.values())
        if there:
            await _follow(told, "looking at what is there already", there, copying.resume())
        await _follow(told, "copying", rows - there, copying.copy())
        await _follow(told, "comparing", rows, copying.verify())
        if copying.differences:
            raise Unavailable("\n".join(["the target is not a copy of the source; empty it, and copy again:",
                                         *copying.differences]))  # fmt: skip
        told.begin("verifying the chains of consent", None)
        faults = await other.faults()
        if faults:
            raise Unavailable("\n".join(["the target is the same as the source, and neither is whole:", *faults]))
        await copying.alone()
        return sizes


async def _follow(told: Told, what: str, total: int, steps: AsyncIterator[tuple[str, int]]) -> None:
    told.begin(what, total)
    async for _, rows in steps:
        told.forward(rows)


@asynccontextmanager
async def _opened(url: str, role: str) -> AsyncIterator[Store]:
    """Open a database that nobody else uses; raise Unavailable if it is not there or not up to date."""
    from bot.app import make_store
    from bot.core.options import without_password
    from bot.store.migrate import NotUpToDate

    mend = f"run `ouistop migrate --database {without_password(url)}`"
    if not _there(url):
        raise Unavailable(f"the {role} {url} is not there: " + (mend if role == TARGET else "name another"))
    store = make_store(url, alone=True)
    try:
        await store.open(may_migrate=False)
        yield store
    except Unavailable as error:
        if isinstance(error.__cause__, NotUpToDate):
            raise Unavailable(f"the {role} is not up to date: {mend}") from error
        raise
    finally:
        await store.close()


def _there(url: str) -> bool:
    """Tell whether a database may be there: opening a SQLite file would make it."""
    return not url.startswith(SQLITE) or Path(url.removeprefix(SQLITE)).exists()
