"""What a setting is: a field of a frozen dataclass that knows its name, kind, default, help, and whether it is secret.

Rule: whoever needs a setting declares it, where it is used; only `bot/settings.py` reads the environment.
A secret is never in a `repr`, and no fault told here holds the value of one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: `read` makes it from a text or raises ValueError saying what is wrong; `mend` says what to
    write instead; `private`: a part of the value may be a password or a key."""

    name: str
    read: Callable[[str], Any]
    mend: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One setting. `required`: whoever declares it cannot work without it."""

    name: str
    kind: Kind
    default: str
    help: str
    secret: bool
    required: bool

    @property
    def from_file(self) -> str:
        """Name the variable that may hold the path of a file with the value."""
        return f"{self.name}_FILE" if self.secret or self.kind.private else ""


def text(value: str) -> str:
    """Take any text."""
    return value


def whole(low: int, high: int) -> Callable[[str], int]:
    """Make a reader of whole numbers from `low` to `high`."""

    def read(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            raise ValueError(f"is not a whole number from {low} to {high}")
        return int(value)

    return read


def one_of(*words: str) -> Callable[[str], str]:
    """Make a reader of one word out of several, in any case."""

    def read(value: str) -> str:
        if value.lower() not in words:
            raise ValueError(f"is none of {', '.join(words)}")
        return value.lower()

    return read


def yes_no(value: str) -> bool:
    """Read a yes or a no."""
    if value.lower() not in ("yes", "no", "true", "false", "1", "0", "on", "off"):
        raise ValueError("is neither yes nor no")
    return value.lower() in ("yes", "true", "1", "on")


def url(value: str) -> str:
    """Take a whole URL of a web server, or nothing."""
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        named = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        named = False
    if not named or not re.fullmatch(r"[!-~]+", value):
        raise ValueError("is not a URL of a web server")
    if "@" in parts.netloc:
        raise ValueError("has a login in it, which nobody reads")
    return value


def base_url(value: str) -> str:
    """Take a URL that others are made from: without a query, and without a slash at its end."""
    if re.search("[?#]", url(value)):
        raise ValueError("has a ? or a #")
    return value.rstrip("/")


def identifier(value: str) -> str:
    """Take a name made by a machine."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]*", value):
        raise ValueError("has a character that no such name has")
    return value


def secret(value: str) -> str:
    """Take a secret that can travel in a header."""
    if not re.fullmatch(r"[!-~]*", value):
        raise ValueError("has a space or a character outside ASCII")
    return value


def secrets(value: str) -> tuple[str, ...]:
    """Take several secrets, comma-separated, for the days when one replaces another."""
    return tuple(filter(None, (secret(part.strip()) for part in value.split(","))))


TEXT = Kind("text", text, "write a text")
YES_NO = Kind("yes or no", yes_no, "write yes or no")
ID = Kind("name", identifier, "copy it as it stands, letters and digits only")
URL = Kind("URL", url, "write it as https://sms.example.org/send", private=True)
BASE_URL = Kind("URL", base_url, "write it as https://sms.example.org")
SECRET = Kind("secret", secret, "write letters, digits and signs, as `openssl rand -hex 32` does")
SECRETS = Kind("secrets, comma-separated", secrets, SECRET.mend)


def option(name: str, kind: Kind = TEXT, *, help: str, default: str = "", required: bool = False) -> Any:
    """Declare a field of a frozen dataclass as a setting."""
    hidden = kind in (SECRET, SECRETS)
    declared = Option(name, kind, default, help, hidden, required)
    return field(default=kind.read(default), repr=not (hidden or kind.private), metadata={"option": declared})


def options_of(config: Any) -> tuple[tuple[str, Option], ...]:
    """List the settings of a dataclass or of one made from it, as (field, option)."""
    return tuple((each.name, each.metadata["option"]) for each in fields(config) if "option" in each.metadata)


def lacking(config: Any) -> tuple[str, ...]:
    """Name the required settings that a config has not got."""
    return tuple(opt.name for name, opt in options_of(config) if opt.required and not getattr(config, name))


def secret_values(config: Any) -> tuple[str, ...]:
    """List every text in a config that no log may show."""
    found: list[str] = []
    for name, opt in options_of(config):
        value = getattr(config, name)
        if opt.secret:
            found += several(value)
        elif opt.kind.private and urlsplit(value).password:
            found += [str(urlsplit(value).password), unquote(str(urlsplit(value).password))]
    return tuple(dict.fromkeys(found))


def several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """Take one secret, several, or none, as several."""
    return value if isinstance(value, tuple) else (value,) if value else ()


def without_password(url: str) -> str:
    """Tell a URL to people: all but its password and query.

    >>> without_password("postgresql://anna:secret@db.example.org/ouistop?sslmode=require")
    'postgresql://anna:…@db.example.org/ouistop?…'
    """
    return re.sub(r"\?.*", "?…", re.sub(r"(?<=//)([^/?#:@]*):[^/?#]*@", r"\1:…@", url))


def shown(config: Any, name: str, opt: Option) -> str:
    """Tell a setting's value to people: of a secret, whether it is there; of a URL, all but its password and query."""
    value = getattr(config, name)
    if opt.secret:
        count = len(several(value))
        return "" if count == 0 else "set" if count == 1 else f"{count} set"
    if opt.kind.private:
        return without_password(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
