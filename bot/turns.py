"""A batch of turns: what has arrived, taken in memory in order of arrival, each turn from what the one before has left.

Everything here is plain values and functions of them, so that a batch can be taken on any thread and in any process.
A turn that raises is a bug of ours: it is rolled back alone, its MO is kept for replay, and a STOP is obeyed all the
same.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass as open_dataclass
from dataclasses import field
from datetime import datetime

from bot.core.catalog import Catalog
from bot.core.effects import CancelQueued, DropWake, KeepForPerson, Send, SetWake
from bot.core.messages import MO, Flag
from bot.core.state import Snapshot
from bot.core.understand import understand
from bot.core.understanding import NOTHING_OPEN, Intent
from bot.core.values import dataclass, replace
from bot.draft import MICROSECOND, Cause, Turn
from bot.records import Answer, Failure, Known, Reading, Record, Taken, Wake, Wanted
from bot.turn import take_block, take_opt_out, take_read, take_turn, take_wake

Timer = tuple[str, str, str]
ANY = ""


@dataclass(frozen=True, slots=True)
class Text:
    """An MO. `at`, here and below: when it came to us."""

    mo: MO
    at: datetime

    @property
    def wanted(self) -> Wanted:
        """Tell what its turn must know."""
        return Wanted(self.mo.msisdn, self.mo.ref)

    def play(self, person: Snapshot, catalog: Catalog) -> Turn:
        """Take its turn."""
        return take_turn(self.mo, person, catalog, self.at)


@dataclass(frozen=True, slots=True)
class Stray(Text):
    """A STOP to a number that keywords.yaml has no place for."""

    def play(self, person: Snapshot, catalog: Catalog) -> Turn:
        """Opt her out without a word."""
        return take_opt_out(self.mo.number, _cause(self.mo), person, catalog, self.at)


@dataclass(frozen=True, slots=True)
class Ring:
    """A timer that rings."""

    wake: Wake
    at: datetime

    @property
    def wanted(self) -> Wanted:
        """Tell what its turn must know."""
        return Wanted(self.wake.msisdn, wake=self.wake)

    def play(self, person: Snapshot, catalog: Catalog) -> Turn:
        """Take its turn."""
        return take_wake(self.wake.program, self.wake.kind, self.wake.number, person, catalog, self.at)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about a person on one of our numbers that she did not text."""

    msisdn: str
    number: str
    at: datetime

    @property
    def wanted(self) -> Wanted:
        """Tell what its turn must know."""
        return Wanted(self.msisdn)


@dataclass(frozen=True, slots=True)
class Block(Notice):
    """A carrier or provider says that she has opted out of a number."""

    why: str

    def play(self, person: Snapshot, catalog: Catalog) -> Turn:
        """Obey."""
        return take_block(self.number, self.why, person, catalog, self.at)


@dataclass(frozen=True, slots=True)
class OptOut(Notice):
    """An opt-out that came another way than by SMS."""

    source: str

    def play(self, person: Snapshot, catalog: Catalog) -> Turn:
        """Opt her out without a word."""
        cause = Cause(self.source, f"{self.msisdn}|{self.number}|{self.source}", self.source)
        return take_opt_out(self.number, cause, person, catalog, self.at)


@dataclass(frozen=True, slots=True)
class Seen(Notice):
    """Somebody has read a text that nobody understood."""

    ref: str

    def play(self, person: Snapshot, catalog: Catalog) -> Turn:
        """Note it."""
        return take_read(self.number, person, catalog, self.at)


Arrival = Text | Ring | Block | OptOut | Seen
"""One thing to do for one person. Plain values: they go to another process."""


def _cause(mo: MO) -> Cause:
    return Cause("mo", mo.ref, "keyword", mo.ref)


@dataclass(frozen=True, slots=True)
class Turns:
    """A batch that waits for what it must know."""

    arrivals: Sequence[Arrival]
    catalog: Catalog

    @property
    def wanted(self) -> list[Wanted]:
        """List what the turns must know."""
        return [arrival.wanted for arrival in self.arrivals]

    def take(self, known: Known) -> tuple[list[Record], Taken]:
        """Take them; return what is to be written, and what to tell those who wait when it is."""
        batch = _Batch(self.catalog, known)
        for arrival in self.arrivals:
            batch.take(arrival)
        return batch.records, batch.taken()


def is_stop(mo: MO, catalog: Catalog) -> bool:
    """Tell whether an MO means STOP by itself, whatever is open in its conversation."""
    said = understand(mo.text, catalog.vocabulary(mo.number), NOTHING_OPEN).intent
    return mo.flag is Flag.STOP or said in (Intent.STOP, Intent.STOP_ALL)


@open_dataclass(slots=True)
class _Batch:
    catalog: Catalog
    known: Known
    people: dict[str, Snapshot] = field(init=False)
    seen: set[tuple[str, str]] = field(init=False)
    timers: set[Timer] = field(default_factory=set)
    """Those that have changed, as (msisdn, program, kind); with the kind ANY where all were dropped."""
    answers: list[Answer] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.people, self.seen = dict(self.known.people), set(self.known.seen)

    def take(self, arrival: Arrival) -> None:
        """Take one turn, unless its MO was seen before or its timer no longer stands."""
        wanted = arrival.wanted
        message = (wanted.msisdn, wanted.ref or "")
        if message in self.seen or not _stands(wanted.wake, self.known, self.timers):
            self.answers.append(Answer.SEEN)
            return
        if wanted.ref:
            self.seen.add(message)
        record = self._record(arrival, wanted)
        self.records.append(record)
        self.answers.append(Answer.STOPS if _stops(record) else Answer.TAKEN)
        self.timers.update(_timers_of(record))
        if record.turn:
            self.people[wanted.msisdn] = record.turn.snapshot

    def taken(self) -> Taken:
        """Tell what came of all of them; what the store cancels, it adds itself."""
        turns = [record.turn for record in self.records if record.turn]
        wakes = [effect.at for turn in turns for effect in turn.effects if isinstance(effect, SetWake)]
        return Taken(
            self.answers,
            sends=any(isinstance(effect, Send) for turn in turns for effect in turn.effects),
            next_wake=min(wakes, default=None),
            intents=Counter(str(record.turn.trace.intent) for record in self.records if record.mo and record.turn),
            failures=self.failures,
        )

    def _record(self, arrival: Arrival, wanted: Wanted) -> Record:
        person = self.people[wanted.msisdn]
        arrival = _not_before(arrival, person)
        mo = arrival.mo if isinstance(arrival, Text) else None
        read = arrival.ref if isinstance(arrival, Seen) else None
        turn: Turn | None
        try:
            if fault := self.known.faults.get(wanted.msisdn):
                raise ValueError(f"her rows could not be read, and are written anew: {fault}")
            turn = arrival.play(person, self.catalog)
        except Exception:
            error = self._failed(wanted)
            turn = self._bare_opt_out(mo, person, arrival.at) if mo else None
            return Record(wanted.msisdn, person, turn, arrival.at, mo, Reading.FAILED, wanted.wake, error, read)
        unread = any(isinstance(effect, KeepForPerson) for effect in turn.effects)
        reading = Reading.UNREAD if unread else Reading.TAKEN
        return Record(wanted.msisdn, person, turn, arrival.at, mo, reading, wanted.wake, None, read)

    def _bare_opt_out(self, mo: MO, person: Snapshot, at: datetime) -> Turn | None:
        """Obey a STOP whose turn raised; this does not depend on what went wrong."""
        try:
            return take_opt_out(mo.number, _cause(mo), person, self.catalog, at) if is_stop(mo, self.catalog) else None
        except Exception:
            self._failed(Wanted(mo.msisdn, mo.ref))
            return None

    def _failed(self, wanted: Wanted) -> str:
        error = traceback.format_exc(limit=-8)
        self.failures.append(Failure(wanted.msisdn, wanted.ref, error))
        return error


def _not_before(arrival: Arrival, person: Snapshot) -> Arrival:
    """Let a text come after the last one she was sent: the clock may have been set back while nobody served."""
    talk = person.conversations.get(arrival.mo.number) if isinstance(arrival, Text) else None
    if talk is None or not talk.sent or arrival.at > talk.sent[-1]:
        return arrival
    return replace(arrival, at=talk.sent[-1] + MICROSECOND)


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
