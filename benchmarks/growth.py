"""What a full database costs: MOs a second, memory and start, as the number of contacts with history grows.

The load is the same at every size: half of the MOs come from contacts, somebody else each time and in no order, who
leave or come back; the other half from new people, whose msisdns lie anywhere between those of the others.
"""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from benchmarks import people, servers, traffic
from benchmarks.plan import CONNECTIONS, Plan
from benchmarks.report import Row, median, ratio, say
from benchmarks.rounds import Contender
from benchmarks.servers import Server

GOAL = 1_000_000
WORN = 10_000  # contacts: with fewer, a round meets everybody so often that they come to the loop guard


@dataclass
class Town:
    """A database with so many contacts, and what its rounds have shown."""

    contacts: int
    folder: Path
    requests: Iterator[bytes]
    ratios: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    resident: list[float] = field(default_factory=list)

    @property
    def megabytes(self) -> float:
        """Return how large its file is."""
        return (self.folder / "ouistop.db").stat().st_size / 1e6


def measure(folder: Path, plan: Plan) -> list[Row]:
    """Fill the databases, and let them take turns."""
    towns = [_filled(folder / str(size), size) for size in plan.sizes]
    with servers.bare() as running:
        yard = Contender("bare handler", [running], traffic.requests(traffic.bodies(CONNECTIONS)))
        yard.run(plan.warm_seconds)
        for number in range(plan.growth_rounds):
            say(f"round {number + 1} of {plan.growth_rounds}")
            for town in towns:
                _round(town, yard, plan)
    return _rows(towns)


def _filled(folder: Path, contacts: int) -> Town:
    folder.mkdir()
    people.fill(folder, contacts)
    return Town(contacts, folder, traffic.requests(texts(contacts)))


def _round(town: Town, yard: Contender, plan: Plan) -> None:
    """Start a server, send it its load, and look at its memory; a small database is as new each time."""
    folder, requests = town.folder, town.requests
    if town.contacts < WORN:
        folder, requests = town.folder / "new", traffic.requests(texts(town.contacts))
        folder.mkdir()
        shutil.copy(town.folder / "ouistop.db", folder)
    with servers.ouistop(folder) as ours:
        contender = Contender(f"{town.contacts:,} contacts", [ours], requests)
        contender.run(plan.warm_seconds / 2)
        contender.against(yard, plan.seconds, plan.yard_seconds)
        _note(town, contender, ours)
    if folder != town.folder:
        shutil.rmtree(folder)


def _note(town: Town, contender: Contender, ours: Server) -> None:
    if contender.refused:
        raise SystemExit(f"{contender.refused} MOs were refused")
    town.ratios += contender.ratios
    town.rates += contender.rates
    town.cpu += [mine.cpu * 1e6 for mine, _ in contender.pairs]
    town.starts.append(ours.start_seconds)
    town.resident.append(ours.resident())


def _rows(towns: list[Town]) -> list[Row]:
    smallest, largest = towns[0], towns[-1]
    growth = [large / small for large, small in zip(largest.ratios, smallest.ratios, strict=True)]
    sizes = " · ".join(f"{town.contacts:,}" for town in towns)
    so_many = f"with {largest.contacts:,} contacts"
    goals = ("0.85", "200 MB", "2 s") if largest.contacts == GOAL else ("", "", "")
    return [
        Row(f"durable MOs on SQLite with {sizes} contacts with history, each as a ratio to the bare handler",
            " · ".join(median(town.ratios, ".2f") for town in towns)),
        Row("the same a second", " · ".join(median(town.rates) for town in towns)),
        Row("µs of CPU for one of them, all processes", " · ".join(median(town.cpu) for town in towns)),
        Row(f"{so_many}, as a ratio to {smallest.contacts:,}", ratio(growth), goals[0]),
        Row(f"memory {so_many}, after a load (both processes, what they share once)",
            f"{max(largest.resident):.0f} MB", goals[1]),
        Row(f"start to ready {so_many}, a database of {largest.megabytes:,.0f} MB",
            f"{statistics.median(largest.starts):.1f} s", goals[2]),
    ]  # fmt: skip


def texts(contacts: int) -> Iterator[bytes]:
    """Yield webhook bodies for ever: by turns one of a contact, and one of somebody new."""
    known, new = _known(contacts), _new(contacts)
    while True:
        yield next(known)
        yield next(new)


def _known(contacts: int) -> Iterator[bytes]:
    """Let every contact text once, in no order, then everybody again: who is subscribed leaves, the others return."""
    for passed in count():
        for turn in range(contacts):
            place = turn * people.PRIME % contacts
            leaves = people.stays(place) == (passed % 2 == 0)
            msisdn = people.msisdn_of(place, contacts)
            yield traffic.body(f"k{msisdn}-{passed}", msisdn, "ARRÊTER svp" if leaves else "START")


def _new(contacts: int) -> Iterator[bytes]:
    """Let people who are not known have their conversations, so many side by side."""
    for group in count():
        first = group * CONNECTIONS
        new = [_stranger(first + place, contacts) for place in range(CONNECTIONS)]
        for step, text in enumerate(traffic.SCRIPT):
            for msisdn in new:
                yield traffic.body(f"n{msisdn}-{step}", msisdn, text)


def _stranger(place: int, contacts: int) -> str:
    return people.msisdn_of(place * people.PRIME % contacts, contacts, beside=1 + place // contacts)
