"""Where providers call: verified, read, taken, and answered with 2xx only when everything is on disk.

Bad signature or token 403 · unreadable body 400 naming the field · unknown number or provider 404 · body over 64 KiB
413, or too slow 408 · database unavailable 503 with Retry-After. A duplicate is answered as the first was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import structlog
from aiohttp import web

from bot.core.errors import BadSignature, Unavailable, UnknownNumber, WebhookError
from bot.core.messages import MO
from bot.providers.contract import Provider, Request, webhook_path
from bot.service.switchboard import Switchboard
from bot.web.answers import TRY_AGAIN, error_answer
from bot.web.bodies import read_body

log = structlog.get_logger()

_Take = Callable[[str, Provider, Request], Awaitable[dict[str, bool]]]


def add_webhooks(app: web.Application, providers: Mapping[str, Provider], board: Switchboard, public_url: str) -> None:
    """Add the routes, a plain path for each provider; GET is there for providers that call so."""
    hooks = Webhooks(board, public_url)
    for name, provider in providers.items():
        for method in ("POST", "GET"):
            app.router.add_route(method, webhook_path(name, "mo"), partial(hooks.mo, name, provider))
            app.router.add_route(method, webhook_path(name, "dlr"), partial(hooks.dlr, name, provider))
    app.router.add_route("*", "/webhooks/{provider}/{what}", partial(_nothing, frozenset(providers)))


async def _nothing(providers: frozenset[str], request: web.Request) -> web.Response:
    """Answer whoever calls in the name of nobody we know, or otherwise than by POST and GET."""
    name, what = request.match_info["provider"], request.match_info["what"]
    if name not in providers:
        return error_answer(404, "unknown_provider", f"There is no provider {name!r}.")
    if what not in ("mo", "dlr"):
        return error_answer(404, "not_found", f"There is nothing at {request.path}: webhooks are mo and dlr.")
    answer = error_answer(405, "method_not_allowed", "Webhooks take POST and GET.")
    answer.headers["Allow"] = "GET, POST"
    return answer


class Webhooks:
    """The two handlers, for every provider."""

    def __init__(self, board: Switchboard, public_url: str) -> None:
        self._board = board
        self._public_url = public_url

    async def mo(self, name: str, provider: Provider, request: web.Request) -> web.Response:
        """Take messages from handsets."""
        return await self._answer(name, provider, request, self._take_mos)

    async def dlr(self, name: str, provider: Provider, request: web.Request) -> web.Response:
        """Take delivery reports."""
        return await self._answer(name, provider, request, self._take_dlrs)

    async def _answer(self, name: str, provider: Provider, request: web.Request, take: _Take) -> web.Response:
        try:
            call = await self._call(request)
            provider.verify(call)
            answer = provider.ack(await take(name, provider, call))
        except WebhookError as refused:
            if isinstance(refused, BadSignature):
                log.warning("webhook refused", provider=name, why=str(refused))
            return error_answer(refused.status, refused.code, str(refused))
        except Unavailable as unavailable:
            log.error("webhook not taken: the database is unavailable", provider=name, why=str(unavailable))
            return error_answer(503, "unavailable", "The database is unavailable; try again.", after=TRY_AGAIN)
        return web.Response(body=answer.body, status=answer.status, content_type=answer.content_type)

    async def _call(self, request: web.Request) -> Request:
        """Read a request as it came, raw."""
        body = await read_body(request)
        public = self._public_url or f"{request.scheme}://{request.host}"
        path = request.raw_path
        return Request(request.method, public + path, path, request.headers, body, self._board.clock())

    async def _take_mos(self, name: str, provider: Provider, call: Request) -> dict[str, bool]:
        mos = provider.parse_mo(call)
        if len(mos) == 1:
            return {mos[0].ref: not await self._take_mo(name, mos[0])}
        taken = await asyncio.gather(*(self._take_mo(name, mo) for mo in mos))
        return {mo.ref: not new for mo, new in zip(mos, taken, strict=True)}

    async def _take_mo(self, name: str, mo: MO) -> bool:
        number = self._board.catalog().numbers.get(mo.number)
        if number is not None and number.provider == name:
            return await self._board.inbox.take(mo)
        # The file no longer has the number, or has it with another provider: a STOP is obeyed all the same.
        if await self._board.inbox.take_stray(mo):
            return True
        theirs = f" with provider {name}" if number else ""
        raise UnknownNumber(f"{mo.number} is no number of ours{theirs}: it is not in keywords.yaml")

    async def _take_dlrs(self, _name: str, provider: Provider, call: Request) -> dict[str, bool]:
        for dlr in provider.parse_dlr(call):
            await self._board.receipts.take(dlr)
        return {}
