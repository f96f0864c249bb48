"""What a turn can do to a person: take her a step in the table, say something, void what waits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.core.catalog import Catalog
from bot.core.ledger import Event
from bot.core.messages import Purpose, Status, mt_id
from bot.core.state import PENDING, SUBSCRIBED, UNSUBSCRIBED
from model.people import Person, Place, Said
from model.table import row_for

DAY, TEN_MINUTES = timedelta(hours=24), timedelta(minutes=10)
ASKS_A_DAY, TOLD_IN_TEN_MINUTES = 3, 10
IN = (PENDING, SUBSCRIBED)
PURPOSES = {"reminder": Purpose.REMINDER, "farewell": Purpose.FAREWELL, "farewell_one": Purpose.FAREWELL}


class Steps:
    """One arrival on one number at one moment. `cause` is what its MTs are named after."""

    def __init__(self, person: Person, catalog: Catalog, number: str, at: datetime, cause: str) -> None:
        self.person, self.catalog, self.number, self.at, self.cause = person, catalog, number, at, cause
        self.talk = person.talk(number)
        self.here = catalog.numbers[number].programs
        self.said = 0

    def move(self, program: str, event: str) -> None:
        """Find her place's row in the table, and do what it says."""
        place, known = self.person.place(program), self.catalog.programs.get(program)
        asks = sum(self.within(at, DAY) for at in self.person.asks)
        row = row_for(place.state, event, {
            "single": known is not None and known.opt_in == "single", "confirmed": place.confirmed,
            "room": asks < ASKS_A_DAY and not self.told_enough(), "left": place.left_at is not None,
        })  # fmt: skip
        if row is None:
            return
        was, place.state = place.state, row.to
        self.person.places[program] = place
        if was == UNSUBSCRIBED and self.talk.why and self.talk.why[0] == program:
            self.talk.why = None
        if row.says:
            self.say(row.says, program)
        if row.notes:
            self._note(row.notes, program, place, was)

    def _note(self, event: Event, program: str, place: Place, was: str) -> None:
        """Write in the ledger. What is asked has timers; whatever else becomes of a question ends them."""
        self.person.ledger.append((event, program, self.catalog.digest))
        for key in [key for key in self.person.timers if key[0] == program and event is not Event.ASKED]:
            del self.person.timers[key]
        match event:
            case Event.ASKED:
                self.person.asks.append(self.at)
                self.person.suppressed = False
                place.number, place.asked = self.number, len(self.person.asks)
                self._set_timers(program, again=was == PENDING)
            case Event.OPTED_IN:
                self.person.suppressed = self.person.hold = False
                place.number, place.confirmed, place.left_at, place.left_on = self.number, True, None, ""
            case Event.OPTED_OUT | Event.CARRIER_BLOCKED:
                place.left_at, place.left_on = self.at, self.number if was in IN else ""

    def _set_timers(self, program: str, *, again: bool) -> None:
        """The time to answer begins anew with each question; the reminder comes once."""
        settings = self.catalog.programs[program]
        after = {"expire": settings.confirm_within, "remind": None if again else settings.remind_after}
        for kind, delay in after.items():
            if delay:
                self.person.timers[program, kind] = (program, kind, self.number, self.at + delay)

    def say(self, key: str, program: str | None = None) -> bool:
        """Make an MT, unless she was sent ten on this number in ten minutes."""
        if self.told_enough():
            return False
        texts = self.catalog.programs[program].texts if program in self.catalog.programs else {}
        self.person.mts.append(Said(
            mt_id(self.at, self.cause, self.said), self.person.msisdn, self.number, key, program,
            PURPOSES.get(key, Purpose.REPLY), texts[key].words["fr"] if key in texts else "",
        ))  # fmt: skip
        self.said += 1
        self.talk.told.append(self.at)
        return True

    def told_enough(self) -> bool:
        """Tell whether this looks like one machine talking to another."""
        return sum(self.within(at, TEN_MINUTES) for at in self.talk.told) >= TOLD_IN_TEN_MINUTES

    def within(self, at: datetime | None, time: timedelta) -> bool:
        """Tell whether something happened less than this time ago."""
        return at is not None and self.at - at < time

    def void(self, programs: Iterable[str] = (), number: str = "", *, everything: bool = False) -> None:
        """Nothing that waits may leave: of these programs, on this number, or at all. Farewells may."""
        for mt in self.person.mts:
            covered = everything or mt.number == number or mt.program in programs
            if mt.status is Status.QUEUED and mt.purpose is not Purpose.FAREWELL and covered:
                mt.status, mt.void = Status.CANCELLED, True
