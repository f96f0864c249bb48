"""The time as one composition tells it: never the same moment twice, and never an earlier one.

MTs leave in the order of their ids, and ids are made from moments; a clock that is set back must not turn that round.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.service.ports import Clock

MICROSECOND = timedelta(microseconds=1)


class Ticks:
    """A clock on top of a clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: datetime | None = None

    def __call__(self) -> datetime:
        """Tell an aware UTC moment later than any told before."""
        now = self._clock()
        if self._last is not None and now <= self._last:
            now = self._last + MICROSECOND
        self._last = now
        return now
