"""How long a provider waits for the acknowledgement, at a steady load."""

from __future__ import annotations

import asyncio
from pathlib import Path

from benchmarks import load, servers, traffic
from benchmarks.plan import CONNECTIONS, Plan
from benchmarks.report import Row, say

RATE = 500.0


def measure(folder: Path, plan: Plan) -> list[Row]:
    """Send MOs at a steady rate, whatever the server does."""
    with servers.ouistop(folder) as ours:
        warm = traffic.requests(traffic.bodies(CONNECTIONS))
        asyncio.run(load.closed_loop([ours.port], warm, CONNECTIONS, plan.warm_seconds))
        steady = traffic.requests(traffic.bodies(CONNECTIONS, 10_000_000))
        result = asyncio.run(load.open_loop(ours.port, steady, CONNECTIONS, plan.latency_seconds, RATE))
    if result.refused:
        raise SystemExit(f"{result.refused} MOs were refused")
    p50, p99 = (f"{result.percentile(share) * 1000:.1f} ms" for share in (0.5, 0.99))
    say(f"{result.answered} MOs at {RATE:.0f}/s: {p50}, {p99}")
    return [Row(f"acknowledged at {RATE:.0f} MO/s on SQLite: p50 · p99", f"{p50} · {p99}", "p99 50 ms")]
