"""Durable MOs a second against the bare handler: on SQLite, on PostgreSQL with one and two nodes, and a peer's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

from benchmarks import postgres, servers, traffic
from benchmarks.loops import loop_name
from benchmarks.plan import CONNECTIONS, Plan
from benchmarks.report import Row, median, ratio, say
from benchmarks.rounds import Contender
from benchmarks.servers import Server

SQLITE, ONE_NODE, TWO_NODES = "SQLite", "PostgreSQL, one node", "PostgreSQL, two nodes"
PEER = "Flask and sqlite3 by hand, gunicorn with two workers"


def measure(folder: Path, plan: Plan) -> list[Row]:
    """Let all take turns with the yardstick."""
    with ExitStack() as stack:
        yard = _contender("bare handler", [stack.enter_context(servers.bare())])
        others = [_contender(SQLITE, [stack.enter_context(servers.ouistop(folder))])]
        others += _on_postgres(folder, stack)
        others += _peer(folder, stack)
        for each in (yard, *others):
            each.run(plan.warm_seconds)
        for number in range(plan.rounds):
            say(f"round {number + 1} of {plan.rounds}")
            for each in others:
                each.against(yard, plan.seconds, plan.yard_seconds)
    return _rows(others)


def _contender(name: str, running: list[Server]) -> Contender:
    return Contender(name, running, traffic.requests(traffic.bodies(CONNECTIONS)))


def _on_postgres(folder: Path, stack: ExitStack) -> Iterator[Contender]:
    if not postgres.installed():
        return
    urls = stack.enter_context(postgres.postgres(folder, ("one", "two")))
    for name, url, nodes in zip((ONE_NODE, TWO_NODES), urls, count(1), strict=False):
        servers.migrate(folder, DATABASE_URL=url)
        started = [stack.enter_context(servers.ouistop(folder, DATABASE_URL=url)) for _ in range(nodes)]
        yield _contender(name, started)


def _peer(folder: Path, stack: ExitStack) -> Iterator[Contender]:
    if servers.has_flask():
        yield _contender(PEER, [stack.enter_context(servers.flask_peer(folder))])


def _rows(others: list[Contender]) -> list[Row]:
    made = {each.name: each for each in others}
    ours = made[SQLITE]
    if refused := sum(each.refused for each in others if each.name != PEER):
        raise SystemExit(f"{refused} MOs were refused")
    yard = median([base.rate for each in others for _, base in each.pairs])
    spent = [median([result.cpu * 1e6 for result in results]) for results in zip(*ours.pairs, strict=True)]
    rows = [
        Row("durable MOs on SQLite, as a ratio to the bare handler", ratio(ours.ratios), "0.40"),
        Row(f"the same a second · bare handler, on {loop_name()}", f"{median(ours.rates)} · {yard}"),
        Row("µs of CPU for one MO, all processes · for one request of the bare handler", " · ".join(spent)),
    ]
    for name, missing in ((ONE_NODE, postgres.MISSING), (TWO_NODES, postgres.MISSING), (PEER, servers.NO_FLASK)):
        rows.append(Row(f"the same on {name}" if name != PEER else PEER, _measured(made.get(name), missing)))
    return rows


def _measured(each: Contender | None, missing: str) -> str:
    if each is None:
        return missing
    refused = f", {each.refused} refused" if each.refused else ""
    return f"{ratio(each.ratios)}, {median(each.rates)} a second{refused}"
