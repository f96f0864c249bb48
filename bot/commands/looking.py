"""For commands that only look: the database as it is, beside a running server, and names for what stands in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import click

from bot.app import make_store
from bot.core.catalog import Catalog
from bot.core.errors import ConfigError
from bot.providers import REGISTRY
from bot.service.reload import Keywords
from bot.settings import Settings
from bot.store.store import Store


@asynccontextmanager
async def looking(settings: Settings) -> AsyncIterator[Store]:
    """Open the store and nothing else; raise Unavailable if it is not there or not up to date."""
    store = make_store(settings.database_url)
    try:
        await store.open(may_migrate=False)
        yield store
    finally:
        await store.close()


class NoNames(Keywords):
    """Stands in for a file that cannot be used: programs go by their keys."""

    stale = True

    def catalog(self) -> Catalog:
        """Return a catalog in which nothing is named."""
        return Catalog("", self.path.name, "", "", "", "", (), "number", {}, {}, {}, {}, {}, {}, {}, {})


def names_for(settings: Settings) -> Keywords:
    """Read keywords.yaml for its names; a proof does not wait until somebody has mended that file."""
    path = Path(settings.keywords)
    keywords = Keywords(path, tuple(REGISTRY))
    try:
        keywords.load()
    except ConfigError as error:
        click.echo(f"{error.problems[0]}\nWithout that file, programs are named by their keys.", err=True)
        return NoNames(path, ())
    return keywords
