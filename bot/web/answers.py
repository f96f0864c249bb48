"""How we answer programs: JSON, and every refusal as {"error": {"code", "message"}}. Never a stack trace."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import structlog
from aiohttp import web

log = structlog.get_logger()

TRY_AGAIN = 5  # seconds

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def json_answer(values: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Answer with JSON."""
    return web.Response(body=orjson.dumps(values), status=status, content_type="application/json", headers=headers)


def error_answer(status: int, code: str, message: str, *, after: int | None = None) -> web.Response:
    """Answer with a refusal; `after`: the seconds to wait before trying again."""
    headers = {} if after is None else {"Retry-After": str(after)}
    return json_answer({"error": {"code": code, "message": message}}, status, headers)


@web.middleware
async def last_resort(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what nobody caught into an answer: nothing was acknowledged, so whoever asked may ask again."""
    try:
        return await handler(request)
    except web.HTTPException as plain:
        if plain.status < 400 or plain.content_type != "text/plain":
            raise
        message = f"There is nothing at {request.path}." if plain.status == 404 else f"{plain.reason}."
        code = "not_found" if plain.status == 404 else (plain.reason or "error").lower().replace(" ", "_")
        answer = error_answer(plain.status, code, message)
        if allow := plain.headers.get("Allow"):
            answer.headers["Allow"] = allow
        return answer
    except Exception:
        log.exception("request failed", method=request.method, path=request.path)
        return error_answer(503, "internal", "Something went wrong here; please try again.", after=TRY_AGAIN)
