"""What a benchmark says: its progress on standard error, its table on standard output."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    goal: str = ""


def say(line: str) -> None:
    """Tell how far we are."""
    print(line, file=sys.stderr, flush=True)


def show(rows: Sequence[Row]) -> None:
    """Print the table."""
    print("\n| what | measured | goal |\n|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.measured} | {row.goal} |")


def show_stages(stages: dict[str, float]) -> None:
    """Print where the time of one MO goes."""
    print("\n| stage of one MO | µs of CPU |\n|---|---|")
    for stage, spent in stages.items():
        print(f"| {stage} | {spent:.0f} |")


def ratio(values: Sequence[float]) -> str:
    """Write the median of a ratio over the rounds, and how far it moved."""
    spread = f"{min(values):.2f} to {max(values):.2f} over {len(values)} rounds"
    return f"**{statistics.median(values):.2f}** ({spread})"


def median(values: Sequence[float], form: str = ".0f") -> str:
    """Write a median."""
    return format(statistics.median(values), form)
