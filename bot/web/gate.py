"""The gate before every page and JSON route of ours: decides who enters, and gives every refusal its shape.

Rule: a handler behind the gate runs only for somebody who may be here, and a POST only with a body that was read and
a CSRF token that fits (or, on an open machine, from a page of this very server).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

import aiohttp_jinja2
from aiohttp import web

from bot.core.errors import WebhookError
from bot.web.attempts import Attempts
from bot.web.forms import Refused, read_form, read_json
from bot.web.security import HEADERS, Access, is_local, is_same_origin
from bot.web.sessions import LIFETIME, Session, Sessions

Kind = Literal["page", "json"]

NO_TOKEN = "no_admin_token"  # noqa: S105, the code of an error


@dataclass(frozen=True, slots=True)
class Visit:
    """A request that may be here: what it posted, and the token its forms must carry."""

    csrf: str = ""
    signed_in: bool = False
    posted: dict[str, Any] = field(default_factory=dict)


Handler = Callable[[web.Request, Visit], Awaitable[web.StreamResponse]]
Plain = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Gate:
    """Wraps handlers; holds the sessions and the failed attempts of this process."""

    def __init__(self, access: Access, secret: str) -> None:
        self.access = access
        self.sessions = Sessions(secret, access.admin_token or "")
        self.attempts = Attempts()
        prefix = "__Host-" if access.secure else ""
        self.cookie = f"{prefix}ouistop"
        self.visitor_cookie = f"{prefix}ouistop-visitor"

    def page(self, handler: Handler) -> Plain:
        """Wrap a handler that answers people."""
        return self._wrapped(handler, "page")

    def json(self, handler: Handler) -> Plain:
        """Wrap a handler that answers scripts."""
        return self._wrapped(handler, "json")

    def unsigned(self, handler: Plain) -> Plain:
        """Wrap the sign-in itself: everything but a session is asked for."""

        async def checked(request: web.Request) -> web.StreamResponse:
            try:
                self._check_origin(request)
                response = await handler(request)
            except Refused as refused:
                response = refusal(request, refused, "page")
            response.headers.update(HEADERS)
            return response

        return checked

    def session(self, request: web.Request) -> Session | None:
        """Return the session this request's cookie stands for."""
        return self.sessions.read(request.cookies.get(self.cookie, ""), self.access.clock())

    def set_cookie(self, response: web.StreamResponse, name: str, value: str) -> None:
        """Set one of our two cookies, as strictly as the connection allows."""
        response.set_cookie(
            name, value, max_age=LIFETIME, path="/", httponly=True, samesite="Lax", secure=self.access.secure
        )

    def _wrapped(self, handler: Handler, kind: Kind) -> Plain:
        async def checked(request: web.Request) -> web.StreamResponse:
            visit = None
            try:
                visit = await self._admit(request, kind)
                response = await handler(request, visit)
            except Refused as refused:
                response = refusal(request, refused, kind, visit)
            except WebhookError as error:
                response = refusal(request, Refused(error.status, error.code, str(error)), kind, visit)
            response.headers.update(HEADERS)
            return response

        return checked

    async def _admit(self, request: web.Request, kind: Kind) -> Visit:
        self._check_origin(request)
        if self.access.open:
            return Visit(posted=await _posted(request, kind))
        session = self._signed_in(request, kind)
        posted = await _posted(request, kind)
        if request.method == "POST":
            token = request.headers.get("X-CSRF-Token") if kind == "json" else posted.get("csrf")
            if not self.sessions.csrf_fits(session.name, token or ""):
                raise Refused(403, "bad_csrf_token", "This form is out of date. Go back, reload the page, try again.")
        return Visit(self.sessions.csrf(session.name), signed_in=True, posted=posted)

    def _signed_in(self, request: web.Request, kind: Kind) -> Session:
        if not self.access.admin_token:
            raise Refused(503, NO_TOKEN, "A sign-in is needed here, and ADMIN_TOKEN is not set on this server.")
        session = self.session(request)
        if session:
            return session
        if kind == "json":
            raise Refused(401, "sign_in_needed", "Sign in at /signin first.")
        wanted = request.path_qs if request.method == "GET" else "/"
        raise web.HTTPSeeOther(f"/signin?next={quote(wanted, safe='/')}", headers=HEADERS)

    def _check_origin(self, request: web.Request) -> None:
        if self.access.open and not is_local(request):
            raise Refused(
                403, "not_local", "Without a sign-in these pages answer only on this machine, as http://localhost."
            )
        if request.method == "POST" and not is_same_origin(request, self.access):
            raise Refused(403, "foreign_origin", "This request came from another site.")


async def _posted(request: web.Request, kind: Kind) -> dict[str, Any]:
    if request.method != "POST":
        return {}
    return await read_json(request) if kind == "json" else dict(await read_form(request))


def refusal(request: web.Request, refused: Refused, kind: Kind, visit: Visit | None = None) -> web.Response:
    """Answer a refusal in the shape the asker understands; somebody who was let in keeps the way around."""
    if kind == "json":
        error = {"error": {"code": refused.code, "message": refused.message}}
        response = web.json_response(error, status=refused.status)
    else:
        context = {"refused": refused, "visit": visit, "page": "refused"}
        response = aiohttp_jinja2.render_template("refused.html", request, context, status=refused.status)
    if refused.after is not None:
        response.headers["Retry-After"] = str(refused.after)
    return response


def see_other(where: str) -> web.Response:
    """Send the browser on to another page of ours, with a GET."""
    return web.Response(status=303, headers={"Location": where})
