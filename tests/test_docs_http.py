"""docs/http.md and docs/numbers.md against a server that runs: every route, code and metric, and every curl command."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from string import Template
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pages import NAME, ROOT, blocks, named, page, rows, section

from bot.app import House, make_web, opened
from bot.core.errors import SendError
from bot.core.understanding import Intent
from bot.service.meters import Meters
from bot.settings import load_settings

TOKENS = {"HTTP_TOKEN": "gateway-token-0123456789", "ADMIN_TOKEN": "admin-token-0123456789"}
HERE = "http://localhost:8080"


@asynccontextmanager
async def documented_server(folder: Path) -> AsyncIterator[tuple[House, TestClient]]:
    """Start a server with the file of docs/numbers.md, and beside it a gateway that answers as that page says."""
    file = folder / "keywords.yaml"
    file.write_text(blocks("yaml", pages=("docs/numbers.md",))[0].text, encoding="utf-8")
    taken = iter(range(1, 100))

    async def take(request: web.Request) -> web.Response:
        return web.json_response({"ref": f"gw-{next(taken)}"})

    gateway = web.Application()
    gateway.router.add_post("/send", take)
    async with TestServer(gateway) as outside:
        environ = {
            "DATABASE_URL": f"sqlite:///{folder / 'test.db'}", "KEYWORDS": str(file),
            "HTTP_SEND_URL": str(outside.make_url("/send")), **TOKENS,
        }  # fmt: skip
        async with opened(load_settings(environ)) as house, TestClient(TestServer(make_web(house))) as client:
            yield house, client


async def curl(command: str, client: TestClient) -> Any:
    """Do what one curl command of the docs does; return what it was answered, read as JSON."""
    words = shlex.split(Template(command.replace("\\\n", " ")).substitute(TOKENS))
    options: dict[str, list[str]] = {"-X": [], "-H": [], "-d": []}
    url = ""
    rest = iter(words[1:])
    for word in rest:
        if word in options:
            options[word].append(next(rest))
        else:
            assert word.startswith(HERE)
            url = word.removeprefix(HERE)
    headers = dict(header.split(": ", 1) for header in options["-H"])
    body = options["-d"][0].encode() if options["-d"] else None
    if body:
        headers = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    method = options["-X"][0] if options["-X"] else "POST" if body else "GET"
    async with client.request(method, url, headers=headers, data=body) as answer:
        return await answer.json()


def like(told: Any, got: Any) -> Any:
    """Return what was got, with … wherever the docs write it."""
    if told == "…":
        return "…"
    if isinstance(told, dict) and isinstance(got, dict):
        return {key: like(told.get(key), value) for key, value in got.items()}
    if isinstance(told, list) and isinstance(got, list) and len(told) == len(got):
        return [like(*pair) for pair in zip(told, got, strict=True)]
    return got


async def test_every_curl_command_is_answered_as_the_docs_say(tmp_path: Path):
    told, got = [], []
    listed = blocks("sh", "json", pages=("docs/numbers.md", "docs/http.md"))
    async with documented_server(tmp_path) as (house, client):
        for command, answer in pairwise(listed):
            if command.text.startswith("curl "):
                told.append((str(command), json.loads(answer.text)))
                got.append((str(command), like(told[-1][1], await curl(command.text, client))))
                async with asyncio.timeout(10):
                    while (await house.board.store.backlog(house.board.clock())).depth:
                        await asyncio.sleep(0.01)

    assert len(told) == sum(page(name).count("\ncurl ") for name in ("numbers.md", "http.md"))
    assert got == told


def documented(method: str, path: str) -> str:
    """Write a route as the docs do: one for all providers."""
    provider = path.split("/")[2] if path.startswith("/webhooks/") else ""
    return f"{method} {path.replace(f'/{provider}/', '/{provider}/')}" if provider else f"{method} {path}"


async def test_every_route_is_documented_and_no_other(tmp_path: Path):
    async with documented_server(tmp_path) as (_, client):
        app = client.server.app  # type: ignore[attr-defined]
        routes = {documented(route.method, route.resource.canonical) for route in app.router.routes()}
    told = {name for name in NAME.findall(page("http.md")) if re.match(r"(GET|POST) /", name)}

    assert told == {route for route in routes if route.startswith(("GET ", "POST "))}


def codes() -> Iterator[str]:
    """Yield every code with which a program is refused."""
    for folder in ("web", "core"):
        for path in (ROOT / "bot" / folder).glob("*.py"):
            source = path.read_text("utf-8")
            yield from re.findall(r'^    code = "(\w+)"', source, re.MULTILINE)
            yield from re.findall(r'(?:Refused|error_answer)\(\s*\d{3}, "(\w+)"', source)


def test_every_code_of_a_refusal_is_documented():
    told = set(NAME.findall(page("http.md")))

    assert set(codes()) - {"bad_request"} - told == set()


def test_every_metric_is_documented_and_no_other():
    metrics = {f"{each.name}_total" if each.type == "counter" else each.name for each in Meters().registry.collect()}
    told = {name for name in named(page("http.md")) if name.startswith("ouistop_")}

    assert told == metrics
    assert set(re.findall(r"ouistop_\w+", page("operating.md"))) <= metrics


def test_the_labels_values_are_documented():
    told = {row[0].strip("`"): row[1] for row in rows(section(page("http.md"), "Health")) if len(row) == 3}
    kinds = [kind.__name__.lower() for kind in SendError.__subclasses__()]

    assert [intent for intent in Intent if intent not in told["ouistop_turns_total"]] == []
    assert [kind for kind in kinds if kind not in told["ouistop_sends_total"]] == []
