"""Settings: the environment, read here and nowhere else, into one frozen value.

Every fault is told at once, each naming the variable, what is wrong with it, and how to mend it (`environment.py`).
Providers declare their own options (`bot/providers/x.py`); those of the server stand below.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from bot.core.errors import ConfigError
from bot.core.options import (
    SECRET,
    YES_NO,
    Kind,
    lacking,
    one_of,
    option,
    options_of,
    secret_values,
    several,
    shown,
    whole,
)
from bot.environment import Source
from bot.providers import REGISTRY
from bot.providers.contract import public_url_option

SHORTEST_SECRET = 16


def _database(value: str) -> str:
    scheme, colon, rest = value.partition("://")
    if not colon or scheme not in ("sqlite", "postgresql", "postgres"):
        raise ValueError("is not the URL of a database we know")
    return f"postgresql://{rest}" if scheme == "postgres" else value


DATABASE = Kind("URL", _database, "write sqlite:///ouistop.db or postgresql://user:password@host/name", True)
DAYS = Kind("days", whole(0, 36_500), "write a number such as 365, or 0")
PORT = Kind("port", whole(0, 65_535), "write a number such as 8080")
LEVELS = one_of("debug", "info", "warning", "error")
FORMATS = one_of("auto", "json", "console")


def _no_provider_settings() -> dict[str, Any]:
    return {name: config() for name, (config, _) in REGISTRY.items()}


@dataclass(frozen=True, slots=True)
class Settings:
    """What this server was told about where it runs."""

    port: int = option("PORT", PORT, default="8080", help="port to listen on; 0 takes any free one")
    host: str = option("HOST", default="127.0.0.1", help="address to listen on; 0.0.0.0 is all of them")
    database_url: str = option(
        "DATABASE_URL", DATABASE, default="sqlite:///ouistop.db", help="where everything is kept"
    )
    keywords: str = option("KEYWORDS", default="keywords.yaml", help="the file with numbers, programs and texts")
    public_url: str = public_url_option()
    secret_key: str = option(
        "SECRET_KEY", SECRET, help="signs sign-ins and forms; without it a new one is made at each start"
    )
    admin_token: str = option("ADMIN_TOKEN", SECRET, help="opens the console and the JSON routes")
    behind_proxy: bool = option(
        "BEHIND_PROXY", YES_NO, default="no", help="yes if a reverse proxy of yours sets X-Forwarded-For"
    )
    retention_days: int = option(
        "RETENTION_DAYS", DAYS, default="0", help="days after which the texts of messages are dropped; 0 keeps them"
    )
    log_level: str = option(
        "LOG_LEVEL", Kind("word", LEVELS, "write info"), default="info", help="debug, info, warning or error"
    )
    log_format: str = option(
        "LOG_FORMAT",
        Kind("word", FORMATS, "write auto"),
        default="auto",
        help="json, console, or auto: console on a terminal, else json",
    )
    providers: Mapping[str, Any] = field(default_factory=_no_provider_settings)

    @property
    def is_local(self) -> bool:
        """Tell whether only this machine can reach the server: bound to loopback, and nothing in front of it."""
        named = urlsplit(self.public_url).hostname or "localhost"
        return _is_loopback(self.host) and _is_loopback(named) and not self.behind_proxy


@dataclass(frozen=True, slots=True)
class Row:
    """One setting as people read it; `value` never holds a secret."""

    name: str
    kind: str
    default: str
    help: str
    secret: bool
    from_file: str
    value: str


def load_settings(environ: Mapping[str, str] | None = None, given: Mapping[str, str] | None = None) -> Settings:
    """Read the environment; `given`, what the command line says, wins over it. Raise ConfigError with every fault."""
    source = Source(os.environ if environ is None else environ, given or {})
    server = source.read(Settings)
    providers = {name: source.read(config) for name, (config, _) in REGISTRY.items()}
    known = [opt for config in (Settings, *(each for each, _ in REGISTRY.values())) for _, opt in options_of(config)]
    faults = dict.fromkeys([*source.faults, *source.slips(known)])
    if faults:
        raise ConfigError(list(faults))
    return replace(server, providers=providers)


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """List every text that no log may show, the longest first so that each is scrubbed whole."""
    found = [text for config in (settings, *settings.providers.values()) for text in secret_values(config)]
    return tuple(sorted(set(found), key=lambda text: (-len(text), text)))


def describe(settings: Settings | None = None) -> tuple[Row, ...]:
    """List every setting with its value, for the documentation (without `settings`) and for `ouistop doctor`."""
    settings = settings or Settings()
    rows = {
        opt.name: Row(
            opt.name, opt.kind.name, opt.default, opt.help, opt.secret, opt.from_file, shown(config, name, opt)
        )
        for config in (*settings.providers.values(), settings)
        for name, opt in options_of(config)
    }
    own = [opt.name for _, opt in options_of(settings)]
    return tuple(rows[name] for name in dict.fromkeys([*own, *rows]))


def advice(settings: Settings) -> tuple[str, ...]:
    """Say what works and is still unwise, for `ouistop doctor`."""
    told = [
        f"{opt.name} is short: at least {SHORTEST_SECRET} characters, as `openssl rand -hex 32` makes"
        for config in (settings, *settings.providers.values())
        for name, opt in options_of(config)
        if opt.secret and any(len(each) < SHORTEST_SECRET for each in several(getattr(config, name)))
    ]
    shared = {opt.name for _, opt in options_of(settings)}
    for provider, config in settings.providers.items():
        unset, own = type(config)(), [name for name, opt in options_of(config) if opt.name not in shared]
        begun = any(getattr(config, name) != getattr(unset, name) for name in own)
        if begun and lacking(config):
            told.append(f"{provider} is begun and not connected: set {', '.join(lacking(config))}")
    return tuple(told)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
