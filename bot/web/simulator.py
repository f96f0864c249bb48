"""The simulator: a phone one can text, the trace of each turn, and a clock that moves.

Rule: every button is a plain form or link, so the phone works without a script; `static/phone.js` only saves the
reload. The JSON routes do the same for programs.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp_jinja2
from aiohttp import web

from bot.web.faults import read_faults
from bot.web.forms import Refused, msisdn_in, text_in
from bot.web.gate import Gate, Visit, see_other
from bot.web.people import FIRST, country, somebody
from bot.web.ports import Sandbox, Values
from bot.web.views import talk

# ARRÊTER with its accent: the chip is what a person types, and the accent is half of what there is to try.
CHIPS = ("OUI", "YES", "NON", "ARRÊTER", "STOP", "HELP", "1", "START", "👍")
JUMPS = ((3, "+3 hours"), (48, "+2 days"), (720, "+30 days"))
_FURTHEST = 24 * 400
_TO_PHONE = "#phone"  # without a script the page is drawn anew: stay where one was typing


def add_simulator(app: web.Application, gate: Gate, sandbox: Sandbox) -> Simulator:
    """Add the routes; the pages return so that the front door can open on them."""
    pages = Simulator(sandbox)
    get, post = app.router.add_get, app.router.add_post
    get("/simulator", gate.page(pages.phone))
    post("/simulator/text", gate.page(pages.text))
    post("/simulator/clock", gate.page(pages.clock))
    post("/simulator/reset", gate.page(pages.reset))
    get("/simulator/api/state", gate.json(pages.state))
    post("/simulator/api/text", gate.json(pages.text_json))
    post("/simulator/api/clock", gate.json(pages.clock_json))
    post("/simulator/api/reset", gate.json(pages.reset_json))
    return pages


class Simulator:
    """The phone's handlers."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def phone(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Show the phone of one person on one number."""
        view = await self._scene(request.query)
        context = {
            "visit": visit,
            "page": "simulator",
            "view": view,
            "ours": _entry(view),
            "talk": talk(view, request.query.get("turn")),
            "here": f"/simulator?{_query(view['msisdn'], view['number'])}&",
            "somebody_else": f"/simulator?{_query(somebody(view['number'], secrets.randbelow), view['number'])}",
            "chips": _chips(view),
            "faults": read_faults(view),
            "jumps": JUMPS,
        }
        return aiohttp_jinja2.render_template("simulator.html", request, context)

    async def text(self, _request: web.Request, visit: Visit) -> web.StreamResponse:
        """Text from the form, then show the phone again."""
        return see_other(f"/simulator?{_query(*await self._texted(visit.posted))}{_TO_PHONE}")

    async def clock(self, _request: web.Request, visit: Visit) -> web.StreamResponse:
        """Move the clock from the form, then show the phone again."""
        person, number = msisdn_in(visit.posted), text_in(visit.posted, "number", 20)
        await self._moved(visit.posted.get("hours"))
        return see_other(f"/simulator?{_query(person, number)}{_TO_PHONE}")

    async def reset(self, _request: web.Request, _visit: Visit) -> web.StreamResponse:
        """Start over, then show the empty phone."""
        await self._sandbox.reset()
        return see_other("/simulator")

    async def state(self, request: web.Request, _visit: Visit) -> web.StreamResponse:
        """Answer with one person on one number."""
        return _json(await self._scene(request.query))

    async def text_json(self, _request: web.Request, visit: Visit) -> web.StreamResponse:
        """Text, and answer with the person after it."""
        return _json(await self._sandbox.view(*await self._texted(visit.posted)))

    async def clock_json(self, _request: web.Request, visit: Visit) -> web.StreamResponse:
        """Move the clock, and answer with the person after it."""
        await self._moved(visit.posted.get("hours"))
        return _json(await self._scene(visit.posted))

    async def reset_json(self, _request: web.Request, visit: Visit) -> web.StreamResponse:
        """Start over, and answer with an empty phone."""
        await self._sandbox.reset()
        return _json(await self._scene(visit.posted))

    async def _texted(self, posted: Mapping[str, Any]) -> tuple[str, str]:
        person, number, text = msisdn_in(posted), text_in(posted, "number", 20), text_in(posted)
        await self._sandbox.text(person, number, text)
        return person, number

    async def _moved(self, hours: Any) -> None:
        try:
            distance = float(hours)
        except (TypeError, ValueError):
            distance = math.nan
        if isinstance(hours, bool) or not 0 < distance <= _FURTHEST:
            raise Refused(400, "unreadable", f"Field 'hours' must be a number above 0, at most {_FURTHEST}.")
        try:
            await self._sandbox.advance(timedelta(hours=distance))
        except OverflowError:
            raise Refused(400, "too_far", "The calendar ends there: start over, with the clock at now.") from None

    async def _scene(self, asked: Mapping[str, Any]) -> Values:
        """View who is asked for; where that is nobody or an old link, the first number and a person of its country."""
        person = msisdn_in(asked) if asked.get("msisdn") else ""
        number = text_in(asked, "number", 20) if asked.get("number") else ""
        view = await self._sandbox.view(person or FIRST, number)
        numbers = [entry["number"] for entry in view["numbers"]]
        if not numbers or (person and number in numbers):
            return view
        number = number if number in numbers else numbers[0]
        if not person:
            person = FIRST if country(number) == "FR" else somebody(number, lambda _: 1)
        return await self._sandbox.view(person, number)


def _query(person: str, number: str) -> str:
    return urlencode({"msisdn": person, "number": number})


def _chips(view: Values) -> list[str]:
    entry = _entry(view)
    return list(dict.fromkeys([*(entry.get("keywords") or ())[:6], *CHIPS]))


def _entry(view: Values) -> Values:
    return next((entry for entry in view["numbers"] if entry["number"] == view["number"]), {})


def _json(view: Values) -> web.Response:
    return web.json_response(dict(view))
