"""/api/v1: what the console knows and does, as JSON for programs. Rule: a bearer token, ADMIN_TOKEN, on every call.

GET  /api/v1/overview
GET  /api/v1/unread
GET  /api/v1/contacts/{msisdn}
POST /api/v1/contacts/{msisdn}/opt-out   {"number"}: an opt-out that came by mail, phone or form
"""

from __future__ import annotations

import hmac
import math
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.core.errors import Unavailable
from bot.service.switchboard import Switchboard
from bot.web.answers import TRY_AGAIN, error_answer, json_answer
from bot.web.attempts import Attempts
from bot.web.forms import Refused, msisdn_in, read_json
from bot.web.ports import Console
from bot.web.security import Access, client_address

Handler = Callable[[web.Request], Awaitable[web.Response]]


def add_api(app: web.Application, board: Switchboard, console: Console, access: Access) -> None:
    """Add the routes."""
    api = Api(board, console, access)
    app.router.add_get("/api/v1/overview", api.guarded(api.overview))
    app.router.add_get("/api/v1/unread", api.guarded(api.unread))
    app.router.add_get("/api/v1/contacts/{msisdn}", api.guarded(api.contact))
    app.router.add_post("/api/v1/contacts/{msisdn}/opt-out", api.guarded(api.opt_out))


class Api:
    """The handlers."""

    def __init__(self, board: Switchboard, console: Console, access: Access) -> None:
        self._board = board
        self._console = console
        self._access = access
        self._attempts = Attempts()

    def guarded(self, handler: Handler) -> Handler:
        """Let in whoever has the token; answer every refusal as JSON."""

        async def checked(request: web.Request) -> web.Response:
            try:
                self._check_token(request)
                return await handler(request)
            except Refused as refused:
                return error_answer(refused.status, refused.code, refused.message, after=refused.after)
            except Unavailable:
                return error_answer(503, "unavailable", "The database is unavailable; try again.", after=TRY_AGAIN)

        return checked

    async def overview(self, _request: web.Request) -> web.Response:
        """Tell how everything stands."""
        return json_answer(await self._console.overview())

    async def unread(self, _request: web.Request) -> web.Response:
        """List the texts nobody understood and nobody has read."""
        return json_answer(await self._console.unread())

    async def contact(self, request: web.Request) -> web.Response:
        """Tell everything about one person."""
        found = await self._console.contact(msisdn_in(request.match_info))
        if found is None:
            raise Refused(404, "unknown_contact", "Nobody with this number has ever texted us.")
        return json_answer(found)

    async def opt_out(self, request: web.Request) -> web.Response:
        """Record an opt-out that came another way than by SMS: it counts as a STOP to that number, without a text."""
        msisdn = msisdn_in(request.match_info)
        number = msisdn_in(await read_json(request), "number")
        if number not in self._board.catalog().numbers:
            raise Refused(404, "unknown_number", f"{number} is no number of ours: it is not in keywords.yaml.")
        await self._board.inbox.opt_out(msisdn, number, "api")
        return json_answer({"status": "opted_out"})

    def _check_token(self, request: web.Request) -> None:
        wanted = self._access.admin_token
        if not wanted:
            raise Refused(503, "no_admin_token", "ADMIN_TOKEN is not set on this server.")
        address, now = client_address(request, self._access), time.monotonic()
        wait = math.ceil(self._attempts.wait(address, now))
        if wait:
            raise Refused(429, "slow_down", f"Too many wrong tokens. Try again in {wait} s.", after=wait)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        given = token.strip().encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, wanted.encode()) or scheme.lower() != "bearer":
            if given:
                self._attempts.failed(address, now)
            raise Refused(401, "bad_token", "Send Authorization: Bearer and the ADMIN_TOKEN of this server.")
        self._attempts.succeeded(address)
