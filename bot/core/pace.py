"""How fast texts may leave a number: a token bucket, kept as the moment when the next may leave. In seconds."""

from __future__ import annotations

LONGEST = 1.0
"""Seconds a text waits for its turn in a place that another number's could use."""


def place(free_at: float, now: float, rate: float) -> tuple[float, float]:
    """Take the next place in a line that lets `rate` texts a second pass, and a second's worth at once after a rest.

    Return the seconds until it is one's turn, and when the line is free after that. No place is taken where one would
    wait longer than LONGEST: then it is when to ask again.

    >>> place(free_at=0.0, now=100.0, rate=1), place(101.0, 100.0, 1), place(105.0, 100.0, 1)
    ((0.0, 101.0), (1.0, 102.0), (5.0, 105.0))
    """
    burst = max(rate, 1.0)
    free_at = max(free_at, now - (burst - 1) / rate)
    wait = max(0.0, free_at - now)
    return (wait, free_at) if wait > LONGEST else (wait, free_at + 1 / rate)
