"""Measures, and prints the table of README.md: `make bench`. A quiet machine, please; some minutes."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from benchmarks import load, servers, stages, traffic
from bot.core.loading import load_catalog
from bot.core.messages import MO
from bot.service.switchboard import Switchboard
from bot.store.store import SqliteStore

CONNECTIONS = 64
ROUNDS = 15
SECONDS = 2.0
CONTACTS = 100_000


def main() -> None:
    """Run everything."""
    rows: list[tuple[str, str, str]] = []
    with tempfile.TemporaryDirectory(prefix="ouistop-bench-") as name:
        folder = Path(name)
        rate = _throughput(folder, rows)
        _latency(folder, rows, rate / 4)
        _many_contacts(folder, rows)
        print("\n| what | measured | goal |\n|---|---|---|")
        for row in rows:
            print(f"| {' | '.join(row)} |")
        print("\n| stage of one MO | µs of CPU |\n|---|---|")
        for stage, spent in stages.measure(folder).items():
            print(f"| {stage} | {spent:.0f} |")


def _throughput(folder: Path, rows: list[tuple[str, str, str]]) -> float:
    """Take turns with the yardstick, so that a slow moment of the machine hits both."""
    place = _folder(folder, "throughput")
    with ExitStack() as stack:
        bare = stack.enter_context(servers.bare())
        ours = stack.enter_context(servers.ouistop(place))
        theirs, own = _requests(0), _requests(0)
        _closed(bare, theirs, 1)
        _closed(ours, own, 2)
        pairs, costs = [], []
        for number in range(ROUNDS):
            yard, mine = _closed(bare, theirs, SECONDS), _closed(ours, own, SECONDS)
            costs.append((yard.cpu, mine.cpu))
            if mine.refused:
                raise SystemExit(f"{mine.refused} MOs were refused")
            pairs.append((mine.rate / yard.rate, mine, yard))
            _say(f"round {number + 1}: {mine.rate:.0f}/s against {yard.rate:.0f}/s, {pairs[-1][0]:.2f}")
    ratios = [ratio for ratio, _, _ in pairs]
    rate = statistics.median(mine.rate for _, mine, _ in pairs)
    yard_rate = statistics.median(yard.rate for _, _, yard in pairs)
    spread = f"{min(ratios):.2f} to {max(ratios):.2f} over {ROUNDS} rounds"
    rows.append(("durable MOs, as a ratio to the bare handler",
                 f"**{statistics.median(ratios):.2f}** ({spread})", "0.30"))  # fmt: skip
    rows.append(("durable MOs a second · bare handler", f"{rate:.0f} · {yard_rate:.0f}", ""))
    spent = [f"{statistics.median(each) * 1e6:.0f}" for each in zip(*costs, strict=True)]
    rows.append(
        ("µs of CPU for one MO, all processes · for one request of the bare handler", f"{spent[1]} · {spent[0]}", "")
    )
    return rate


def _latency(folder: Path, rows: list[tuple[str, str, str]], rate: float) -> None:
    with servers.ouistop(_folder(folder, "latency")) as ours:
        _closed(ours, _requests(0), 1)
        result = asyncio.run(load.open_loop(ours.port, _requests(10_000_000), CONNECTIONS, 15, rate))
    p50, p99 = (f"{result.percentile(share) * 1000:.1f} ms" for share in (0.5, 0.99))
    rows.append((f"acknowledged at a quarter of that load ({rate:.0f}/s): p50 · p99", f"{p50} · {p99}", "p99 50 ms"))


def _many_contacts(folder: Path, rows: list[tuple[str, str, str]]) -> None:
    place = _folder(folder, "contacts")
    asyncio.run(_fill(place))
    starts, resident = [], 0.0
    for _ in range(3):
        with servers.ouistop(place) as ours:
            starts.append(ours.start_seconds)
            _closed(ours, _requests(20_000_000), 3)
            resident = max(resident, ours.resident())
    rows.append(
        (
            f"memory with {CONTACTS:,} contacts, after a load (both processes, what they share once)",
            f"{resident:.0f} MB",
            "150 MB",
        )
    )
    rows.append((f"start to ready with {CONTACTS:,} contacts", f"{statistics.median(starts):.1f} s", "2 s"))


async def _fill(place: Path) -> None:
    """Let so many people join, by the real path."""
    place.joinpath("keywords.yaml").write_text(traffic.KEYWORDS, encoding="utf-8")
    catalog = load_catalog(traffic.KEYWORDS, "keywords.yaml", ("http",)).catalog
    assert catalog is not None
    store = SqliteStore(str(place / "ouistop.db"))
    await store.open()
    board = Switchboard(store, {}, lambda: catalog, lambda: datetime.now(UTC))
    board.start_by_hand()
    numbers = iter(range(CONTACTS))
    while group := list(islice(numbers, 1000)):
        now = datetime.now(UTC)
        mos = (MO("http", f"f{each}", f"+337{each:08d}", traffic.NUMBER, "CLUB", now) for each in group)
        await asyncio.gather(*(board.inbox.take(mo) for mo in mos))
        if group[-1] % 20_000 == 19_999:
            _say(f"{group[-1] + 1:,} contacts")
    await board.close()
    await store.close()


def _requests(first: int) -> Iterator[bytes]:
    return traffic.requests(traffic.bodies(CONNECTIONS, first, f"b{first}"))


def _closed(server: servers.Server, requests: Iterator[bytes], seconds: float) -> load.Result:
    before = server.cpu()
    result = asyncio.run(load.closed_loop(server.port, requests, CONNECTIONS, seconds))
    result.cpu = (server.cpu() - before) / max(result.answered, 1)
    return result


def _folder(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir()
    return made


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
