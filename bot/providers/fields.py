"""The checks all providers share: each answers the clean value, or raises Unreadable naming the field."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.core.e164 import e164
from bot.core.errors import Unreadable

LONGEST_ID = 200  # with its provider's name it still fits the store's key
LONGEST_TEXT = 2000  # a long SMS is 1,600 characters at most where it is billed


def text_of(field: str, value: object, longest: int = LONGEST_TEXT) -> str:
    """Take a message's text: any characters but NUL, which PostgreSQL cannot keep; it may be empty."""
    if not isinstance(value, str):
        raise wrong(field, value, "text")
    clean = value.replace("\0", "") if "\0" in value else value
    if len(clean) > longest:
        raise Unreadable(f"{field} is too long: {len(clean)} characters, at most {longest}")
    return clean


def id_of(field: str, value: object) -> str:
    """Take a name the provider gave: printable, not empty."""
    if not isinstance(value, str):
        raise wrong(field, value, "text")
    if not value or value.isspace():
        raise Unreadable(f"{field} is empty")
    if len(value) > LONGEST_ID:
        raise Unreadable(f"{field} is too long: {len(value)} characters, at most {LONGEST_ID}")
    if not value.isprintable():
        raise Unreadable(f"{field} has a character that cannot be printed")
    return value


def number_of(field: str, value: object) -> str:
    """Take a phone number and answer it in E.164."""
    if not isinstance(value, str):
        raise wrong(field, value, "text")
    if not value or value.isspace():
        raise Unreadable(f"{field} is empty")
    number = e164(value)
    if number is None:
        raise Unreadable(f"{field} is not an international number: it begins with + and the country, as +33612345678")
    return number


def moment_of(field: str, value: object) -> datetime:
    """Take an RFC 3339 time and answer it in UTC."""
    if not isinstance(value, str):
        raise wrong(field, value, "text")
    try:
        moment = datetime.fromisoformat(value.upper())
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Unreadable(f"{field} is not a time with its offset, as 2026-11-24T10:00:00Z")


def wrong(field: str, value: object, wanted: str) -> Unreadable:
    """Make the error for a field that is not there or of another type."""
    if value is None:
        return Unreadable(f"{field} is missing")
    return Unreadable(f"{field} is not {wanted}")
