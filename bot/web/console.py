"""The console: how everything stands, the texts a person must read, and one contact with her proof of consent.

Rule: it reads; the only thing it changes is that a text has been read.
"""

from __future__ import annotations

from typing import Any

import aiohttp_jinja2
from aiohttp import web

from bot.core.lexicon import languages
from bot.core.standpoints import STATES
from bot.web.faults import read_faults
from bot.web.forms import LONGEST_TEXT, Refused, msisdn_in, one_of, text_in
from bot.web.gate import Gate, Visit, see_other
from bot.web.people import read_msisdn
from bot.web.ports import Console as Service
from bot.web.ports import Values
from bot.web.standing import standing
from bot.web.views import talk
from bot.web.words import phone


def add_console(app: web.Application, gate: Gate, console: Service) -> Console:
    """Add the routes; the pages return so that the front door can open on them."""
    pages = Console(console)
    app.router.add_get("/console", gate.page(pages.overview))
    app.router.add_get("/console/unread", gate.page(pages.unread))
    app.router.add_post("/console/unread", gate.page(pages.mark_read))
    app.router.add_get("/console/explain", gate.page(pages.explain))
    app.router.add_post("/console/explain", gate.page(pages.explain))
    app.router.add_get("/console/keywords", gate.page(pages.keywords))
    app.router.add_post("/console/search", gate.page(pages.search))
    app.router.add_get("/console/contacts/{msisdn}", gate.page(pages.contact))
    return pages


class Console:
    """The console's handlers."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def connected(self) -> Values | None:
        """Return the overview if a provider that reaches handsets is connected."""
        overview = await self._service.overview()
        return overview if any(number["connected"] for number in overview["numbers"]) else None

    async def overview(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Show how everything stands."""
        return self.show_overview(request, visit, await self._service.overview())

    def show_overview(self, request: web.Request, visit: Visit, overview: Values) -> web.Response:
        """Draw an overview."""
        context = {
            "visit": visit,
            "page": "overview",
            "overview": overview,
            "standing": standing(overview),
            "faults": read_faults(overview),
        }
        return aiohttp_jinja2.render_template("overview.html", request, context)

    async def unread(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """List the texts that nobody understood and nobody has read."""
        overview = await self._service.overview()
        context = {
            "visit": visit,
            "page": "unread",
            "unread": await self._service.unread(),
            "now": overview["now"],
            "labels": _labels(overview),
        }
        return aiohttp_jinja2.render_template("unread.html", request, context)

    async def mark_read(self, _request: web.Request, visit: Visit) -> web.StreamResponse:
        """Take one text off the list."""
        await self._service.mark_read(msisdn_in(visit.posted), text_in(visit.posted, "ref", 300))
        return see_other("/console/unread")

    async def explain(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Show what a text means, step by step; what was typed stays in the form."""
        overview = await self._service.overview()
        numbers = {number["number"]: number for number in overview["numbers"]}
        asked = {
            "text": text_in(visit.posted, "text", LONGEST_TEXT) if visit.posted.get("text") else "",
            "number": one_of(visit.posted, "number", ("", *numbers), next(iter(numbers), "")),
            "state": one_of(visit.posted, "state", STATES, "subscribed"),
            "language": one_of(visit.posted, "language", ("", *languages()), ""),
        }
        context = {
            "visit": visit,
            "page": "explain",
            "asked": asked,
            "trace": self._service.explain(**asked) if asked["text"] else None,
            "numbers": numbers.values(),
            "states": STATES,
            "languages": languages(),
            "catalog": overview["catalog"],
        }
        return aiohttp_jinja2.render_template("explain.html", request, context)

    async def keywords(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Show what is wrong with the keywords file."""
        overview = await self._service.overview()
        context = {"visit": visit, "page": "keywords", "catalog": overview["catalog"], "faults": read_faults(overview)}
        return aiohttp_jinja2.render_template("keywords.html", request, context)

    async def search(self, _request: web.Request, visit: Visit) -> web.StreamResponse:
        """Find a contact by her number, as people type it: in the country of our first number."""
        overview = await self._service.overview()
        home = next((number["number"] for number in overview["numbers"]), "")
        typed = text_in(visit.posted, "msisdn", 40)
        msisdn = read_msisdn(typed, home)
        if msisdn is None:
            raise Refused(400, "unreadable", f"“{typed}” is not a phone number. Write it like +33 6 39 98 00 01.")
        return see_other(f"/console/contacts/{msisdn}")

    async def contact(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """Show one person: her states, everything said, and the chain of her consent."""
        msisdn = msisdn_in(request.match_info)
        found = await self._service.contact(msisdn)
        if found is None:
            raise Refused(404, "unknown_contact", f"Nobody with the number {phone(msisdn)} has ever texted us.")
        overview = await self._service.overview()
        context: dict[str, Any] = {
            "visit": visit,
            "page": "contact",
            "contact": found,
            "view": found,
            "labels": _labels(overview),
            "talk": talk(found, request.query.get("turn")),
            "here": f"/console/contacts/{msisdn}?",
        }
        return aiohttp_jinja2.render_template("contact.html", request, context)


def _labels(overview: Values) -> dict[str, str]:
    return {number["number"]: number["label"] or phone(number["number"]) for number in overview["numbers"]}
