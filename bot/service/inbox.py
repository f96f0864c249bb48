"""Every change to a person passes here, one batch after another: MOs, timers, carriers' notices, the console's word.

A batch is one transaction: loaded in a few statements, its turns taken in memory in order of arrival (`bot/turns.py`),
written. Rule: an MO is acknowledged only after that; delivered twice, it is answered once.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence

import structlog

from bot.core.messages import MO, storable
from bot.core.values import replace
from bot.records import Answer, Taken, Wake
from bot.service.batches import Batches
from bot.service.meters import Meters
from bot.service.ports import CatalogNow, Clock, TurnStore
from bot.turns import Arrival, Block, OptOut, Ring, Seen, Stray, Text, Turns, is_stop

log = structlog.get_logger()


class Inbox:
    """Takes arrivals, and answers each when it is on disk: whether it was new."""

    def __init__(
        self,
        store: TurnStore,
        catalog: CatalogNow,
        clock: Clock,
        meters: Meters,
        on_taken: Callable[[Taken], None],
        until_quiet: Callable[[str], Awaitable[None]],
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._clock = clock
        self._meters = meters
        self._on_taken = on_taken
        self._until_quiet = until_quiet
        self._batches: Batches[Arrival, Answer] = Batches(self._take)

    def start(self) -> None:
        """Begin to take batches."""
        self._batches.start()

    async def close(self) -> None:
        """Finish what has arrived; what comes now is refused."""
        await self._batches.close()

    async def take(self, mo: MO) -> bool:
        """Answer an MO; return False if it was seen before. Raise Unavailable if it could not be written."""
        began = time.perf_counter()
        mo = _storable(mo)
        new = await self._take_in(Text(mo, self._clock()), mo.msisdn)
        self._meters.ack.observe(time.perf_counter() - began)
        self._meters.mos(mo.provider, "accepted" if new else "duplicate").inc()
        return new

    async def take_stray(self, mo: MO) -> bool:
        """Answer an MO that keywords.yaml has no place for: a STOP is obeyed all the same, without a word.

        Return False if it was no STOP: then it is nobody's.
        """
        mo = _storable(mo)
        if not is_stop(mo, self._catalog()):
            return False
        await self._take_in(Stray(mo, self._clock()), mo.msisdn)
        return True

    async def ring(self, wake: Wake) -> bool:
        """Let a timer ring, if it still stands as it was set."""
        return await self._batches.put(Ring(wake, self._clock())) is not Answer.SEEN

    async def block(self, msisdn: str, number: str, why: str) -> None:
        """Obey a carrier or provider that says she has opted out of this number."""
        await self._batches.put(Block(msisdn, number, self._clock(), why))

    async def opt_out(self, msisdn: str, number: str, source: str) -> None:
        """Record an opt-out that came another way than by SMS."""
        await self._take_in(OptOut(msisdn, number, self._clock(), source), msisdn)

    async def read(self, msisdn: str, number: str, ref: str) -> None:
        """Note that a person has read a text nobody understood."""
        await self._batches.put(Seen(msisdn, number, self._clock(), ref))

    async def _take_in(self, arrival: Arrival, msisdn: str) -> bool:
        """Take an arrival; one that stops texts is done when what was on its way to her just then is over, too.

        So is its duplicate: a provider may call twice at once, or again because a server died in between.
        """
        answer = await self._batches.put(arrival)
        if answer is Answer.STOPS or (answer is Answer.SEEN and self._stops(arrival)):
            await self._until_quiet(msisdn)
        return answer is not Answer.SEEN

    def _stops(self, arrival: Arrival) -> bool:
        return not isinstance(arrival, Text) or is_stop(arrival.mo, self._catalog())

    async def _take(self, arrivals: Sequence[Arrival]) -> Sequence[Answer]:
        began = time.perf_counter()
        taken = await self._store.take(Turns(arrivals, self._catalog()))
        self._on_taken(taken)
        self._meters.batch.observe(len(arrivals))
        self._meters.commit.observe(time.perf_counter() - began)
        for intent, count in taken.intents.items():
            self._meters.turns(intent).inc(count)
        for failure in taken.failures:
            self._meters.failures.inc()
            log.error("turn failed", msisdn=failure.msisdn, ref=failure.ref, exception=failure.error)
        return taken.answers


def _storable(mo: MO) -> MO:
    text = storable(mo.text)
    return mo if text == mo.text else replace(mo, text=text)
