"""Delivery reports: late, twice, in any order, and sometimes before our own send has returned.

Rule: a report about an MT we do not know (yet) is kept for a while and tried again; it is acknowledged all the same.
A report that says she has opted out at the carrier is an opt-out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from bot.core.messages import DLR
from bot.records import Reported
from bot.service.batches import Batches
from bot.service.meters import Meters
from bot.service.ports import Clock, ReportStore

KEPT_FOR = timedelta(minutes=10)
MOST_KEPT = 10_000

OptedOut = Callable[[str, str, str], Awaitable[None]]


class Receipts:
    """Takes delivery reports."""

    def __init__(self, store: ReportStore, clock: Clock, meters: Meters, on_opted_out: OptedOut) -> None:
        self._store = store
        self._clock = clock
        self._meters = meters
        self._on_opted_out = on_opted_out
        self._batches: Batches[DLR, Reported | None] = Batches(self._report)
        self._early: dict[tuple[str, str], tuple[datetime, DLR]] = {}

    def start(self) -> None:
        """Begin to take batches."""
        self._batches.start()

    async def close(self) -> None:
        """Finish what has arrived."""
        await self._batches.close()

    async def take(self, dlr: DLR) -> None:
        """Write a report down; raise Unavailable if that cannot be done now."""
        self._meters.reports(dlr.provider, str(dlr.status)).inc()
        reported = await self._batches.put(dlr)
        if reported is None:
            self._keep(dlr)
        elif dlr.opted_out:
            await self._on_opted_out(reported.msisdn, reported.number, f"{dlr.provider} reports error {dlr.error}")

    async def again(self, refs: Sequence[str]) -> None:
        """MTs have just been settled under these provider's names: take the reports that came too early."""
        for key in [key for key in self._early if key[1] in refs] if self._early else ():
            _, dlr = self._early.pop(key)
            await self.take(dlr)

    def _keep(self, dlr: DLR) -> None:
        now = self._clock()
        for key in [key for key, (at, _) in self._early.items() if now - at > KEPT_FOR]:
            del self._early[key]
        if dlr.ref and len(self._early) < MOST_KEPT:
            # Of one MT the reports only move forward: the last one to come says the most, or is ignored.
            self._early[f"{dlr.provider} {dlr.status}", dlr.ref] = (now, dlr)

    async def _report(self, dlrs: Sequence[DLR]) -> list[Reported | None]:
        return await self._store.report(dlrs, self._clock())
