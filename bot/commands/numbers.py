"""Which of our numbers, and which person, a command is about; and the file they stand in."""

from __future__ import annotations

from pathlib import Path

import click

from bot.core.catalog import Catalog, Number
from bot.core.e164 import e164
from bot.core.errors import ConfigError
from bot.core.loading import load_catalog
from bot.providers import REGISTRY
from bot.service.reload import read_keywords
from bot.settings import Settings


def load(settings: Settings) -> Catalog:
    """Read keywords.yaml; raise ConfigError with every problem if it cannot be used."""
    path = Path(settings.keywords)
    loaded = load_catalog(read_keywords(path), path.name, tuple(REGISTRY))
    if loaded.catalog is None:
        raise ConfigError([str(problem) for problem in loaded.problems])
    return loaded.catalog


def number_of(catalog: Catalog, asked: str | None) -> Number:
    """Return the number that was asked for, or the file's first; end the command if there is none."""
    if asked is None:
        found = next(iter(catalog.numbers.values()), None)
        if found is None:
            raise ConfigError([f"{catalog.file}: has no number yet: write one under numbers"])
        return found
    number = catalog.numbers.get(e164(asked) or asked)
    if number is None:
        raise click.BadParameter(f"{asked} is none of {', '.join(catalog.numbers)}.", param_hint="--number")
    return number


def msisdn_of(asked: str, hint: str) -> str:
    """Return a person's number in E.164; end the command if it is none."""
    msisdn = e164(asked)
    if msisdn is None:
        raise click.BadParameter(f"{asked!r} is no number: write it as +33612345678.", param_hint=hint)
    return msisdn
