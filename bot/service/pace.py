"""How fast texts may leave a number: a token bucket each. Pure: the time is an argument, in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf


@dataclass(slots=True)
class Bucket:
    """Lets `rate` texts a second pass, and a second's worth at once after a rest."""

    rate: float
    free_at: float = 0.0

    def wait(self, now: float, longest: float = inf) -> float:
        """Take the next place in line; return the seconds until it is one's turn.

        No place is taken where that is longer than `longest`: then it is when to ask again.

        >>> bucket = Bucket(rate=2)
        >>> [bucket.wait(now=100) for _ in range(4)]
        [0.0, 0.0, 0.5, 1.0]
        """
        burst = max(self.rate, 1.0)
        self.free_at = max(self.free_at, now - (burst - 1) / self.rate)
        wait = max(0.0, self.free_at - now)
        if wait <= longest:
            self.free_at += 1 / self.rate
        return wait


class Pace:
    """The buckets of all numbers that have a limit."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}

    def wait(self, number: str, rate: float | None, now: float, longest: float = inf) -> float:
        """Return the seconds to wait before this number's next text, as `Bucket.wait`; a changed rate begins anew."""
        if rate is None:
            return 0.0
        bucket = self._buckets.get(number)
        if bucket is None or bucket.rate != rate:
            bucket = self._buckets[number] = Bucket(rate)
        return bucket.wait(now, longest)
