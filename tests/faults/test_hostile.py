"""100,000 hostile inputs over the parsers, `understand` and the whole web: refused in words, no fault, no growth."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from cases.providers.runner import request
from catalogs import NUMBER, catalog
from faults.crowds import ask, connect, resident
from faults.hostile import NAMES, Hostile
from faults.stage import ADMIN, PUBLIC, TOKEN, connected, stage
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import MultiDict
from structlog.testing import capture_logs
from twilio.request_validator import RequestValidator

from bot.app import make_web
from bot.core.errors import WebhookError
from bot.core.messages import DLR, MO, storable
from bot.core.understand import understand
from bot.core.understanding import NOTHING_OPEN, Choice, Intent, Question
from bot.providers import build_providers
from bot.providers.contract import Provider, Request
from bot.settings import load_settings
from bot.web.sockets import listen, make_runner

pytestmark = pytest.mark.slow

PARSED, UNDERSTOOD, POSTED, GENERATED = 76_000, 20_000, 3_000, 500
SEED = 20_261_124
FLAT = 24.0  # MB
METHODS = ("POST", "POST", "GET")


def memory() -> float:
    """Tell what this process has, in MB."""
    gc.collect()
    return resident([os.getpid()])[0]


# ---- the parsers --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def providers() -> dict[str, Provider]:
    return build_providers(load_settings(connected("http://127.0.0.1:1")).providers, None)  # type: ignore[arg-type]


def parsed(provider: Provider, call: Request) -> str:
    """Let a provider read a call in every way; tell what it read. It may raise WebhookError, and nothing else."""
    outcome = "nothing"
    for verb in (provider.verify, provider.parse_mo, provider.parse_dlr):
        try:
            found = verb(call) or ()
        except WebhookError:
            continue
        for each in found:
            outcome = type(each).__name__
            if isinstance(each, MO):
                assert storable(each.text).encode().decode() == storable(each.text)
                assert (each.msisdn + each.number).replace("+", "").isdigit()
                assert f"{each.ref}{each.at.isoformat()}".encode()
            else:
                assert isinstance(each, DLR)
                assert f"{each.id}{each.ref}{each.error}".encode("utf-8", "surrogatepass")
    return outcome


def hostile_calls(hostile: Hostile) -> Iterator[tuple[str, Request]]:
    """Make calls on the providers: each body whole, cut off, and with some bytes changed."""
    dice = hostile.dice
    while True:
        name, what, method = (
            dice.choice(("http", "twilio", "simulator")),
            dice.choice(("mo", "dlr")),
            dice.choice(METHODS),
        )
        path = f"/webhooks/{name}/{what}" + (f"?{hostile.query()}" if dice.random() < 0.2 else "")
        headers = {"Authorization": hostile.header(), "X-Twilio-Signature": hostile.header()}
        whole = {"http": hostile.json, "twilio": hostile.form, "simulator": hostile.body}[name]()
        for body in (whole, hostile.cut(whole), hostile.changed(whole)):
            yield name, request(method=method, public=PUBLIC, path=path, headers=headers, body=body)


def test_whatever_a_parser_is_given_it_reads_it_or_says_what_is_wrong_and_keeps_nothing(providers):
    calls, outcomes = hostile_calls(Hostile(SEED)), Counter[str]()
    before = 0.0
    for place, (name, call) in zip(range(PARSED), calls, strict=False):
        try:
            outcomes[parsed(providers[name], call)] += 1
        except Exception as error:
            pytest.fail(f"seed {SEED}, input {place}, {name}: {error!r} of {call}")
        if place == PARSED // 10:
            before = memory()

    after = memory()
    print(f"{PARSED} calls: {dict(outcomes)}; memory {before:.1f} → {after:.1f} MB")
    assert min(outcomes["MO"], outcomes["DLR"]) > PARSED // 50
    assert after - before < FLAT


ANY = st.none() | st.booleans() | st.integers(-(2**64), 2**64) | st.floats() | st.text(st.characters())


@given(
    fields=st.dictionaries(st.sampled_from(NAMES), ANY | st.lists(ANY, max_size=2)),
    name=st.sampled_from(["http", "twilio", "simulator"]),
)
@settings(max_examples=GENERATED, deadline=None)
def test_json_of_any_shape_is_read_or_refused(providers, fields: dict[str, Any], name: str):
    parsed(providers[name], request(public=PUBLIC, body=json.dumps(fields).encode()))


# ---- what a text means ----------------------------------------------------------------------------------------------

VOCABULARY = catalog().vocabulary(NUMBER)
QUESTIONS = (
    NOTHING_OPEN,
    Question(confirm=True),
    Question(choices=(Choice("a", ("Trop de SMS",)), Choice("b", ("Non",))), free_text=True),
)


def test_whatever_is_texted_is_understood_or_left_to_a_person_and_nothing_is_kept():
    hostile, seen = Hostile(SEED + 1), Counter[str]()
    before = 0.0
    for place in range(UNDERSTOOD):
        text = storable(hostile.text())
        try:
            seen[str(understand(text, VOCABULARY, QUESTIONS[place % 3]).intent)] += 1
        except Exception as error:
            pytest.fail(f"seed {SEED + 1}, input {place}: {error!r} of {text!r}")
        if place == UNDERSTOOD // 2:
            before = memory()

    after = memory()
    print(f"{UNDERSTOOD} texts: {dict(seen)}; memory {before:.1f} → {after:.1f} MB")
    assert min(seen[str(each)] for each in (Intent.STOP, Intent.HELP, Intent.CONFIRM, Intent.UNKNOWN)) > 10
    assert after - before < FLAT


@given(text=st.text(st.characters()), question=st.sampled_from(QUESTIONS))
@settings(max_examples=GENERATED, deadline=None)
def test_any_characters_at_all_are_understood_or_left_to_a_person(text: str, question: Question):
    assert understand(text, VOCABULARY, question).intent in set(Intent)


# ---- the whole web -------------------------------------------------------------------------------------------------

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
TYPES = ["text/plain", "multipart/form-data; boundary=x", 'a/b; c="', "application/json; charset=x", ""]
PERSON = "%2B33639980001"
POSTS = {
    "/webhooks/http/mo": JSON, "/webhooks/http/dlr": JSON, "/webhooks/twilio/mo": FORM, "/webhooks/twilio/dlr": FORM,
    f"/api/v1/contacts/{PERSON}/opt-out": JSON, "/console/search": FORM, "/console/explain": FORM,
    "/console/unread": FORM, "/simulator/text": FORM, "/simulator/clock": FORM, "/simulator/api/text": JSON,
    "/simulator/api/clock": JSON, "/signin": FORM, "/webhooks/simulator/mo": JSON, "/webhooks/nobody/mo": JSON,
}  # fmt: skip
GETS = [
    "/webhooks/twilio/mo", "/webhooks/http/dlr", f"/api/v1/contacts/{PERSON}", "/api/v1/overview", "/simulator",
    f"/console/contacts/{PERSON}", "/console", "/simulator/api/state", "/", "/healthz", "/static/style.css",
    "/static/..%2f..%2fapp.py", "/%00", "/%ff%fe", "//x//", "/a" * 100,
]  # fmt: skip


def hostile_request(hostile: Hostile) -> bytes:
    """Write a request: its frame is sound, and nothing else is certain."""
    dice = hostile.dice
    gets = dice.random() < 0.25
    method, path = ("GET", dice.choice(GETS)) if gets else ("POST", dice.choice(list(POSTS)))
    kind = POSTS.get(path, JSON)
    body = b"" if gets else hostile.json() if kind == JSON else hostile.form()
    body = dice.choice((bytes, bytes, bytes, hostile.cut, hostile.changed))(body)
    path += f"?{hostile.query()}" if dice.random() < (0.7 if gets else 0.1) else ""
    method = dice.choice(("GET", "POST", "PUT", "DELETE", "X")) if dice.random() < 0.05 else method
    kind = dice.choice(TYPES) if dice.random() < 0.1 else kind
    lines = [f"{method} {path} HTTP/1.1".encode("latin-1"), b"Host: localhost", f"Content-Length: {len(body)}".encode()]
    lines += [f"Content-Type: {kind}".encode(), *proofs(hostile, path, method, body)]
    if dice.random() < 0.1:
        name = dice.choice(["Cookie", "Origin", "X-Forwarded-For", "Accept", "If-None-Match", "Range", "Authorization"])
        lines.append(f"{name}: {hostile.header()}".encode("utf-8", "surrogateescape"))
    return b"\r\n".join([*lines, b"", body])


def proofs(hostile: Hostile, path: str, method: str, body: bytes) -> list[bytes]:
    """Write the header that proves who calls, nine times in ten."""
    if hostile.dice.random() < 0.1:
        return []
    if path.startswith("/webhooks/twilio"):
        return [f"X-Twilio-Signature: {signed(path, method, body)}".encode()]
    return [f"Authorization: Bearer {ADMIN if path.startswith('/api') else TOKEN}".encode()]


def signed(path: str, method: str, body: bytes) -> str:
    """Sign as Twilio's own SDK does."""
    form = [] if method == "GET" else parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    made: str = RequestValidator(TOKEN).compute_signature(PUBLIC + path, MultiDict(form))
    return made


async def caller(address: str, hostile: Hostile, count: int, statuses: Counter[int]) -> None:
    """Send so many requests, on a new connection wherever the server has closed the last one."""
    connection = await connect(address)
    for place in range(count):
        sent = hostile_request(hostile)
        status, body = await ask(connection, sent)
        if not status:
            connection[1].close()
            connection = await connect(address)
            status, body = await ask(connection, sent)
        statuses[status] += 1
        if not 200 <= status < 500 and b"ADMIN_TOKEN is not set" not in body:  # that one is what it should say
            pytest.fail(f"request {place} was answered {status}: {sent!r}")
    connection[1].close()


@pytest.mark.parametrize("open_to_all", [False, True], ids=["connected", "open to all"])
async def test_whatever_is_posted_the_web_answers_below_500_and_logs_no_fault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, open_to_all: bool
):
    statuses = Counter[int]()
    async with stage(tmp_path, open_to_all=open_to_all) as play:
        runner = make_runner(make_web(play.house))
        await runner.setup()
        with listen("127.0.0.1", 0) as there, capture_logs() as told:
            await web.SockSite(runner, there).start()
            address = f"http://127.0.0.1:{there.getsockname()[1]}"
            callers = [Hostile(SEED + place) for place in range(4)]
            await asyncio.gather(*(caller(address, each, POSTED // 8, statuses) for each in callers))
            await runner.cleanup()
        failed = await play.house.board.store.failed(10)

    print(f"{statuses.total()} requests: {dict(statuses)}")
    assert statuses[200] + statuses[303] > POSTED // 40
    assert statuses.total() == POSTED // 2
    assert [line for line in told if line["log_level"] in ("error", "critical")] == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert failed == []
