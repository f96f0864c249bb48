"""What one arrival comes to, told as plainly as it can be: no batches, no tasks, no database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from bot.core.ledger import Event
from bot.core.state import PENDING, SUBSCRIBED, UNSUBSCRIBED
from bot.records import Reading
from model.steps import DAY, IN, Steps
from model.versions import SAYINGS

WEEK = timedelta(days=7)


class Turn(Steps):
    """One arrival."""

    def text(self, text: str) -> Reading:
        """She texts. STOP before everything, then HELP, the open question, START, a keyword, and the rest."""
        kind, name = SAYINGS[text]
        asked, mine = self._asked(), [key for key in self.here if self.person.place(key).state == SUBSCRIBED]
        match kind:
            case "stop all" | "stop one" | "stop":
                self._stop(kind, name)
            case "help":
                self.say("help", self._about())
            case "yes" if asked:
                self.move(asked, "confirm")
            case "no" if asked:
                self.move(asked, "decline")
            case "start":
                self._start(asked, mine)
            case "keyword" if name in self.here:
                self.move(name, "join")
            case "reply":
                self.say(f"replies.{name}")
            case "maybe stop":
                return self._unknown(maybe_stop=True)
            case _ if self.talk.why and self.at - self.talk.why[1] <= WEEK:
                self._answer(self.talk.why[0])
            case "yes" if mine:
                self.move(mine[0], "confirm")
            case _:
                return self._unknown(maybe_stop=kind == "no")
        return Reading.TAKEN

    def ring(self, program: str, kind: str) -> None:
        """A timer rings, and is gone. Nobody is reminded while a text of hers may have been a STOP."""
        del self.person.timers[program, kind]
        if kind == "expire" or (program in self.catalog.programs and not self.person.hold):
            self.move(program, kind)

    def out(self, event: str) -> None:
        """She has opted out another way than by SMS (`stop`), or a provider says that she has (`block`)."""
        ends = self._ends_here()
        for program in ends:
            self.move(program, event)
        self.void(ends, self.number)

    # ---- leaving ------------------------------------------------------------------------------------------

    def _stop(self, kind: str, program: str) -> None:
        """What waits is void first; "STOP CLUB" is a plain STOP where there is no such program."""
        if kind == "stop one" and program in self.here:
            self.void([program])
            self._leave([program], one=True)
        elif kind == "stop all" or self.catalog.stop_scope == "all":
            self.person.suppressed |= kind == "stop all"
            self.void(everything=True)
            self._leave(_each_once(self.catalog.programs, sorted(self.person.places)))
        else:
            ends = self._ends_here()
            self.void(ends, self.number)
            self._leave(ends)

    def _ends_here(self) -> list[str]:
        """This number's programs, and what she is or was in through it although the file has moved it."""
        moved = sorted(key for key, place in self.person.places.items() if place.number == self.number)
        return _each_once(self.here, moved)

    def _leave(self, ends: list[str], *, one: bool = False) -> None:
        """Out of these, with one farewell; where she was out of all of them, once in 24 hours."""
        ended = [key for key in ends if self.person.place(key).state in IN]
        was_out = all(self.person.place(key).state == UNSUBSCRIBED for key in ends)
        for program in ends:
            self.move(program, "stop")
        self.person.hold = False
        if was_out and self.within(self.talk.farewell_at, DAY):
            return
        if self.say("farewell_one" if one and self._in_here() else "farewell"):
            self.talk.farewell_at = self.at
            known = (self.catalog.programs[key] for key in ended if key in self.catalog.programs)
            asks_why = [program.key for program in known if program.survey]
            if asks_why:
                self.talk.why = (asks_why[0], self.at)

    # ---- joining and the rest -----------------------------------------------------------------------------

    def _asked(self) -> str | None:
        """The program whose question is open here; of several, the one asked last."""
        places = self.person.places.items()
        pending = [(place.asked, key) for key, place in places if (place.state, place.number) == (PENDING, self.number)]
        return max((each for each in pending if each[1] in self.catalog.programs), default=(0, None))[1]

    def _start(self, asked: str | None, mine: list[str]) -> None:
        """Yes to the open question, else back to what the last STOP here ended, else into the only program."""
        places = {key: self.person.place(key) for key in self.catalog.programs}
        ended = {key: place.left_at for key, place in places.items()
                 if place.state == UNSUBSCRIBED and place.left_on == self.number}  # fmt: skip
        last = [key for key, at in ended.items() if at == max(ended.values())]
        only = list(self.here) if len(self.here) == 1 else []
        programs = [asked] if asked else last or mine[:1] or only
        for program in programs:
            self.move(program, "start")
        if not programs:
            self.say("help")

    def _answer(self, program: str) -> None:
        """Why she left: whatever she writes now."""
        self.talk.why = None
        self.person.ledger.append((Event.REASON, program, self.catalog.digest))
        if program in self.catalog.programs and "thanks" in self.catalog.programs[program].texts:
            self.say("thanks", program)

    def _unknown(self, *, maybe_stop: bool) -> Reading:
        """Kept for a person to read, and answered once in 24 hours."""
        held, self.person.hold = self.person.hold, self.person.hold or maybe_stop
        if self.within(self.talk.unknown_at, DAY) or (maybe_stop and held):
            return Reading.UNREAD
        if self.say("unclear" if maybe_stop and self._in_here() else "unknown", self._about()):
            self.talk.unknown_at = self.at
        return Reading.UNREAD

    def _in_here(self) -> list[str]:
        return [key for key in self.here if self.person.place(key).state in IN]

    def _about(self) -> str | None:
        """The program that a reply is about: the one she is in here, else the number's only one."""
        mine = self._in_here()
        return mine[0] if len(mine) == 1 else self.here[0] if len(self.here) == 1 else None


def _each_once(*lists: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for names in lists for name in names))
