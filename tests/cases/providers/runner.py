"""Plays a provider's cases: labelled requests and answers in `<provider>.yaml`, one runner for all."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from aiohttp import ClientSession, ClientTimeout, web
from aiohttp.test_utils import TestServer
from multidict import CIMultiDict

from bot.core.errors import SendError, WebhookError
from bot.core.messages import MT, Purpose
from bot.providers.contract import Request

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MT_ID = "0123456789abc0123456789a"


def cases(provider, section):
    """Load the labelled cases of one section, as pytest parameters."""
    file = Path(__file__).parent / f"{provider}.yaml"
    return [pytest.param(each, id=each["case"]) for each in yaml.safe_load(file.read_text("utf-8"))[section]]


def request(*, method="POST", public="https://sms.example.org", path="/webhooks/x/mo", headers=(), body=b""):
    """Make a request as the web hands it over."""
    pairs = headers.items() if isinstance(headers, dict) else headers
    return Request(method, public + path, path, CIMultiDict(pairs), body, NOW)


def text(**more):
    """Make an MT."""
    given = {"id": MT_ID, "msisdn": "+33612345678", "number": "+33644600000", "text": "Ça va ? 🙏 a&b=c"}
    return MT(**{**given, "at": NOW, "purpose": Purpose.REPLY, **more})


def stretched(values):
    """Write `text: x, text_times: 3` out as `text: xxx`."""
    return {
        name: value * values.get(f"{name}_times", 1) if isinstance(value, str) else value
        for name, value in values.items()
        if not name.endswith("_times")
    }


def told(values):
    """Say what was read as the cases do: what is as always (nothing, the provider, the moment of receipt) left out."""
    plain = {name: value for name, value in asdict(values).items() if value not in (None, False, NOW)}
    plain.pop("provider")
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in plain.items()}


def play(case, verb, secrets):
    """Call a verb and hold what came of it to the case."""
    try:
        got = verb()
    except WebhookError as error:
        assert_no_secret(error, secrets)
        said = f"{type(error).__name__} {error.status}: {error}"
        wanted = case.get("error", "nothing")
        # What a library adds after the … is its own affair.
        assert wanted == (said[: len(wanted) - 1] + "…" if wanted.endswith("…") else said)
        return
    assert "error" not in case, f"{case['error']} was expected, and nothing was raised"
    assert [stretched(each) for each in case.get("expect", [])] == [told(each) for each in got or ()]


async def play_send(case, make, secrets, wanted):
    """Send a text to a stand-in that answers as the case says; return what the stand-in was sent."""
    async with stand_in(case["answer"]) as (url, received), open_session() as session:
        provider = make(url, session)
        try:
            sent = await provider.send(text(**case.get("mt", {})))
            outcome = {"ref": sent.ref}
        except SendError as error:
            assert_no_secret(error, secrets)
            after = {"after": error.after} if hasattr(error, "after") else {}
            outcome = {"error": type(error).__name__, "code": error.code, "why": error.why, **after}

    assert case["expect"] == outcome
    assert wanted == received


@asynccontextmanager
async def stand_in(answer):
    """Serve one answer on loopback, and keep what was asked."""
    received = []
    leave = asyncio.Event()

    async def handle(got):
        body = await got.text()
        received.append((got.method, got.path_qs, got.headers["Authorization"], got.content_type, body))
        if answer.get("silent"):
            await leave.wait()
        if answer.get("hangs_up") or answer.get("silent"):
            got.transport.close()
            return web.Response()
        headers = {**answer.get("headers", {})}
        shown = f"{got.headers}{body}" if answer.get("echo") else answer.get("body", "")
        if not answer.get("cut"):
            return web.Response(status=answer["status"], text=shown, headers=headers)
        broken = web.StreamResponse(status=answer["status"], headers={**headers, "Content-Length": "9999"})
        await broken.prepare(got)
        await broken.write(shown.encode())
        got.transport.close()
        return broken

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handle)
    server = TestServer(app)
    await server.start_server()
    try:
        yield f"http://127.0.0.1:{server.port}", received
    finally:
        leave.set()
        await server.close()


def open_session():
    """Open a session that does not wait long for a stand-in that is silent."""
    return ClientSession(timeout=ClientTimeout(total=1.0))


def assert_no_secret(error, secrets):
    """Hold that nothing secret is in an error, nor in one it is chained to."""
    while error is not None:
        for secret in secrets:
            assert secret not in f"{error} {error!r} {vars(error)}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
