"""Playing a transcript: each thing that is done, done on a stage, and what came of it written below it.

Rule: everything a stage must do is in its Protocol, so that the pure core, the server's parts and a whole server behind
HTTP are played by the same lines. Every text takes one second, so "~ 24 hours" is a day and a moment after the text
above it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Protocol

from bot.core.catalog import Catalog
from bot.core.errors import ConfigError
from bot.core.messages import MO, Flag
from bot.transcripts.script import Again, Flagged, Keywords, Pass, Read, Refuse, Report, Script, Step, Text
from bot.transcripts.writing import PERSON, Cast, Happening, answered, written

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""When every transcript begins: a Monday morning."""

SECOND = timedelta(seconds=1)

LoadKeywords = Callable[[str | None], Catalog]
"""Loads the keywords file that a transcript names, None for the usual one; raises ConfigError if it is no good."""


@dataclass(slots=True)
class HandClock:
    """A clock that only moves when it is told to."""

    at: datetime = BEGIN

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.at


class Stage(Protocol):
    """Where a transcript is played. Each call returns what happened, in order; moments are lists of their own."""

    clock: HandClock

    async def take(self, mo: MO) -> list[Happening]:
        """Deliver an MO, and let what it leads to leave."""
        ...

    async def wait(self, until: datetime) -> list[list[Happening]]:
        """Move the clock, and let every timer on the way ring at its own moment."""
        ...

    async def report(self) -> list[Happening]:
        """Report that the last MT was not delivered because she has opted out at the provider."""
        ...

    async def read(self, mo: MO) -> list[Happening]:
        """Let a person of ours read an MO that nobody understood."""
        ...

    def refuse(self) -> None:
        """Refuse the next MT because she has opted out at the provider."""
        ...

    async def change(self, catalog: Catalog) -> None:
        """Put another catalog in force."""
        ...


async def play(script: Script, stage: Stage, load: LoadKeywords) -> str:
    """Play a transcript; return the file as it would be written, to be compared whole."""
    player = _Player(script, stage, load, cast_of(script, load(script.keywords)))
    lines = [line for step in script.steps for line in (*step.written, *await player.do(step))]
    return "".join(f"{line}\n" for line in lines)


def cast_of(script: Script, catalog: Catalog) -> Cast:
    """Tell who talks where a line names nobody: the head's, else the file's first number and a person of ours."""
    return Cast(script.number or next(iter(catalog.numbers)), script.msisdn or PERSON)


@dataclass(slots=True)
class _Player:
    script: Script
    stage: Stage
    load: LoadKeywords
    cast: Cast
    flag: Flag | None = None
    last: MO | None = None
    ids: count[int] = field(default_factory=lambda: count(1))

    async def do(self, step: Step) -> Sequence[str]:
        """Do what one entry says; return the lines to write below it."""
        match step.act:
            case Text():
                return await self._take(self._mo(step.act))
            case Again():
                return await self._take(self._last(step))
            case Pass(time):
                moments = await self.stage.wait(self.stage.clock() + time)
                return [line for moment in moments for line in written(moment, self.cast)]
            case Report():
                return written(await self.stage.report(), self.cast)
            case Read():
                return written(await self.stage.read(self._last(step)), self.cast)
            case Flagged(flag):
                self.flag = flag
            case Refuse():
                self.stage.refuse()
            case Keywords(file):
                await self.stage.change(self.load(file))
        return ()

    async def _take(self, mo: MO) -> list[str]:
        self.last = mo
        lines = answered(await self.stage.take(mo), self.cast)
        await self.stage.wait(self.stage.clock() + SECOND)
        return lines

    def _mo(self, said: Text) -> MO:
        flag, self.flag = self.flag, None
        number, msisdn = said.number or self.cast.number, said.msisdn or self.cast.msisdn
        return MO("transcript", str(next(self.ids)), msisdn, number, said.text, self.stage.clock(), flag)

    def _last(self, step: Step) -> MO:
        if self.last is None:
            raise ConfigError([f"{self.script.file}:{step.line}: nothing was texted yet: put a > line above it"])
        return self.last
