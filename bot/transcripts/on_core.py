"""The pure core as a stage: turns only, the person dumped and loaded between them, the timers kept here."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime

from bot.core.catalog import Catalog
from bot.core.effects import CancelQueued, DropWake, Send, SetWake, WakeKind
from bot.core.messages import MO, MT
from bot.core.state import Snapshot, dump, load
from bot.draft import Turn
from bot.transcripts.play import HandClock
from bot.transcripts.writing import Happening, happenings
from bot.turn import take_block, take_read, take_turn, take_wake

Play = Callable[[Snapshot, Catalog, datetime], Turn]


class CoreStage:
    """What a server would do around the core, in memory and at once."""

    def __init__(self, catalog: Catalog) -> None:
        self.clock = HandClock()
        self._catalog = catalog
        self._people: dict[str, bytes] = {}
        self._seen: set[str] = set()
        self._wakes: dict[tuple[str, str, WakeKind], SetWake] = {}
        self._outbox: deque[MT] = deque()
        self._refuses = False
        self._left: MT | None = None

    async def take(self, mo: MO) -> list[Happening]:
        """Take its turn, unless it was seen before."""
        if mo.ref in self._seen:
            return []
        self._seen.add(mo.ref)
        return self._turn(mo.msisdn, lambda *seen: take_turn(mo, *seen))

    async def wait(self, until: datetime) -> list[list[Happening]]:
        """Ring timer after timer."""
        moments = []
        while due := [key for key, wake in self._wakes.items() if wake.at <= until]:
            key = min(due, key=lambda key: self._wakes[key].at)
            msisdn, wake = key[0], self._wakes.pop(key)
            self.clock.at = max(self.clock.at, wake.at)
            moments.append(self._turn(msisdn, _ringing(wake)))
        self.clock.at = until
        return moments

    async def report(self) -> list[Happening]:
        """Take the turn of a block."""
        return self._block(self._left, "reports it") if self._left else []

    async def read(self, mo: MO) -> list[Happening]:
        """Take the turn of a person's reading."""
        return self._turn(mo.msisdn, lambda *seen: take_read(mo.number, *seen))

    def refuse(self) -> None:
        """Refuse the next MT."""
        self._refuses = True

    async def change(self, catalog: Catalog) -> None:
        """Put another catalog in force."""
        self._catalog = catalog

    def _turn(self, msisdn: str, play: Play) -> list[Happening]:
        person = load(self._people[msisdn]) if msisdn in self._people else Snapshot(msisdn)
        turn = play(person, self._catalog, self.clock())
        self._people[msisdn] = dump(turn.snapshot)
        for effect in turn.effects:
            match effect:
                case SetWake(program, kind):
                    self._wakes[msisdn, program, kind] = effect
                case DropWake(program):
                    self._wakes = {key: wake for key, wake in self._wakes.items() if key[:2] != (msisdn, program)}
                case CancelQueued():
                    self._outbox = deque(mt for mt in self._outbox if mt.msisdn != msisdn or not effect.covers(mt))
                case Send(mt):
                    self._outbox.append(mt)
        return [each for each in happenings(turn) if not isinstance(each, MT)] + self._drain()

    def _drain(self) -> list[Happening]:
        """Let what is queued leave."""
        happened: list[Happening] = []
        while self._outbox:
            mt = self._outbox.popleft()
            if self._refuses:
                self._refuses = False
                happened += self._block(mt, "refuses it")
            else:
                self._left = mt
                happened.append(mt)
        return happened

    def _block(self, mt: MT, why: str) -> list[Happening]:
        return self._turn(mt.msisdn, lambda *seen: take_block(mt.number, why, *seen))


def _ringing(wake: SetWake) -> Play:
    return lambda *seen: take_wake(wake.program, wake.kind, wake.number, *seen)
