"""How long everything is measured: `FULL` for the table of README.md, `QUICK` for a rough look."""

from __future__ import annotations

from dataclasses import dataclass

CONNECTIONS = 64


@dataclass(frozen=True)
class Plan:
    """Rounds and seconds of the parts. `sizes`: how many contacts; `queue`: how many MTs leave in a round."""

    rounds: int
    seconds: float
    yard_seconds: float
    warm_seconds: float
    latency_seconds: float
    outbox_rounds: int
    queue: int
    growth_rounds: int
    sizes: tuple[int, ...]


FULL = Plan(
    rounds=11,
    seconds=2.0,
    yard_seconds=1.0,
    warm_seconds=2.0,
    latency_seconds=20.0,
    outbox_rounds=9,
    queue=6000,
    growth_rounds=7,
    sizes=(1_000, 100_000, 1_000_000),
)
QUICK = Plan(
    rounds=3,
    seconds=1.0,
    yard_seconds=0.5,
    warm_seconds=1.0,
    latency_seconds=5.0,
    outbox_rounds=3,
    queue=2000,
    growth_rounds=3,
    sizes=(1_000, 10_000, 100_000),
)
