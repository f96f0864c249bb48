"""Adds every page to the server: the front door, the simulator, the console, the sign-in and their files."""

from __future__ import annotations

import secrets
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web

from bot.web.assets import Assets
from bot.web.console import Console as ConsolePages
from bot.web.console import add_console
from bot.web.gate import Gate, Handler, Visit
from bot.web.ports import Console, Sandbox
from bot.web.security import Access
from bot.web.signin import add_signin
from bot.web.simulator import Simulator, add_simulator
from bot.web.words import FILTERS

_TEMPLATES = Path(__file__).parent / "templates"


def setup_pages(app: web.Application, *, sandbox: Sandbox, console: Console, access: Access) -> None:
    """Add the pages' routes and their templates to the server."""
    gate = Gate(access, access.secret_key or secrets.token_urlsafe(32))
    assets = Assets()
    _setup_templates(app, assets)
    add_signin(app, gate)
    phone = add_simulator(app, gate, sandbox)
    people = add_console(app, gate, console)
    app.router.add_get("/static/{name}", assets.serve)
    app.router.add_get("/", gate.page(_front_door(phone, people)))


def _front_door(phone: Simulator, people: ConsolePages) -> Handler:
    async def opened(request: web.Request, visit: Visit) -> web.StreamResponse:
        overview = await people.connected()
        if overview is None:
            return await phone.phone(request, visit)
        return people.show_overview(request, visit, overview)

    return opened


def _setup_templates(app: web.Application, assets: Assets) -> None:
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        filters=FILTERS,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.globals["asset"] = assets.address
