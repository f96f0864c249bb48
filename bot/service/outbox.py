"""MTs leave here: claimed by lease, the oldest of each person first, paced, sent side by side, settled in batches.

Rule: an MT that a STOP has cancelled does not leave, also when it was claimed already: between the last look at
`withdrawn` and the call to the provider nothing is awaited, and a STOP is acknowledged only when what was on its way to
her just then has arrived or failed. An MT is sent twice only if this process dies between the provider's answer and the
commit: its lease may run out early where the clock is set forward, so what is in hand is remembered here, too.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.core.delivery import deadline, retry_after
from bot.core.errors import OptedOutAtProvider, SendError, Unavailable, Unreachable
from bot.core.messages import MT, Purpose, Status
from bot.records import Claimed, Outcome
from bot.service.batches import Batches
from bot.service.meters import Meters
from bot.service.ports import CatalogNow, Clock, OutboxStore, Sender

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
LONGEST_SEND = timedelta(seconds=25)  # the provider's time limits, and some; a lease with less left is given back
SIDE_BY_SIDE = 64  # places of each provider: one that is silent takes none from the others
IDLE = 5.0  # seconds: leases of a server that died come free, and nobody rings for them
LONGEST_QUIET = 1.5  # seconds a STOP's acknowledgement waits: providers want theirs within two
LAST_WAIT = 8.0  # seconds that sends under way get when the server stops
LOOK_AGAIN = 0.02  # seconds between two looks at what other servers have under way
REST_AFTER_A_BUG = 1.0  # seconds

OnSettled = Callable[[Sequence[str]], Awaitable[None]]
OptedOut = Callable[[str, str, str], Awaitable[None]]


class Outbox:
    """Sends what is queued."""

    def __init__(
        self,
        store: OutboxStore,
        senders: Mapping[str, Sender],
        catalog: CatalogNow,
        clock: Clock,
        meters: Meters,
        on_opted_out: OptedOut,
        on_settled: OnSettled | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._senders = senders
        self._catalog = catalog
        self._clock = clock
        self._meters = meters
        self._on_opted_out = on_opted_out
        self._on_settled = on_settled
        self._jitter = jitter
        self._settles: Batches[Outcome, None] = Batches(self._settle)
        self._looks: Batches[MT, bool] = Batches(store.stands)
        self._due = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()
        self._places: Counter[str] = Counter()
        self._in_hand: set[str] = set()
        self._unsettled: dict[str, Outcome] = {}
        self._leaving: dict[str, set[asyncio.Future[None]]] = {}
        self._withdrawn: OrderedDict[str, float] = OrderedDict()
        self._retries: list[datetime] = []
        self._loop: asyncio.Task[None] | None = None
        self._stopping = False

    # ---- life ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to send."""
        self._settles.start()
        self._looks.start()
        self._loop = asyncio.create_task(self._run(), name="outbox")

    def start_by_hand(self) -> None:
        """Send only when `drain` is called: the sandbox's clock stands still in between."""
        self._settles.start()
        self._looks.start()

    async def close(self) -> None:
        """Claim nothing more, let what is under way end, write that down and give back the rest."""
        self._stopping = True
        self._due.set()
        if self._loop:
            await self._loop
        if self._sending:
            _, late = await asyncio.wait(self._sending, timeout=LAST_WAIT)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._looks.close()
        await self._settles.close()

    def nudge(self) -> None:
        """Look at the queue now: something was put there."""
        self._due.set()

    def withdraw(self, mt_ids: Sequence[str]) -> None:
        """Let these MTs not leave, should they be claimed already."""
        now = time.monotonic()
        self._withdrawn.update(dict.fromkeys(mt_ids, now))
        # By age and not by number: whatever was claimed before this moment has left or was given back by then.
        while self._withdrawn and now - next(iter(self._withdrawn.values())) > LEASE.total_seconds():
            self._withdrawn.popitem(last=False)

    async def until_quiet(self, msisdn: str) -> None:
        """Wait until what is on its way to her at this moment, farewells excepted, has arrived or failed."""
        if leaving := self._leaving.get(msisdn):
            await asyncio.wait(leaving, timeout=LONGEST_QUIET)
        if self._store.shared:
            with suppress(TimeoutError, Unavailable):
                async with asyncio.timeout(LONGEST_QUIET):
                    while await self._store.under_way(msisdn, self._clock()):  # noqa: ASYNC110, another server
                        await asyncio.sleep(LOOK_AGAIN)

    async def drain(self) -> None:
        """Send all that is due now, and return when it is settled."""
        while await self._claim():
            await asyncio.gather(*self._sending)

    async def _run(self) -> None:
        while not self._stopping:
            self._due.clear()
            try:
                claimed = await self._claim()
            except Unavailable as error:
                log.warning("outbox waits for the database", why=str(error))
                claimed = 0
            except Exception:  # a bug of ours, and farewells must leave all the same
                log.exception("claiming failed")
                await asyncio.sleep(REST_AFTER_A_BUG)
                claimed = 0
            if not claimed and not self._stopping:
                await self._rest()

    async def _rest(self) -> None:
        """Sleep until somebody nudges, or the next retry is due."""
        now = self._clock()
        self._retries = [at for at in self._retries if at > now]
        seconds = min([IDLE, *((at - now).total_seconds() for at in self._retries)])
        try:
            async with asyncio.timeout(max(seconds, 0.01)):
                await self._due.wait()
        except TimeoutError:
            pass

    # ---- sending ------------------------------------------------------------------------------------------

    async def _claim(self) -> int:
        """Claim for each provider as many as it has free places, and set each on its way."""
        numbers: dict[str, dict[str, float | None]] = {}
        for number in self._catalog().numbers.values():
            if number.provider in self._senders and self._senders[number.provider].can_send:
                numbers.setdefault(number.provider, {})[number.number] = number.pace
        return sum([await self._claim_for(provider, theirs) for provider, theirs in numbers.items()])

    async def _claim_for(self, provider: str, numbers: Mapping[str, float | None]) -> int:
        free = SIDE_BY_SIDE - self._places[provider]
        if free <= 0:
            return 0
        claimed = await self._store.claim(numbers, self._clock(), LEASE, free)
        claimed = [each for each in claimed if each.mt.id not in self._in_hand]
        for each in claimed:
            if each.ask_at:  # a slow number's backlog must not take every place from the others
                self._retries.append(each.ask_at)
                continue
            self._places[provider] += 1
            self._in_hand.add(each.mt.id)
            task = asyncio.create_task(self._deliver(each))
            self._sending.add(task)
            task.add_done_callback(partial(self._delivered, provider, each.mt.id))
        return len(claimed)

    def _delivered(self, provider: str, mt_id: str, task: asyncio.Task[None]) -> None:
        self._places[provider] -= 1
        self._in_hand.discard(mt_id)
        self._sending.discard(task)
        self._due.set()  # a place is free, and this person's next text may leave
        # Without the database its batch has said so, once for all.
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, Unavailable):
            log.error("settling failed", exc_info=error)

    async def _deliver(self, claimed: Claimed) -> None:
        mt = claimed.mt
        number = self._catalog().numbers.get(mt.number)
        await asyncio.sleep(claimed.wait)
        if mt.purpose is Purpose.FAREWELL:  # the last she hears of us
            await self.until_quiet(mt.msisdn)
        if self._store.shared and not await self._looks.put(mt):
            self.withdraw([mt.id])  # by another server: it took her STOP
        outcome = self._refused(claimed) or await self._send(claimed, number.provider if number else "")
        if outcome.retry_at:
            self._retries.append(outcome.retry_at)
        if outcome.status is Status.WIRED:  # gone: should the database not take that down, it is not sent again
            self._unsettled[mt.id] = outcome
        await self._settles.put(outcome)
        self._unsettled.pop(mt.id, None)
        if outcome.provider_ref and self._on_settled:
            await self._on_settled((outcome.mt.id, outcome.provider_ref))

    def _refused(self, claimed: Claimed) -> Outcome | None:
        """Tell why an MT must not leave now; None if it may. Nothing is awaited between this and the call."""
        mt, now = claimed.mt, self._clock()
        if mt.id in self._unsettled:
            return self._unsettled[mt.id]
        if claimed.fault:
            log.error("a text cannot be sent", mt=mt.id, why=claimed.fault)
            return Outcome(mt, Status.FAILED, now, claimed.attempts, error=claimed.fault)
        if mt.id in self._withdrawn:
            return Outcome(mt, Status.CANCELLED, now, claimed.attempts, error="cancelled by a STOP")
        if not claimed.allowed:
            return Outcome(mt, Status.CANCELLED, now, claimed.attempts, error="she does not want it any more")
        if now - mt.at > deadline(mt.purpose):
            return Outcome(mt, Status.EXPIRED, now, claimed.attempts, error="too late to be sent")
        if claimed.until - now < LONGEST_SEND or self._stopping:
            return Outcome(mt, Status.QUEUED, now, claimed.attempts, retry_at=now)
        return None

    async def _send(self, claimed: Claimed, provider: str) -> Outcome:
        mt, attempt = claimed.mt, claimed.attempts + 1
        began = time.perf_counter()
        try:
            with self._under_way(mt):
                sent = await self._senders[provider].send(mt)
        except SendError as error:
            return await self._failed(mt, provider, attempt, error)
        except Exception:  # our bug or a provider's surprise: the text is not lost for it
            log.exception("sending raised", mt=mt.id, provider=provider)
            return await self._failed(mt, provider, attempt, Unreachable("sending this text raised an error"))
        finally:
            self._meters.send.observe(time.perf_counter() - began)
        self._meters.sends(provider, "wired").inc()
        return Outcome(mt, Status.WIRED, self._clock(), attempt, sent.ref)

    @contextmanager
    def _under_way(self, mt: MT) -> Iterator[None]:
        if mt.purpose is Purpose.FAREWELL:
            yield
            return
        leaving = self._leaving.setdefault(mt.msisdn, set())
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        leaving.add(gone)
        try:
            yield
        finally:
            gone.set_result(None)
            leaving.discard(gone)
            if not leaving:
                self._leaving.pop(mt.msisdn, None)

    async def _failed(self, mt: MT, provider: str, attempt: int, error: SendError) -> Outcome:
        """Decide what becomes of an MT that did not go: tried again, or given up, and who must hear of it."""
        now = self._clock()
        self._meters.sends(provider, type(error).__name__.lower()).inc()
        if error.alert:
            log.error("sending needs a person", provider=provider, number=mt.number, why=error.why)
        if isinstance(error, OptedOutAtProvider):
            await self._on_opted_out(mt.msisdn, mt.number, error.why)
        wait = retry_after(error, attempt, self._jitter())
        if wait is None:
            return Outcome(mt, Status.FAILED, now, attempt, error=error.why)
        retry_at = now + timedelta(seconds=wait)
        if retry_at - mt.at > deadline(mt.purpose):
            return Outcome(mt, Status.EXPIRED, now, attempt, error=error.why)
        return Outcome(mt, Status.QUEUED, now, attempt, error=error.why, retry_at=retry_at)

    async def _settle(self, outcomes: Sequence[Outcome]) -> list[None]:
        while True:
            try:
                await self._store.settle(outcomes)
            except Unavailable as error:
                log.warning("outbox waits for the database", why=str(error), outcomes=len(outcomes))
                if self._stopping:
                    raise
                await asyncio.sleep(1)
                continue
            for outcome in outcomes:
                self._withdrawn.pop(outcome.mt.id, None)
            return [None] * len(outcomes)
