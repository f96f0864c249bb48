"""Every change to a person passes here, one batch after another: MOs, timers, carriers' notices, the console's word.

A batch is one transaction: loaded in a few statements, its turns taken in memory in order of arrival, written. Rule: an
MO is acknowledged only after that; delivered twice, it is answered once. A turn that raises is a bug of ours: it is
rolled back alone, its MO is kept for replay, and a STOP is obeyed all the same.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence, Set
from dataclasses import dataclass as open_dataclass
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from functools import partial

import structlog

from bot.core.catalog import Catalog
from bot.core.effects import CancelQueued, DropWake, KeepForPerson, Send, SetWake
from bot.core.messages import MO, Flag, storable
from bot.core.state import Snapshot
from bot.core.understand import understand
from bot.core.understanding import NOTHING_OPEN, Intent
from bot.core.values import dataclass, replace
from bot.draft import Cause, Turn
from bot.records import Known, Reading, Record, Wake, Wanted
from bot.service.batches import Batches
from bot.service.meters import Meters
from bot.service.ports import CatalogNow, Clock, TurnStore
from bot.turn import take_block, take_opt_out, take_read, take_turn, take_wake

log = structlog.get_logger()

Timer = tuple[str, str, str]
ANY = ""

Play = Callable[[Snapshot, Catalog, datetime], Turn]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One thing to do for one person: what it must know first, and its turn."""

    wanted: Wanted
    play: Play
    mo: MO | None = None
    read: str | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """What a batch left behind, for those who must know at once."""

    cancelled: Sequence[str]
    sends: bool
    next_wake: datetime | None


class Answer(StrEnum):
    """What became of an arrival: seen before (or a timer that no longer stands), taken, or taken and it cancels MTs."""

    SEEN = "seen"
    TAKEN = "taken"
    STOPS = "stops"


@open_dataclass(slots=True)
class Taken:
    """What came of a batch: the answer to each arrival, what is to be written, and the timers that have changed, as
    (msisdn, program, kind) where one was set or rung, and with the kind ANY where all were dropped."""

    answers: list[Answer] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    timers: set[Timer] = field(default_factory=set)


class Inbox:
    """Takes arrivals, and answers each when it is on disk: whether it was new."""

    def __init__(
        self,
        store: TurnStore,
        catalog: CatalogNow,
        clock: Clock,
        meters: Meters,
        on_saved: Callable[[Saved], None],
        until_quiet: Callable[[str], Awaitable[None]],
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._clock = clock
        self._meters = meters
        self._on_saved = on_saved
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
        new = await self._take_in(Arrival(Wanted(mo.msisdn, mo.ref), partial(take_turn, mo), mo))
        self._meters.ack.observe(time.perf_counter() - began)
        self._meters.mos(mo.provider, "accepted" if new else "duplicate").inc()
        return new

    async def take_stray(self, mo: MO) -> bool:
        """Answer an MO that keywords.yaml has no place for: a STOP is obeyed all the same, without a word.

        Return False if it was no STOP: then it is nobody's.
        """
        mo = _storable(mo)
        if not _is_stop(mo, self._catalog()):
            return False
        cause = Cause("mo", mo.ref, "keyword", mo.ref)
        await self._take_in(Arrival(Wanted(mo.msisdn, mo.ref), partial(take_opt_out, mo.number, cause), mo))
        return True

    async def ring(self, wake: Wake) -> bool:
        """Let a timer ring, if it still stands as it was set."""
        play = partial(take_wake, wake.program, wake.kind, wake.number)
        return await self._batches.put(Arrival(Wanted(wake.msisdn, wake=wake), play)) is not Answer.SEEN

    async def block(self, msisdn: str, number: str, why: str) -> None:
        """Obey a carrier or provider that says she has opted out of this number."""
        await self._batches.put(Arrival(Wanted(msisdn), partial(take_block, number, why)))

    async def opt_out(self, msisdn: str, number: str, source: str) -> None:
        """Record an opt-out that came another way than by SMS."""
        cause = Cause(source, f"{msisdn}|{number}|{source}", source)
        await self._take_in(Arrival(Wanted(msisdn), partial(take_opt_out, number, cause)))

    async def read(self, msisdn: str, number: str, ref: str) -> None:
        """Note that a person has read a text nobody understood."""
        await self._batches.put(Arrival(Wanted(msisdn), partial(take_read, number), read=ref))

    async def _take_in(self, arrival: Arrival) -> bool:
        """Take an arrival; one that stops texts is done when what was on its way to her just then is over, too."""
        answer = await self._batches.put(arrival)
        if answer is Answer.STOPS:
            await self._until_quiet(arrival.wanted.msisdn)
        return answer is not Answer.SEEN

    # ---- a batch ------------------------------------------------------------------------------------------

    async def _take(self, arrivals: Sequence[Arrival]) -> list[Answer]:
        began, taken = time.perf_counter(), Taken()
        wanted = [arrival.wanted for arrival in arrivals]
        cancelled = await self._store.take(wanted, partial(self._turns, arrivals, taken))
        self._on_saved(_saved(taken.records, cancelled))
        self._meters.batch.observe(len(arrivals))
        self._meters.commit.observe(time.perf_counter() - began)
        return taken.answers

    def _turns(self, arrivals: Sequence[Arrival], taken: Taken, known: Known) -> list[Record]:
        """Take the turns in memory, each from what the one before has left. Runs on the store's own thread."""
        catalog = self._catalog()
        people, seen = dict(known.people), set(known.seen)
        for arrival in arrivals:
            wanted = arrival.wanted
            message = (wanted.msisdn, wanted.ref or "")
            new = message not in seen and _stands(wanted.wake, known, taken.timers)
            if not new:
                taken.answers.append(Answer.SEEN)
                continue
            if wanted.ref:
                seen.add(message)
            record = self._record(arrival, people[wanted.msisdn], catalog)
            taken.records.append(record)
            taken.answers.append(Answer.STOPS if _stops(record) else Answer.TAKEN)
            taken.timers.update(_timers_of(record))
            if record.turn:
                people[wanted.msisdn] = record.turn.snapshot
        return taken.records

    def _record(self, arrival: Arrival, person: Snapshot, catalog: Catalog) -> Record:
        now = self._clock()
        msisdn, wake = arrival.wanted.msisdn, arrival.wanted.wake
        try:
            turn = arrival.play(person, catalog, now)
        except Exception:
            return self._failed(arrival, person, catalog, now)
        if arrival.mo:
            self._meters.turns(turn.trace.intent).inc()
        unread = any(isinstance(effect, KeepForPerson) for effect in turn.effects)
        reading = Reading.UNREAD if unread else Reading.TAKEN
        return Record(msisdn, person, turn, now, arrival.mo, reading, wake, read=arrival.read)

    def _failed(self, arrival: Arrival, person: Snapshot, catalog: Catalog, now: datetime) -> Record:
        """Keep what our bug left undone; the bare opt-out does not depend on what went wrong."""
        self._meters.failures.inc()
        log.exception("turn failed", msisdn=arrival.wanted.msisdn, ref=arrival.wanted.ref)
        error = traceback.format_exc(limit=-8)
        mo = arrival.mo
        turn = _bare_opt_out(mo, person, catalog, now) if mo else None
        return Record(
            arrival.wanted.msisdn, person, turn, now, mo, Reading.FAILED, arrival.wanted.wake, error, arrival.read
        )


def _stands(wake: Wake | None, known: Known, changed: Set[Timer]) -> bool:
    """Tell whether a timer is still as it was set, in the database and by the turns since."""
    if wake is None:
        return True
    names = {(wake.msisdn, wake.program, kind) for kind in (wake.kind, ANY)}
    return wake in known.standing and changed.isdisjoint(names)


def _stops(record: Record) -> bool:
    return record.turn is not None and any(isinstance(effect, CancelQueued) for effect in record.turn.effects)


def _timers_of(record: Record) -> Iterator[Timer]:
    if record.wake:
        yield record.msisdn, record.wake.program, record.wake.kind
    for effect in record.turn.effects if record.turn else ():
        match effect:
            case SetWake(program, kind):
                yield record.msisdn, program, kind
            case DropWake(program):
                yield record.msisdn, program, ANY


def _storable(mo: MO) -> MO:
    text = storable(mo.text)
    return mo if text == mo.text else replace(mo, text=text)


def _bare_opt_out(mo: MO, person: Snapshot, catalog: Catalog, now: datetime) -> Turn | None:
    try:
        if _is_stop(mo, catalog):
            return take_opt_out(mo.number, Cause("mo", mo.ref, "keyword", mo.ref), person, catalog, now)
    except Exception:
        log.exception("opt-out failed", msisdn=mo.msisdn, ref=mo.ref)
    return None


def _is_stop(mo: MO, catalog: Catalog) -> bool:
    said = understand(mo.text, catalog.vocabulary(mo.number), NOTHING_OPEN).intent
    return mo.flag is Flag.STOP or said in (Intent.STOP, Intent.STOP_ALL)


def _saved(records: Sequence[Record], cancelled: Sequence[str]) -> Saved:
    effects = [effect for record in records if record.turn for effect in record.turn.effects]
    wakes = [effect.at for effect in effects if isinstance(effect, SetWake)]
    return Saved(cancelled, any(isinstance(effect, Send) for effect in effects), min(wakes, default=None))
