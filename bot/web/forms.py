"""Reads what a page or a script posts to us; whatever is unreadable is refused in words, never with a 500."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import web

from bot.core.errors import WebhookError
from bot.web.bodies import read_body

LONGEST_TEXT = 1600
_MSISDN = re.compile(r"\+[1-9][0-9]{6,14}")


class Refused(Exception):
    """A request that gets `status` and a sentence instead of what it asked for; `code` is for machines."""

    def __init__(self, status: int, code: str, message: str, *, after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.after = after


async def read_form(request: web.Request) -> dict[str, str]:
    """Read a plain HTML form; of a repeated field the last value counts."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise Refused(415, "unreadable", "Expected an application/x-www-form-urlencoded body.")
    body = (await _body(request)).decode("utf-8", "replace")
    try:
        return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=50))
    except ValueError:
        raise Refused(400, "unreadable", "The form has too many fields.") from None


async def read_json(request: web.Request) -> dict[str, Any]:
    """Read a JSON object."""
    if request.content_type != "application/json":
        raise Refused(415, "unreadable", "Expected an application/json body.")
    try:
        values = orjson.loads(await _body(request))
    except orjson.JSONDecodeError:
        raise Refused(400, "unreadable", "The body is not valid JSON.") from None
    if not isinstance(values, dict):
        raise Refused(400, "unreadable", "The body must be a JSON object.")
    return values


def msisdn_in(values: Mapping[str, Any], field: str = "msisdn") -> str:
    """Return a phone number in E.164, or refuse naming the field."""
    value = values.get(field)
    if not isinstance(value, str) or not _MSISDN.fullmatch(value):
        raise Refused(400, "unreadable", f"Field '{field}' must be a phone number such as +33639980001.")
    return value


def text_in(values: Mapping[str, Any], field: str = "text", longest: int = LONGEST_TEXT) -> str:
    """Return a text of a handset's length, or refuse naming the field."""
    value = values.get(field)
    if not isinstance(value, str):
        raise Refused(400, "unreadable", f"Field '{field}' must be a text.")
    if len(value) > longest:
        raise Refused(400, "unreadable", f"Field '{field}' is longer than {longest} characters.")
    return value


async def _body(request: web.Request) -> bytes:
    try:
        return await read_body(request)
    except WebhookError as error:
        said = str(error)
        raise Refused(error.status, error.code, f"{said[0].upper()}{said[1:]}.") from None


def one_of(values: Mapping[str, Any], field: str, known: Collection[str], otherwise: str) -> str:
    """Return what was chosen, `otherwise` if nothing was, or refuse naming the field."""
    value = values.get(field, otherwise)
    if value not in known:
        raise Refused(400, "unreadable", f"Field '{field}' is none of those to choose from.")
    return str(value)
