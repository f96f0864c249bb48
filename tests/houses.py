"""The whole server as a stage for transcripts: webhooks in, a gateway that takes what it sends, a clock set by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from multidict import MultiDict
from twilio.request_validator import RequestValidator

from bot.app import House, make_web
from bot.core.catalog import Catalog
from bot.core.messages import MO, MT, Flag, Purpose
from bot.providers.calling import open_session
from bot.settings import load_settings
from bot.transcripts.on_server import Archive
from bot.transcripts.play import HandClock
from bot.transcripts.writing import Happening

TOKEN = "gateway-token-0123456789"
AUTH = "twilio-auth-token-0123456789"
SID = "AC00000000000000000000000000000000"
PUBLIC = "https://sms.example.org"


class Gateway:
    """One's own gateway and Twilio's REST API: both take texts, and the latter refuses one when it is told to."""

    def __init__(self, clock: HandClock) -> None:
        self.refuses = False
        self.callback = ""
        self._clock = clock
        self._fresh: list[MT] = []
        app = web.Application()
        app.router.add_post("/send", self._send)
        app.router.add_post(f"/2010-04-01/Accounts/{SID}/Messages.json", self._twilio)
        self.server = TestServer(app)

    def fresh(self) -> list[MT]:
        """Return what was taken since the last look."""
        fresh, self._fresh = self._fresh, []
        return fresh

    async def _send(self, request: web.Request) -> web.Response:
        got = await request.json()
        self._take(got["to"], got["from"], got["text"])
        return web.json_response({"ref": f"gw-{got['id']}"})

    async def _twilio(self, request: web.Request) -> web.Response:
        form = await request.post()
        if self.refuses:
            self.refuses = False
            return web.json_response({"code": 21610, "message": "Unsubscribed recipient"}, status=400)
        self._take(str(form["To"]), str(form["From"]), str(form["Body"]))
        self.callback = str(form["StatusCallback"])
        return web.json_response({"sid": "SM0"}, status=201)

    def _take(self, msisdn: str, number: str, text: str) -> None:
        self._fresh.append(MT("", msisdn, number, text, self._clock(), Purpose.REPLY))


class HouseStage:
    """A house whose outbox and timers are worked by hand, and whose webhooks are called over HTTP."""

    def __init__(self, house: House, client: TestClient, gateway: Gateway, clock: HandClock) -> None:
        self.clock = clock
        self._house = house
        self._client = client
        self._gateway = gateway
        self._archive = Archive(house.board.store)

    async def take(self, mo: MO) -> list[Happening]:
        """Call the webhook of the number's provider."""
        mo = replace(mo, provider=self._house.keywords.catalog().numbers[mo.number].provider)
        new = await (self._by_twilio(mo) if mo.provider == "twilio" else self._by_gateway(mo))
        await self._house.board.outbox.drain()
        kept = await self._archive.kept(mo) if new else []
        return [*await self._archive.fresh(mo.msisdn), *kept, *self._gateway.fresh()]

    async def _by_gateway(self, mo: MO) -> bool:
        assert mo.flag is None, "one's own gateway has no flag: use a number of Twilio's"
        body = {"id": mo.id, "from": mo.msisdn, "to": mo.number, "text": mo.text}
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with self._client.post("/webhooks/http/mo", json=body, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return (await answer.json())["status"] == "accepted"

    async def _by_twilio(self, mo: MO) -> bool:
        seen = await self._archive.knows(mo)
        form = {"MessageSid": mo.id, "AccountSid": SID, "From": mo.msisdn, "To": mo.number, "Body": mo.text}
        await self._signed("/webhooks/twilio/mo", form | ({"OptOutType": Flag(mo.flag).name} if mo.flag else {}))
        return not seen

    async def _signed(self, path: str, form: dict[str, str]) -> None:
        signature = RequestValidator(AUTH).compute_signature(PUBLIC + path, MultiDict(form))
        async with self._client.post(path, data=form, headers={"X-Twilio-Signature": signature}) as answer:
            assert answer.status == 200, await answer.text()

    async def wait(self, until: datetime) -> list[list[Happening]]:
        """Move the clock from timer to timer."""
        moments: list[list[Happening]] = []
        board = self._house.board
        while (at := await board.store.next_wake()) is not None and at <= until:
            self.clock.at = max(self.clock.at, at)
            await board.timers.ring_due()
            await board.outbox.drain()
            moments.append([*await self._archive.fresh(), *self._gateway.fresh()])
        self.clock.at = until
        return moments

    async def report(self) -> list[Happening]:
        """Call back as Twilio does about the last MT."""
        callback = urlsplit(self._gateway.callback)
        form = {"MessageSid": "SM0", "AccountSid": SID, "MessageStatus": "undelivered", "ErrorCode": "21610"}
        await self._signed(f"{callback.path}?{callback.query}", form)
        return await self._archive.fresh()

    async def read(self, mo: MO) -> list[Happening]:
        """Mark it read, as the console does."""
        provider = self._house.keywords.catalog().numbers[mo.number].provider
        await self._house.board.inbox.read(mo.msisdn, mo.number, f"{provider}:{mo.id}")
        return await self._archive.fresh(mo.msisdn)

    def refuse(self) -> None:
        """Refuse the next MT."""
        self._gateway.refuses = True

    async def change(self, catalog: Catalog) -> None:
        """Save the file anew, and let the server read it."""
        self._house.keywords.path.write_text(_reaching(catalog), "utf-8")
        await self._house.reload()


def _reaching(catalog: Catalog) -> str:
    """Give the numbers of the simulator, which takes no webhooks, to one's own gateway."""
    return catalog.source.replace("provider: simulator", "provider: http")


@asynccontextmanager
async def house_stage(folder: Path, catalog: Catalog, database: str = "sqlite:///") -> AsyncIterator[HouseStage]:
    """Open a house with a keywords file in `folder`, its web server and its gateway; close it all again."""
    clock = HandClock()
    gateway, file = Gateway(clock), folder / "keywords.yaml"
    file.write_text(_reaching(catalog), "utf-8")
    await gateway.server.start_server()
    settings = load_settings({
        "DATABASE_URL": database, "KEYWORDS": str(file), "PUBLIC_URL": PUBLIC,
        "HTTP_TOKEN": TOKEN, "HTTP_SEND_URL": str(gateway.server.make_url("/send")),
        "TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": AUTH, "TWILIO_API_URL": str(gateway.server.make_url("")),
    })  # fmt: skip
    async with open_session() as session:
        house = House(settings, session, clock)
        house.keywords.load()
        await house.board.store.open()
        house.board.start_by_hand()
        try:
            async with TestClient(TestServer(make_web(house))) as client:
                yield HouseStage(house, client, gateway, clock)
        finally:
            await house.board.close()
            await house.board.store.close()
            await gateway.server.close()
