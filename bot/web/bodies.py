"""Reads what is posted to us: no more of it than is allowed, and no longer than is decent.

Rule: every handler that wants a body takes it from here. Headers that do not end, and connections on which nothing
comes, are the server's to close (`app.serve`).
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from bot.core.errors import Unreadable, WebhookError

LARGEST = 64 * 1024  # bytes
SLOWEST = 10.0  # seconds


class TooLarge(WebhookError):
    """The body is too large."""

    status = 413
    code = "too_large"


class TooSlow(WebhookError):
    """The body did not come in time."""

    status = 408
    code = "too_slow"


async def read_body(request: web.Request) -> bytes:
    """Read the body; raise TooLarge, TooSlow or Unreadable."""
    if not request.body_exists:
        return b""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unreadable("the body is compressed: send it as it is")
    if (request.content_length or 0) > LARGEST:
        raise _too_large()
    if request.content.is_eof():  # it came with its headers, as nearly all do
        return request.content.read_nowait()
    try:
        async with asyncio.timeout(SLOWEST):
            return await _all_of(request)
    except TimeoutError:
        raise TooSlow(f"the body did not come within {SLOWEST:.0f} seconds") from None
    except web.RequestPayloadError:
        raise Unreadable("the body is not in the chunks its headers promise") from None
    except ConnectionError:  # nobody hears this, and it is no fault of ours either
        raise Unreadable("the body breaks off") from None


async def _all_of(request: web.Request) -> bytes:
    chunks = bytearray()
    async for chunk in request.content.iter_any():
        chunks += chunk
        if len(chunks) > LARGEST:
            raise _too_large()
    return bytes(chunks)


def _too_large() -> TooLarge:
    return TooLarge(f"the body is larger than {LARGEST // 1024} KiB")
