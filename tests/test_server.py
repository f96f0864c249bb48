"""The whole server over HTTP: what a provider hears, what nobody ever sees, and what is counted and logged."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, redirect_stderr
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from boards import query_only
from catalogs import NUMBER
from multidict import MultiDict
from twilio.request_validator import RequestValidator

from bot.app import House, make_web, opened
from bot.logs import Scrubber, set_up_logs
from bot.settings import load_settings

TOKEN = "gateway-token-0123456789"
ADMIN = "admin-token-0123456789"
AUTH = "twilio-auth-token-0123456789"
SID = "AC00000000000000000000000000000000"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
ANNA = "+33639980001"
OURS, THEIRS = "+33644600000", "+12025550100"

FILE = f"""\
version: 1
brand: Café Lumière
support: aide@lumiere.example
languages: [fr, en]
numbers:
  "{OURS}": {{provider: http, programs: [club]}}
  "{THEIRS}": {{provider: twilio, programs: [club]}}
programs:
  club: {{name: Club Lumière, keywords: [CLUB]}}
"""


class Gateway:
    """A gateway of one's own, and Twilio's REST API: both take texts and answer as the real ones do."""

    def __init__(self) -> None:
        self.texts: list[dict[str, str]] = []
        self.refuses: dict[str, object] | None = None
        app = web.Application()
        app.router.add_post("/send", self._send)
        app.router.add_post(f"/2010-04-01/Accounts/{SID}/Messages.json", self._twilio)
        self.server = TestServer(app)

    async def _send(self, request: web.Request) -> web.Response:
        self.texts.append(await request.json())
        return web.json_response({"ref": f"gw-{len(self.texts)}"})

    async def _twilio(self, request: web.Request) -> web.Response:
        form = await request.post()
        if self.refuses:
            return web.json_response(self.refuses, status=400)
        self.texts.append({"from": str(form["From"]), "to": str(form["To"]), "text": str(form["Body"])})
        return web.json_response({"sid": f"SM{len(self.texts):032d}"}, status=201)

    async def wait_for(self, count: int) -> list[str]:
        """Wait until so many texts have left; return them."""
        async with asyncio.timeout(10):
            while len(self.texts) < count:
                await asyncio.sleep(0.01)
        return [text["text"] for text in self.texts]


class Running:
    """A server, its client and what stands around it."""

    def __init__(self, house: House, client: TestClient, gateway: Gateway, file: Path) -> None:
        self.house = house
        self.client = client
        self.gateway = gateway
        self.file = file

    async def mo(self, text: str, id: str = "1", **changes: object):
        """Post an MO as one's own gateway does."""
        body = {"id": id, "from": ANNA, "to": OURS, "text": text, **changes}
        return await self.client.post("/webhooks/http/mo", json=body, headers=BEARER)

    async def twilio(self, text: str, id: str = "SM1", what: str = "mo", **more: str):
        """Post a form signed by Twilio's own SDK."""
        form = {"MessageSid": id, "AccountSid": SID, "From": ANNA, "To": THEIRS, "Body": text, "FromCity": "", **more}
        url = f"https://sms.example.org/webhooks/twilio/{what}"
        signature = RequestValidator(AUTH).compute_signature(url, MultiDict(form))
        return await self.client.post(f"/webhooks/twilio/{what}", data=form, headers={"X-Twilio-Signature": signature})


@asynccontextmanager
async def running(folder: Path, **more: str) -> AsyncIterator[Running]:
    """Start a server on a database in a folder."""
    gateway, file = Gateway(), folder / "keywords.yaml"
    if not file.exists():
        file.write_text(FILE, encoding="utf-8")
    await gateway.server.start_server()
    environ = {
        "DATABASE_URL": f"sqlite:///{folder / 'test.db'}", "KEYWORDS": str(file), "ADMIN_TOKEN": ADMIN,
        "HTTP_TOKEN": TOKEN, "HTTP_SEND_URL": str(gateway.server.make_url("/send")),
        "TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": AUTH, "TWILIO_API_URL": str(gateway.server.make_url("")),
        "PUBLIC_URL": "https://sms.example.org", **more,
    }  # fmt: skip
    try:
        async with opened(load_settings(environ)) as house, TestClient(TestServer(make_web(house))) as client:
            yield Running(house, client, gateway, file)
    finally:
        await gateway.server.close()


async def test_a_conversation_over_ones_own_gateway(tmp_path: Path):
    async with running(tmp_path) as server:
        answers = []
        for count, text in enumerate(("club !", "Oui", "ARRÊTER"), 1):
            answers.append(await (await server.mo(text, str(count))).json())
            texts = await server.gateway.wait_for(count)

    assert answers == [{"status": "accepted"}] * 3
    assert "OUI" in texts[0]
    assert "confirmée" in texts[1]
    assert "plus aucun message" in texts[2]


async def test_a_conversation_over_twilio_with_its_own_sdk_as_the_signer(tmp_path: Path):
    async with running(tmp_path) as server:
        first = await server.twilio("CLUB", "SM1")
        body = await first.text()
        await server.gateway.wait_for(1)
        await server.twilio("YES", "SM2", OptOutType="START")  # Twilio takes YES for a START: here it confirms
        await server.gateway.wait_for(2)
        await server.twilio("STOP", "SM3", OptOutType="STOP")  # Twilio has answered this itself
        await asyncio.sleep(0.2)
        contact = await server.house.console.contact(ANNA)

    assert (first.status, first.content_type, body) == (
        200, "text/xml", '<?xml version="1.0" encoding="UTF-8"?><Response/>',
    )  # fmt: skip
    assert len(server.gateway.texts) == 2
    assert contact is not None
    assert [row["event"] for row in contact["ledger"]] == ["asked", "opted_in", "opted_out"]


async def test_twilios_status_callback_moves_the_text_it_is_about(tmp_path: Path):
    async with running(tmp_path) as server:
        await server.twilio("CLUB")
        await server.gateway.wait_for(1)
        answer = await server.twilio("", f"SM{1:032d}", "dlr", MessageStatus="delivered")
        statuses = [row["status"] for row in await server.house.board.store.timeline(ANNA) if row["direction"] == "mt"]

    assert (answer.status, statuses) == (200, ["delivered"])


async def test_error_21610_records_an_opt_out_and_is_no_alert(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    async with running(tmp_path) as server:
        await server.twilio("CLUB", "SM1")
        await server.gateway.wait_for(1)
        server.gateway.refuses = {"code": 21610, "message": "blocked"}
        await server.twilio("HELP", "SM2")
        async with asyncio.timeout(5):
            while (rows := await server.house.board.store.ledger(ANNA))[-1].event != "carrier_blocked":
                await asyncio.sleep(0.02)
        person = await server.house.board.store.person(ANNA)

    assert [row.event for row in rows] == ["asked", "carrier_blocked"]
    assert person is not None
    assert person.subscriptions["club"].state == "unsubscribed"
    assert "needs a person" not in capsys.readouterr().err


GOOD = {"id": "1", "from": ANNA, "to": OURS, "text": "CLUB"}
BAD_INPUT = [
    ("no token", {}, json.dumps(GOOD), 403, "bad_signature", "Authorization"),
    ("a wrong token", {"Authorization": "Bearer wrong"}, json.dumps(GOOD), 403, "bad_signature", "token"),
    ("no JSON", BEARER, "{", 400, "unreadable", "JSON"),
    ("a field missing", BEARER, json.dumps({**GOOD, "from": None}), 400, "unreadable", "from is missing"),
    ("a national number", BEARER, json.dumps({**GOOD, "from": "0612345678"}), 400, "unreadable", "from"),
    ("a number nobody has", BEARER, json.dumps({**GOOD, "to": "+33644600099"}), 404, "unknown_number", "keywords.yaml"),
    ("another provider's number", BEARER, json.dumps({**GOOD, "to": THEIRS}), 404, "unknown_number", "provider http"),
    ("a body too large", BEARER, json.dumps({**GOOD, "text": "x" * 70_000}), 413, "too_large", "64 KiB"),
    ("a text too long", BEARER, json.dumps({**GOOD, "text": "x" * 3_000}), 400, "unreadable", "text is too long"),
]


@pytest.mark.parametrize(("headers", "body", "status", "code", "says"), [row[1:] for row in BAD_INPUT],
                         ids=[row[0] for row in BAD_INPUT])  # fmt: skip
async def test_bad_input_is_refused_in_words(tmp_path: Path, headers, body, status, code, says):
    async with running(tmp_path) as server:
        answer = await server.client.post("/webhooks/http/mo", data=body, headers=headers)
        told = (await answer.json())["error"]
        people = await server.house.board.store.person(ANNA)

    assert (answer.status, told["code"]) == (status, code)
    assert says in told["message"]
    assert people is None


async def test_an_unknown_provider_and_an_unknown_path_are_404_in_json(tmp_path: Path):
    async with running(tmp_path) as server:
        paths = ("/webhooks/nobody/mo", "/webhooks/http/what", "/api/v1/nothing")
        answers = [await server.client.post(path, json=GOOD) for path in paths]
        codes = [(await answer.json())["error"]["code"] for answer in answers]

    assert [answer.status for answer in answers] == [404, 404, 404]
    assert codes == ["unknown_provider", "not_found", "not_found"]


async def test_a_stop_by_the_provider_a_number_had_before_is_obeyed_all_the_same(tmp_path: Path):
    async with running(tmp_path) as server:
        await server.twilio("CLUB", "SM1")
        await server.twilio("YES", "SM2")
        chat = await server.mo("CLUB", "1", to=THEIRS)
        stop = await server.mo("STOP", "2", to=THEIRS)
        person = await server.house.board.store.person(ANNA)

    assert (chat.status, stop.status) == (404, 200)
    assert person is not None
    assert person.subscriptions["club"].state == "unsubscribed"


async def test_a_webhook_called_with_another_method_says_which_it_takes(tmp_path: Path):
    async with running(tmp_path) as server:
        answer = await server.client.put("/webhooks/http/mo", json=GOOD, headers=BEARER)

    assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")


async def test_a_forged_twilio_request_changes_nothing(tmp_path: Path):
    async with running(tmp_path) as server:
        form = {"MessageSid": "SM1", "AccountSid": SID, "From": ANNA, "To": THEIRS, "Body": "STOP"}
        answer = await server.client.post("/webhooks/twilio/mo", data=form, headers={"X-Twilio-Signature": "AAAA"})

        assert answer.status == 403
        assert await server.house.board.store.person(ANNA) is None


async def test_without_a_database_the_provider_hears_503_and_when_to_try_again(tmp_path: Path):
    async with running(tmp_path) as server:
        await query_only(server.house.board.store, "ON")
        refused = await server.mo("CLUB")
        ready = await server.client.get("/readyz")
        await query_only(server.house.board.store, "OFF")
        taken = await server.mo("CLUB")
        await asyncio.sleep(1.1)
        again = await server.client.get("/readyz")

    assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
    assert (ready.status, taken.status, again.status) == (503, 200, 200)


async def test_a_saved_file_is_in_force_within_a_second_and_a_bad_one_never(tmp_path: Path):
    async with running(tmp_path) as server:
        before = server.house.keywords.catalog().digest
        server.file.write_text(FILE.replace("[CLUB]", "[CLUB, CAFE]"), encoding="utf-8")
        async with asyncio.timeout(2):
            while server.house.keywords.catalog().digest == before:
                await asyncio.sleep(0.02)
        good = server.house.keywords.catalog().digest
        server.file.write_text(FILE.replace("[CLUB]", "[STOP]"), encoding="utf-8")
        async with asyncio.timeout(2):
            while not server.house.keywords.stale:
                await asyncio.sleep(0.02)
        ready = await server.client.get("/readyz")
        told = await ready.json()

    assert (ready.status, told["ready"], told["catalog"]["stale"]) == (200, True, True)
    assert told["catalog"]["digest"] == good
    assert "keywords.yaml:9:" in told["catalog"]["problems"][0]


async def test_sighup_reads_the_file_again(tmp_path: Path):
    async with running(tmp_path) as server:
        await server.house.keywords.close()  # nobody watches: only the signal is left
        asyncio.get_running_loop().add_signal_handler(
            signal.SIGHUP, lambda: asyncio.ensure_future(server.house.reload())
        )
        server.file.write_text(FILE.replace("[CLUB]", "[CAFE]"), encoding="utf-8")
        os.kill(os.getpid(), signal.SIGHUP)
        async with asyncio.timeout(2):
            while "CAFE" not in server.house.keywords.catalog().keywords_on(OURS):
                await asyncio.sleep(0.02)
        asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)

        assert (await server.mo("CAFE")).status == 200


async def test_the_meters_count_and_name_nobody(tmp_path: Path):
    async with running(tmp_path) as server:
        await server.mo("CLUB")
        await server.gateway.wait_for(1)
        await asyncio.sleep(0.1)
        text = await (await server.client.get("/metrics")).text()

    assert 'ouistop_mos_total{outcome="accepted",provider="http"} 1.0' in text
    assert 'ouistop_turns_total{intent="keyword"} 1.0' in text
    assert 'ouistop_sends_total{provider="http",result="wired"} 1.0' in text
    assert "ouistop_outbox_depth 0.0" in text
    assert ANNA[-6:] not in text


async def test_the_api_wants_its_token_and_slows_down_who_guesses(tmp_path: Path):
    async with running(tmp_path) as server:
        await server.mo("CLUB")
        url = f"/api/v1/contacts/{ANNA.replace('+', '%2B')}"
        right = await server.client.get(url, headers={"Authorization": f"Bearer {ADMIN}"})
        told = await right.json()
        wrong = [await server.client.get(url, headers={"Authorization": "Bearer guess"}) for _ in range(5)]

    assert told["subscriptions"][0]["state"] == "pending"
    assert told["chain"] == {"rows": 1, "verified": True, "broken_at": None}
    assert wrong[0].status == 401
    assert (wrong[-1].status, "Retry-After" in wrong[-1].headers) == (429, True)


async def test_an_opt_out_by_the_api_counts_as_a_stop(tmp_path: Path):
    async with running(tmp_path) as server:
        await server.mo("CLUB")
        url = f"/api/v1/contacts/{ANNA.replace('+', '%2B')}/opt-out"
        answer = await server.client.post(url, json={"number": OURS}, headers={"Authorization": f"Bearer {ADMIN}"})
        person = await server.house.board.store.person(ANNA)

    assert answer.status == 200
    assert person is not None
    assert person.subscriptions["club"].state == "unsubscribed"


async def test_the_pages_need_a_sign_in_once_a_provider_is_connected(tmp_path: Path):
    async with running(tmp_path) as server:
        answer = await server.client.get("/console", allow_redirects=False)

    assert (answer.status, answer.headers["Location"]) == (303, "/signin?next=/console")


async def test_what_the_simulator_does_is_nowhere_in_the_real_database(tmp_path: Path):
    async with running(tmp_path) as server:
        await server.house.sandbox.text(ANNA, OURS, "CLUB")
        view = await server.house.sandbox.view(ANNA, OURS)

        assert [item["kind"] for item in view["timeline"]] == ["mo", "consent", "mt"]
        assert await server.house.board.store.person(ANNA) is None
        assert server.gateway.texts == []


async def test_the_simulators_clock_lets_a_question_lapse_without_a_word(tmp_path: Path):
    async with running(tmp_path) as server:
        await server.house.sandbox.text(ANNA, OURS, "CLUB")
        await server.house.sandbox.advance(timedelta(days=2, hours=1))
        view = await server.house.sandbox.view(ANNA, OURS)

    assert [sub["state"] for sub in view["subscriptions"]] == ["stranger"]
    assert [item.get("event") or item["kind"] for item in view["timeline"]] == ["mo", "asked", "mt", "expired"]


def test_no_secret_and_no_whole_number_is_in_any_log_line(tmp_path: Path):
    environ = {"ADMIN_TOKEN": ADMIN, "HTTP_TOKEN": TOKEN, "LOG_FORMAT": "json", "TWILIO_AUTH_TOKEN": AUTH}
    out = io.StringIO()
    with redirect_stderr(out):
        set_up_logs(load_settings(environ))
        structlog.get_logger("test").warning("refused", msisdn=ANNA, why=f"{TOKEN} is not {AUTH}", of=[ADMIN])
        logging.getLogger("aiohttp.server").error("from %s with %s", ANNA, ADMIN)
        try:
            raise ValueError(f"{ANNA} {AUTH}")
        except ValueError:
            structlog.get_logger("test").exception("raised")
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    logging.basicConfig(force=True, handlers=[logging.NullHandler()])
    structlog.reset_defaults()

    assert len(lines) == 3
    assert lines[0]["msisdn"] == "…0001"
    for secret in (TOKEN, AUTH, ADMIN, ANNA, ANNA[1:]):
        assert secret not in out.getvalue()


@pytest.mark.parametrize("number", ["+33639980001", "33639980001", "+33 6 39 98 00 01"])
def test_however_a_number_is_written_only_its_end_is_logged(number: str):
    cleaned = Scrubber(()).clean(f"text from {number}")

    assert cleaned == "text from …0001" or cleaned == "text from …0 01"


async def test_the_console_explains_a_text_as_the_turn_would_understand_it_and_writes_nothing(tmp_path: Path):
    async with running(tmp_path) as server:
        explain = server.house.console.explain
        there = explain("merci d'arrêter", NUMBER, "subscribed", "")
        elsewhere = explain("merci d'arrêter", NUMBER, "subscribed", "en")
        keyword, yes = explain("club", NUMBER, "stranger", ""), explain("oui", NUMBER, "pending", "")
        nobody = await server.house.board.store.states()

    assert (there["intent"], there["language"], there["rule"]) == ("stop", "fr", "phrase")
    assert there["steps"][-1].startswith("every word has its place (fr)")
    assert elsewhere["intent"] == "unknown"
    assert (keyword["intent"], keyword["keyword"]["keyword"]) == ("keyword", "CLUB")
    assert yes["intent"] == "confirm"
    assert nobody == {}
