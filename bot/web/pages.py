"""Adds every page to the server: the front door, the simulator, the console, the sign-in and their files."""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web

from bot.web.assets import Assets
from bot.web.console import Console as ConsolePages
from bot.web.console import add_console
from bot.web.forms import Refused
from bot.web.gate import Gate, Handler, Plain, Visit, refusal
from bot.web.ports import Console, Sandbox
from bot.web.security import HEADERS, Access
from bot.web.signin import add_signin
from bot.web.simulator import Simulator, add_simulator
from bot.web.words import FILTERS

_FOR_PROGRAMS = ("/api/", "/webhooks/", "/simulator/api/")
_TEMPLATES = Path(__file__).parent / "templates"


def setup_pages(app: web.Application, *, sandbox: Sandbox, console: Console, access: Access) -> None:
    """Add the pages' routes and their templates to the server."""
    gate = Gate(access, access.secret_key or secrets.token_urlsafe(32))
    assets, app[aiohttp_jinja2.APP_KEY] = _templates()
    add_signin(app, gate)
    phone = add_simulator(app, gate, sandbox)
    people = add_console(app, gate, console)
    app.router.add_get("/static/{name}", assets.serve)
    app.router.add_get("/", gate.page(_front_door(phone, people)))
    app.middlewares.append(_no_such_page)


def _front_door(phone: Simulator, people: ConsolePages) -> Handler:
    async def opened(request: web.Request, visit: Visit) -> web.StreamResponse:
        overview = await people.connected()
        if overview is None:
            return await phone.phone(request, visit)
        return people.show_overview(request, visit, overview)

    return opened


@web.middleware
async def _no_such_page(request: web.Request, handler: Plain) -> web.StreamResponse:
    """Tell in words that an address leads nowhere; programs ask elsewhere and get their JSON."""
    missed = request.match_info.http_exception
    if missed is None or request.path.startswith(_FOR_PROGRAMS):
        return await handler(request)
    known = isinstance(missed, web.HTTPMethodNotAllowed)
    sentence = f"{request.method} is not possible here." if known else "There is no page at this address."
    response = refusal(request, Refused(missed.status, "method" if known else "no_such_page", sentence), "page")
    response.headers.update(HEADERS)
    if isinstance(missed, web.HTTPMethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(missed.allowed_methods))
    return response


@cache
def _templates() -> tuple[Assets, jinja2.Environment]:
    """Read the files and compile the templates once, however many servers this process starts."""
    assets = Assets()
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(FILTERS)
    environment.globals["asset"] = assets.address
    return assets, environment
