"""What several commands are given: the settings, some of them from the command line, and the file of keywords.

Rule: an option of a command is the setting of the same name, and wins over it; nothing is read from a third place.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.core.errors import ConfigError

if TYPE_CHECKING:
    from bot.settings import Settings

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

keywords_option: Decorator = click.option(
    "--keywords", metavar="FILE", show_default="$KEYWORDS, or keywords.yaml", help="The file with numbers and programs."
)
database_option: Decorator = click.option(
    "--database", metavar="URL", show_default="$DATABASE_URL, or sqlite:///ouistop.db", help="Where everything is kept."
)
json_option: Decorator = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead.")

BEGIN = """\
{path} is not there. To begin, save these lines as {path}:

version: 1
brand: Your Brand
support: help@example.com
numbers:
  "+447700900000": {{provider: simulator}}
programs:
  news:
    name: Our News
    keywords: [NEWS]
    frequency: max 4 msgs/month

Then `ouistop check` says whether it is good, and `ouistop chat` lets you text it."""


def settings_with(
    *, host: str | None = None, port: int | None = None, keywords: str | None = None, database: str | None = None
) -> Settings:
    """Read the settings, with what the command line says instead; raise ConfigError with every fault."""
    from bot.settings import load_settings

    if database and "://" not in database:
        database = f"sqlite:///{database}"
    given = {"HOST": host, "PORT": None if port is None else str(port), "KEYWORDS": keywords, "DATABASE_URL": database}
    return load_settings(given={name: value for name, value in given.items() if value is not None})


def keywords_file(settings: Settings) -> Path:
    """Return where keywords.yaml is; if it is not there, raise ConfigError saying how to begin."""
    path = Path(settings.keywords)
    if path.exists():
        return path
    if settings.keywords == "keywords.yaml":
        raise ConfigError(BEGIN.format(path=path).split("\n"))
    raise ConfigError([f"{path} is not there: name the file with your numbers and programs, or set KEYWORDS to it"])


def database_there(settings: Settings) -> None:
    """Raise Unavailable unless the database was made: a command that only looks must not make an empty one."""
    from bot.core.errors import Unavailable

    scheme, _, path = settings.database_url.partition(":///")
    if scheme == "sqlite" and path != ":memory:" and not Path(path).exists():
        raise Unavailable(f"the database {path} is not there: `ouistop serve` makes it, or name another by --database")
