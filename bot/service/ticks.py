"""The time as one composition tells it: never the same moment twice, and never an earlier one.

MTs leave in the order of their ids, and ids are made from moments; a clock that is set back must not turn that round.
Nor must time stand still until it has caught up: whatever waits for a moment would wait that much longer. So time goes
on from where it was, a little slower than the clock, until they agree again. A clock that is set forward is believed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from bot.service.ports import Clock

log = structlog.get_logger()

MICROSECOND = timedelta(microseconds=1)
NOTHING = timedelta()
SLOWER = 8  # by an eighth: an hour is made up for in eight, and five minutes last 43 seconds longer
STEP = timedelta(minutes=1)  # between two looks: more than that is no passing of time
WORTH_TELLING = timedelta(seconds=1)


class Ticks:
    """A clock on top of a clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._read: datetime | None = None
        self._last: datetime | None = None
        self._ahead = NOTHING

    def __call__(self) -> datetime:
        """Tell an aware UTC moment later than any told before."""
        read = self._clock()
        if self._read is not None and (self._ahead or read < self._read):
            self._make_up(read - self._read)
        self._read = read
        now = read + self._ahead
        if self._last is not None and now <= self._last:
            now = self._last + MICROSECOND
        self._last = now
        return now

    def go_on_from(self, moment: datetime) -> None:
        """Tell only moments after this one: what was made at it must stay before what will be."""
        read = self._clock()
        self._read, self._last = read, max(moment, self._last or moment)
        self._fall_behind(self._last - read - self._ahead)

    def _make_up(self, passed: timedelta) -> None:
        if passed < NOTHING:
            self._fall_behind(-passed)
        else:
            self._ahead = max(self._ahead - (passed if passed > STEP else passed / SLOWER), NOTHING)

    def _fall_behind(self, by: timedelta) -> None:
        if by > WORTH_TELLING:
            log.warning(
                "the clock is behind what was written: time goes on from there", seconds=int(by.total_seconds())
            )
        self._ahead += max(by, NOTHING)
