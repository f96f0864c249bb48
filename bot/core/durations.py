"""Durations as people write them: "48 hours", "90 minutes", "2 days", "1 week"."""

from __future__ import annotations

import re
from datetime import timedelta

UNITS = {"minute": 60, "hour": 3600, "day": 86400, "week": 604800}
PATTERN = r"^ *[0-9]{1,6} *(minutes?|hours?|days?|weeks?) *$"
EXAMPLES = ("48 hours", "90 minutes", "2 days", "1 week")

_WRITTEN = re.compile(r"\s*([0-9]{1,6})\s*([a-z]+)\s*", re.IGNORECASE)


def read_duration(text: str) -> timedelta:
    """Read a duration; raise ValueError saying what to write if it is none.

    >>> read_duration("90 minutes"), read_duration("1 week")
    (datetime.timedelta(seconds=5400), datetime.timedelta(days=7))
    """
    written = _WRITTEN.fullmatch(text)
    seconds = UNITS.get(written[2].lower().removesuffix("s")) if written else None
    if written is None or seconds is None:
        raise ValueError(f"'{text[:40]}' is no duration")
    return timedelta(seconds=int(written[1]) * seconds)


def say_duration(time: timedelta) -> str:
    """Write a duration with the largest unit that fits it whole.

    >>> say_duration(timedelta(hours=48)), say_duration(timedelta(minutes=60))
    ('2 days', '1 hour')
    """
    for unit, seconds in reversed(UNITS.items()):
        count, rest = divmod(int(time.total_seconds()), seconds)
        if count and not rest:
            return f"{count} {unit}{'s' * (count > 1)}"
    return f"{int(time.total_seconds())} seconds"
