"""MTs a second through the real outbox, against a bare aiohttp client that POSTs the same bodies to the same gateway.

The queue is made by the real path, once: so many people text a keyword, and their replies leave, which warms
everything. In each round these same MTs are put back into the outbox, and leave again. Both are timed by the gateway,
from the first arrival to the last.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
import urllib.request
from itertools import islice
from pathlib import Path

from benchmarks import load, servers, traffic
from benchmarks.bare_client import SIDE_BY_SIDE
from benchmarks.plan import CONNECTIONS, Plan
from benchmarks.report import Row, median, ratio, say
from benchmarks.servers import ROOT, Server

PATIENCE = 60.0  # seconds
# As they were when their turns had made them.
QUEUE_AGAIN = """UPDATE messages SET status = 'queued', due_at = at, attempts = 0, provider_ref = NULL,
    settled_at = NULL WHERE direction = 'mt' AND msisdn < ?"""
BODIES = "SELECT ref, number, msisdn, text FROM messages WHERE direction = 'mt' AND msisdn < ? ORDER BY due_at"
RING = "+339"  # the people who text from here on only wake the outbox


class Rates:
    """What the rounds have shown."""

    def __init__(self) -> None:
        self.ours: list[float] = []
        self.yard: list[float] = []
        self.cpu: list[float] = []
        self.yard_cpu: list[float] = []


def measure(folder: Path, plan: Plan) -> list[Row]:
    """Let the outbox and the bare client take turns."""
    rates = Rates()
    with servers.gateway() as gateway:
        url = f"http://127.0.0.1:{gateway.port}/send"
        with servers.ouistop(folder, HTTP_SEND_URL=url) as ours:
            _text(ours, "+337", plan.queue)
            _arrived(gateway, plan.queue)
            bodies = _write_bodies(folder)
            for number in range(plan.outbox_rounds):
                _bare_round(rates, gateway, url, bodies, plan.queue)
                _our_round(rates, gateway, ours, folder, number, plan.queue)
                say(f"outbox: {rates.ours[-1]:.0f}/s against {rates.yard[-1]:.0f}/s")
    return _rows(rates)


def _rows(rates: Rates) -> list[Row]:
    ratios = [ours / yard for ours, yard in zip(rates.ours, rates.yard, strict=True)]
    spent = " · ".join(median([each * 1e6 for each in cpu]) for cpu in (rates.cpu, rates.yard_cpu))
    return [
        Row(f"MTs through the outbox, as a ratio to a bare client, {SIDE_BY_SIDE} side by side", ratio(ratios), "0.40"),
        Row("the same a second · bare client", f"{median(rates.ours)} · {median(rates.yard)}"),
        Row("µs of CPU for one MT, all processes · for one request of the bare client", spent),
    ]


def _our_round(rates: Rates, gateway: Server, ours: Server, folder: Path, number: int, queue: int) -> None:
    with sqlite3.connect(folder / "ouistop.db", timeout=PATIENCE) as database:
        database.execute(QUEUE_AGAIN, (RING,))
    database.close()
    before = ours.cpu()
    _text(ours, f"{RING}{number:02d}", 1)
    rates.ours.append(_arrived(gateway, queue + 1))
    rates.cpu.append((ours.cpu() - before) / queue)


def _bare_round(rates: Rates, gateway: Server, url: str, bodies: Path, queue: int) -> None:
    command = [sys.executable, "-m", "benchmarks.bare_client", url, str(bodies)]
    ended = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, timeout=PATIENCE)
    rates.yard_cpu.append(float(ended.stdout))
    rates.yard.append(_arrived(gateway, queue))


def _text(server: Server, prefix: str, people: int) -> None:
    """Let so many people text a keyword."""
    made = traffic.bodies(CONNECTIONS, prefix=prefix, script=("CLUB",))
    requests = traffic.requests(islice(made, people))
    asyncio.run(load.closed_loop([server.port], requests, min(CONNECTIONS, people), PATIENCE))


def _write_bodies(folder: Path) -> Path:
    """Write what the outbox POSTs, one body a line."""
    database = sqlite3.connect(folder / "ouistop.db", timeout=PATIENCE)
    lines = [
        json.dumps({"id": ref, "from": number, "to": msisdn, "text": text}, ensure_ascii=False).encode()
        for ref, number, msisdn, text in database.execute(BODIES, (RING,))
    ]
    database.close()
    path = folder / "bodies"
    path.write_bytes(b"\n".join(lines))
    return path


def _arrived(gateway: Server, wanted: int) -> float:
    """Wait until so many MTs have arrived; return how many a second did, from the first to the last."""
    count, first, last = 0, 0.0, 0.0
    end = time.perf_counter() + PATIENCE
    while count < wanted and time.perf_counter() < end:
        time.sleep(0.05)
        with urllib.request.urlopen(f"http://127.0.0.1:{gateway.port}/seen") as answer:
            seen = json.load(answer)
        if seen["count"]:
            count, first, last = count + seen["count"], first or seen["first"], seen["last"]
    if count != wanted:
        raise SystemExit(f"{count} MTs arrived instead of {wanted}")
    return (count - 1) / (last - first)
