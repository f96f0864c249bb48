"""The real composition in this process: its own gateway, short time limits towards it, and a clock that can be set."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import ClientTimeout
from faults.gateways import Gateway

from bot.app import House
from bot.core.messages import MO
from bot.providers.calling import open_session
from bot.settings import load_settings

OURS, THEIRS = "+33644600000", "+12025550100"
ANNA = "+33639980001"
TOKEN, ADMIN = "gateway-token-0123456789", "admin-token-0123456789"
PUBLIC = "https://sms.example.org"
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
replies:
  hours: {{keywords: [HORAIRES], text: {{fr: Ouvert 8h-20h., en: Open 8am-8pm.}}}}
"""
IDS = count(1)
QUICK = ClientTimeout(total=0.5, sock_connect=0.5, sock_read=0.3)


@dataclass
class SetClock:
    """The present, and how far somebody has set the clock ahead of it or behind."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def set(self, **delta: float) -> None:
        """Set the clock forward, by hours=1 and the like, or back."""
        self.ahead += timedelta(**delta)


@dataclass
class Stage:
    """A house, and short ways to use it."""

    house: House
    gateway: Gateway
    clock: SetClock

    async def text(self, text: str, msisdn: str = ANNA, number: str = OURS) -> bool:
        """Text a number; return when it is on disk."""
        provider = self.house.keywords.catalog().numbers[number].provider
        mo = MO(provider, str(next(IDS)), msisdn, number, text, self.clock())
        return await self.house.board.inbox.take(mo)

    async def drain(self) -> None:
        """Let all that is due leave."""
        await self.house.board.outbox.drain()

    async def mts(self, msisdn: str = ANNA) -> list[Any]:
        """List a person's MTs, in the order in which they were made."""
        rows = await self.house.board.store.timeline(msisdn)
        return sorted((row for row in rows if row["direction"] == "mt"), key=lambda row: row["ref"])

    async def statuses(self, msisdn: str = ANNA) -> list[tuple[str, str]]:
        """List a person's MTs as (name of the text, status)."""
        return [(row["text_key"], row["status"]) for row in await self.mts(msisdn)]


def person(place: int) -> str:
    """Make up a phone number."""
    return f"+33639{place:06d}"


def connected(gateway: str) -> dict[str, str]:
    """Write the settings of a server with its own gateway and with Twilio, which is the gateway, too."""
    return {
        "PUBLIC_URL": PUBLIC, "ADMIN_TOKEN": ADMIN, "HTTP_TOKEN": TOKEN, "HTTP_SEND_URL": f"{gateway}/send",
        "TWILIO_ACCOUNT_SID": "AC0", "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_API_URL": gateway,
    }  # fmt: skip


@asynccontextmanager
async def stage(
    folder: Path,
    *,
    by_hand: bool = True,
    clock: SetClock | None = None,
    limits: ClientTimeout = QUICK,
    open_to_all: bool = False,
) -> AsyncIterator[Stage]:
    """Open a house and its gateway; with `by_hand`, MTs leave and timers ring only when they are told to.

    `open_to_all`: with no provider connected, so that its pages need no sign-in.
    """
    gateway, file, clock = Gateway(), folder / "keywords.yaml", clock or SetClock()
    file.write_text(FILE, encoding="utf-8")
    await gateway.up()
    where = {"DATABASE_URL": f"sqlite:///{folder / 'test.db'}", "KEYWORDS": str(file)}
    async with open_session(limits) as session:
        house = House(load_settings(where | ({} if open_to_all else connected(gateway.url))), session, clock)
        try:
            await (_start_by_hand(house) if by_hand else house.start())
            yield Stage(house, gateway, clock)
        finally:
            await house.stop()
            await gateway.down()


async def _start_by_hand(house: House) -> None:
    house.keywords.load()
    await house.board.store.open()
    await house.board.take_over()
    await house.sandbox.start()
    house.board.start_by_hand()
