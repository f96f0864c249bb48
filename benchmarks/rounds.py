"""Taking turns: each contender runs right after the yardstick, so that a slow moment of the machine hits both."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks import load
from benchmarks.plan import CONNECTIONS
from benchmarks.report import say
from benchmarks.servers import Server


@dataclass
class Contender:
    """One that is measured: its servers share the load. `pairs`: what it did in each round, and the yardstick."""

    name: str
    servers: Sequence[Server]
    requests: Iterator[bytes]
    pairs: list[tuple[load.Result, load.Result]] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """Return its rate as a ratio to the yardstick's, round by round."""
        return [mine.rate / yard.rate for mine, yard in self.pairs]

    @property
    def rates(self) -> list[float]:
        """Return its answers a second, round by round."""
        return [mine.rate for mine, _ in self.pairs]

    @property
    def refused(self) -> int:
        """Return how many requests were not answered with 200."""
        return sum(mine.refused for mine, _ in self.pairs)

    def run(self, seconds: float) -> load.Result:
        """Send as fast as it answers."""
        before = self._cpu()
        ports = [server.port for server in self.servers]
        result = asyncio.run(load.closed_loop(ports, self.requests, CONNECTIONS, seconds))
        result.cpu = (self._cpu() - before) / max(result.answered, 1)
        return result

    def against(self, yard: Contender, seconds: float, yard_seconds: float) -> None:
        """Run once, right after the yardstick."""
        base = yard.run(yard_seconds)
        mine = self.run(seconds)
        self.pairs.append((mine, base))
        say(f"{self.name}: {mine.rate:.0f}/s against {base.rate:.0f}/s, {mine.rate / base.rate:.2f}")

    def _cpu(self) -> float:
        return sum(server.cpu() for server in self.servers)
