"""One store with its inbox, outbox, receipts and timers, put together.

The real server has one, and the sandbox another on a memory database with a clock of its own: the same parts, so that
what is tried there is what happens here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.records import Taken
from bot.service.inbox import Inbox
from bot.service.meters import Meters
from bot.service.outbox import Outbox
from bot.service.ports import CatalogNow, Clock, Sender, Store
from bot.service.receipts import Receipts
from bot.service.ticks import Ticks
from bot.service.timers import Timers

LONGEST_AHEAD = timedelta(days=1)  # a clock that was further ahead than that is not followed


class Switchboard:
    """Everything between a provider's request and the database."""

    def __init__(self, store: Store, senders: Mapping[str, Sender], catalog: CatalogNow, clock: Clock) -> None:
        self.store = store
        self.catalog = catalog
        self.clock = clock = Ticks(clock)
        self.meters = Meters()
        self.inbox = Inbox(store, catalog, clock, self.meters, self._taken, self._until_quiet)
        self.receipts = Receipts(store, clock, self.meters, self.inbox.block)
        self.outbox = Outbox(store, senders, catalog, clock, self.meters, self.inbox.block, self.receipts.again)
        self.timers = Timers(store, clock, self.inbox.ring)

    async def take_over(self) -> None:
        """Go on where a process before this one ended: its leases are over, and what it queued comes first."""
        await self.store.release()
        if newest := await self.store.newest_queued(self.clock() + LONGEST_AHEAD):
            self.clock.go_on_from(newest)

    def start(self) -> None:
        """Begin to work by itself."""
        self.inbox.start()
        self.receipts.start()
        self.outbox.start()
        self.timers.start()

    def start_by_hand(self) -> None:
        """Begin to take arrivals; MTs leave and timers ring only when they are told to."""
        self.inbox.start()
        self.receipts.start()
        self.outbox.start_by_hand()

    async def close(self) -> None:
        """Stop in the order in which work flows, so that nothing is left half done."""
        await self.timers.close()
        await self.outbox.close()
        await self.receipts.close()
        await self.inbox.close()

    async def _until_quiet(self, msisdn: str) -> None:
        await self.outbox.until_quiet(msisdn)

    def _taken(self, taken: Taken) -> None:
        if taken.cancelled:
            self.outbox.withdraw(taken.cancelled)
        if taken.sends:
            self.outbox.nudge()
        self.timers.expect(taken.next_wake)
