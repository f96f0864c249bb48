"""Signing in with ADMIN_TOKEN, and out again.

Rule: a guess is compared in constant time and only when its address need not wait; where a sign-in leads is a page
of ours or the first one, never another site.
"""

from __future__ import annotations

import hmac
import math
import re
import secrets

import aiohttp_jinja2
from aiohttp import web

from bot.web.forms import Refused, read_form
from bot.web.gate import NO_TOKEN, Gate, Visit, see_other
from bot.web.security import client_address

_OUR_PAGES = re.compile(r"/(?:(?:simulator|console)(?:/[\w+%-]+)*)?(?:\?[\w+%=&.:-]*)?", re.ASCII)


def add_signin(app: web.Application, gate: Gate) -> None:
    """Add the routes."""
    pages = SignIn(gate)
    app.router.add_get("/signin", gate.unsigned(pages.form))
    app.router.add_post("/signin", gate.unsigned(pages.sign_in))
    app.router.add_post("/signout", gate.page(pages.sign_out))


def next_page(wanted: str) -> str:
    """Return where to go after the sign-in.

    >>> [next_page(page) for page in ("/console/unread", "//evil.example", "/simulator?number=%2B33644600000")]
    ['/console/unread', '/', '/simulator?number=%2B33644600000']
    """
    return wanted if _OUR_PAGES.fullmatch(wanted) else "/"


class SignIn:
    """The form, what it posts, and the way out."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def form(self, request: web.Request) -> web.StreamResponse:
        """Show the form, or go on if nobody has to sign in."""
        wanted = next_page(request.query.get("next", "/"))
        if self._gate.access.open or self._gate.session(request):
            return see_other(wanted)
        self._token_wanted()
        return self._form(request, wanted)

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        """Check the token; a right one gets a cookie, a wrong one the form and a longer wait."""
        token_wanted = self._token_wanted()
        form = await read_form(request)
        visitor = request.cookies.get(self._gate.visitor_cookie, "")
        wanted = next_page(form.get("next", "/"))
        if not self._gate.sessions.csrf_fits(visitor, form.get("csrf", "")):
            return self._form(request, wanted, "The form was out of date; please try again.", 403)
        if not self._is_token(request, form.get("token", "").strip(), token_wanted):
            return self._form(request, wanted, "That is not the admin token of this server.", 403)
        response = see_other(wanted)
        self._gate.set_cookie(response, self._gate.cookie, self._gate.sessions.cookie(self._gate.access.clock()))
        response.del_cookie(self._gate.visitor_cookie, secure=self._gate.access.secure)
        return response

    async def sign_out(self, request: web.Request, _visit: Visit) -> web.StreamResponse:
        """End the session, also for copies of its cookie."""
        session = self._gate.session(request)
        if session:
            self._gate.sessions.end(session)
        response = see_other("/signin")
        response.del_cookie(self._gate.cookie, secure=self._gate.access.secure)
        return response

    def _is_token(self, request: web.Request, token: str, token_wanted: str) -> bool:
        """Compare; nothing is awaited between the look at the wait and the count, so guesses cannot race."""
        now = self._gate.access.clock()
        address = client_address(request, self._gate.access)
        wait = math.ceil(self._gate.attempts.wait(address, now))
        if wait:
            raise Refused(429, "slow_down", f"Too many wrong tokens. Try again in {wait} s.", after=wait)
        if not hmac.compare_digest(token.encode("utf-8", "replace"), token_wanted.encode()):
            self._gate.attempts.failed(address, now)
            return False
        self._gate.attempts.succeeded(address)
        return True

    def _token_wanted(self) -> str:
        token = self._gate.access.admin_token
        if not token:
            raise Refused(503, NO_TOKEN, "A sign-in is needed here, and ADMIN_TOKEN is not set on this server.")
        return token

    def _form(self, request: web.Request, wanted: str, fault: str = "", status: int = 200) -> web.Response:
        visitor = request.cookies.get(self._gate.visitor_cookie) or secrets.token_urlsafe(18)
        csrf = self._gate.sessions.csrf(visitor)
        context = {"visit": None, "page": "signin", "next": wanted, "fault": fault, "csrf": csrf}
        response = aiohttp_jinja2.render_template("signin.html", request, context, status=status)
        self._gate.set_cookie(response, self._gate.visitor_cookie, visitor)
        return response
