"""Measures, and prints the table of README.md: `make bench`. A quiet machine, please; some minutes.

`python -m benchmarks outbox` measures one part, `--quick` all of it roughly.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import growth, latency, mos, outbox, stages
from benchmarks.plan import FULL, QUICK, Plan
from benchmarks.report import Row, say, show, show_stages

PARTS: dict[str, Callable[[Path, Plan], list[Row]]] = {
    "mos": mos.measure,
    "latency": latency.measure,
    "outbox": outbox.measure,
    "growth": growth.measure,
}
STAGES = "stages"


def main() -> None:
    """Measure the parts that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join((*PARTS, STAGES))}; all without one")
    parser.add_argument("--quick", action="store_true", help="a rough look, in two or three minutes")
    given = parser.parse_args()
    if unknown := set(given.parts) - {*PARTS, STAGES}:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    wanted = given.parts or [*PARTS, STAGES]
    rows = [row for name in PARTS if name in wanted for row in _part(name, QUICK if given.quick else FULL)]
    if rows:
        show(rows)
    if STAGES in wanted:
        with tempfile.TemporaryDirectory(prefix="ouistop-bench-") as folder:
            show_stages(stages.measure(Path(folder)))


def _part(name: str, plan: Plan) -> list[Row]:
    """Measure one part in a folder of its own."""
    say(f"== {name}")
    with tempfile.TemporaryDirectory(prefix="ouistop-bench-") as folder:
        return PARTS[name](Path(folder), plan)


if __name__ == "__main__":
    main()
