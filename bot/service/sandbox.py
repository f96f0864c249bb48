"""The simulator's own server: the same parts on a memory database, with a clock that can be moved.

Rule: nothing here is written for the occasion but the clock, and nothing real is touched. MTs leave and timers ring
when they are told to, so that a page always shows a settled moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from bot.core.messages import MO
from bot.service.ports import Sender, Store
from bot.service.reload import Keywords
from bot.service.switchboard import Switchboard
from bot.service.views import catalog_values, iso, numbers, subscriptions, timeline, timers

Values = Mapping[str, Any]

PROVIDER = "simulator"


class MovableClock:
    """The present, and how far it has been moved."""

    def __init__(self, base: Callable[[], datetime]) -> None:
        self._base = base
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return self._base() + self._ahead

    def move_to(self, at: datetime) -> None:
        """Go forward to a moment, never back."""
        self._ahead += max(timedelta(), at - self())


def utc_now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


class Sandbox:
    """A phone's world. One visitor's texts are another's too: it is one sandbox."""

    def __init__(
        self,
        make_store: Callable[[], Store],
        sender: Sender,
        keywords: Keywords,
        base: Callable[[], datetime] = utc_now,
    ) -> None:
        self._make_store = make_store
        self._sender = sender
        self._keywords = keywords
        self._base = base
        self._ids = count(1)
        self._one_at_a_time = asyncio.Lock()
        self._board: Switchboard | None = None
        self.clock = MovableClock(base)

    async def start(self) -> None:
        """Open an empty world in the present."""
        self.clock = MovableClock(self._base)
        store = self._make_store()
        await store.open()
        catalog = self._keywords.catalog
        # Whatever a number's provider is, here it is the simulator that takes its texts.
        senders = _Everywhere(self._sender)
        self._board = Switchboard(store, senders, catalog, self.clock)
        self._board.start_by_hand()

    async def close(self) -> None:
        """Forget everything."""
        if self._board:
            board, self._board = self._board, None
            await board.close()
            await board.store.close()

    @property
    def board(self) -> Switchboard:
        """Return the parts; a sandbox that was not started has none."""
        if self._board is None:
            raise RuntimeError("the sandbox is not open")
        return self._board

    async def text(self, msisdn: str, number: str, text: str) -> None:
        """Let this person text this number; return when the turn is on disk and the replies have left."""
        async with self._one_at_a_time:
            mo = MO(PROVIDER, str(next(self._ids)), msisdn, number, text, self.clock())
            await self.board.inbox.take(mo)
            await self.board.outbox.drain()

    async def advance(self, delta: timedelta) -> None:
        """Move the clock forward and let every timer on the way ring at its own moment."""
        async with self._one_at_a_time:
            until = self.clock() + delta
            while (at := await self.board.store.next_wake()) is not None and at <= until:
                self.clock.move_to(at)
                await self.board.timers.ring_due()
                await self.board.outbox.drain()
            self.clock.move_to(until)
            await self.board.outbox.drain()

    async def reset(self) -> None:
        """Forget everybody and put the clock back to the present."""
        async with self._one_at_a_time:
            await self.close()
            await self.start()

    async def view(self, msisdn: str, number: str) -> Values:
        """Show one person on one number."""
        store, catalog = self.board.store, self._keywords.catalog()
        person = await store.person(msisdn)
        rows = [row for row in await store.ledger(msisdn) if row.number == number]
        return {
            "now": iso(self.clock()),
            "msisdn": msisdn,
            "number": number,
            "numbers": numbers(catalog),
            "subscriptions": subscriptions(person, catalog),
            "timers": timers(await store.timers(msisdn)),
            "timeline": timeline(await store.timeline(msisdn, number), rows),
            "catalog": catalog_values(catalog, self._keywords.problems, self._keywords.stale),
        }


class _Everywhere(Mapping[str, Sender]):
    """One sender under every provider's name."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def __getitem__(self, name: str) -> Sender:
        return self._sender

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Any:
        return iter((PROVIDER,))

    def __len__(self) -> int:
        return 1
