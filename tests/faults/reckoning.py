"""Compares what the crowd was told, what the gateway got and what the database holds.

Each check returns what is wrong, in words; an empty list is what a test wants to see.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from books import Kept, Unsettled
from crowd import Arrival, Crowd, Diary, Person

from bot.service.outbox import SIDE_BY_SIDE


class Kill(NamedTuple):
    """When it was, in the diary, which node it was, and the MTs that were unsettled then."""

    when: int
    node: int
    unsettled: Unsettled


@dataclass
class Reckoning:
    """Everything there is to compare."""

    crowd: Crowd
    diary: Diary
    kept: Kept
    log: str
    kills: list[Kill] = field(default_factory=list)

    def mos(self) -> list[str]:
        """No acknowledged MO is lost, none is taken twice, and none is there that nobody sent."""
        asked = {id_ for person in self.crowd.people for id_ in person.ids()}
        return [
            *(f"{id_}: acknowledged and lost" for id_ in self.diary.acked if id_ not in self.kept.mos),
            *(f"{id_}: accepted {often} times" for id_, often in self.diary.accepted.items() if often > 1),
            *(f"{id_}: nobody sent it" for id_ in self.kept.mos if id_ not in asked),
        ]

    def turns(self) -> list[str]:
        """What each MO does is done once: the MTs and the ledger of everybody are those of her script."""
        wrong = []
        for person in self.crowd.people:
            mts = tuple(mt["text_key"] for mt in self.kept.mts.get(person.msisdn, ()))
            events = tuple(row.event.value for row in self.kept.ledger.get(person.msisdn, ()))
            if (mts, events) != (person.script.mts, person.script.events):
                wrong.append(f"{person.msisdn} texted {person.script.texts}: {mts}, {events}")
        return wrong

    def stops(self) -> list[str]:
        """After an acknowledged STOP nothing but the one farewell reaches her."""
        farewells = {mt["ref"] for mts in self.kept.mts.values() for mt in mts if mt["text_key"] == "farewell"}
        stopped = {person.msisdn: self._stopped_at(person) for person in self.crowd.people if person.script.stops}
        return [
            f"{msisdn}: {mt_id} arrived after her STOP was acknowledged"
            for when, _, msisdn, mt_id in self.diary.arrived
            if when > stopped.get(msisdn, when) and mt_id not in farewells
        ]

    def _stopped_at(self, person: Person) -> int:
        first = next(at for at, text in enumerate(person.script.texts) if text in ("STOP", "ARRÊTER svp"))
        return self.diary.acked[person.ids()[first]]

    def mts(self) -> list[str]:
        """Every MT has left or was cancelled by a STOP, in the order they were made; none left that is not kept."""
        kept = {mt["ref"]: mt["status"] for mts in self.kept.mts.values() for mt in mts}
        arrived = {arrival.mt_id for arrival in self.diary.arrived}
        wired = {mt_id for mt_id, status in kept.items() if status == "wired"}
        return [
            *(f"{mt_id}: {kept[mt_id]}" for mt_id in kept.keys() - wired - self._cancelled()),
            *(f"{mt_id}: wired, and did not arrive" for mt_id in wired - arrived),
            *(f"{mt_id}: arrived, and nobody wrote it" for mt_id in arrived - kept.keys()),
            *self._overtaken(),
        ]

    def _overtaken(self) -> list[str]:
        """List the MTs that came for the first time after one that was made later."""
        seen, newest, wrong = set(), {}, []
        for _, _, msisdn, mt_id in self.diary.arrived:
            if mt_id not in seen and mt_id < newest.get(msisdn, ""):
                wrong.append(f"{mt_id}: arrived after {newest[msisdn]}")
            seen.add(mt_id)
            newest[msisdn] = max(mt_id, newest.get(msisdn, ""))
        return wrong

    def repeats(self) -> list[str]:
        """An MT arrives again only if the node it came from was killed meanwhile, and it was queued then."""
        last: dict[str, Arrival] = {}
        wrong = []
        for arrival in self.diary.arrived:
            before = last.get(arrival.mt_id)
            if before and self._doubt(before, arrival.when) != "queued":
                wrong.append(f"{arrival.mt_id}: arrived twice without a kill in between that left it queued")
            last[arrival.mt_id] = arrival
        return wrong

    def in_hand(self) -> list[str]:
        """No more MTs are in doubt after a kill than a server has places for."""
        return [f"{often} MTs were in doubt after one kill" for often in self._in_doubt() if often > SIDE_BY_SIDE]

    def _in_doubt(self) -> list[int]:
        """Count for each kill the MTs that had come from that node since its last one, and were unsettled."""
        counts, since = [], Counter[int]()
        for when, node, unsettled in self.kills:
            came = {each.mt_id for each in self.diary.arrived if each.node == node and since[node] < each.when < when}
            counts.append(len(came & unsettled.keys()))
            since[node] = when
        return counts

    def ghosts(self) -> list[str]:
        """What a STOP cancelled and what arrived all the same was unsettled at a kill: nobody could know."""
        cancelled = self._cancelled()
        return [
            f"{arrival.mt_id}: cancelled, and arrived without a kill that left it unsettled"
            for arrival in self.diary.arrived
            if arrival.mt_id in cancelled and self._doubt(arrival, self.diary.now()) is None
        ]

    def _cancelled(self) -> set[str]:
        return {mt["ref"] for mts in self.kept.mts.values() for mt in mts if mt["status"] == "cancelled"}

    def _doubt(self, arrival: Arrival, until: int) -> str | None:
        """Tell how the MT stood at the first kill of its node since it arrived; None if that knew it to have left."""
        kills = (kill for kill in self.kills if kill.node == arrival.node and arrival.when < kill.when < until)
        first = next(kills, None)
        return first.unsettled.get(arrival.mt_id) if first else None

    def faults(self) -> list[str]:
        """Tell everything that is wrong."""
        chains = [f"{msisdn}: the ledger's chain is broken" for msisdn in self.kept.broken_chains()]
        logged = [f"in the log: {line[:400] + line[-400:]}" for line in self.log.splitlines() if "Traceback" in line]
        checks: list[list[str]] = [
            self.diary.odd, self.mos(), self.turns(), self.stops(), self.mts(), self.repeats(), self.ghosts(),
            self.in_hand(), chains, logged,
        ]  # fmt: skip
        return [fault for check in checks for fault in check]

    def figures(self) -> dict[str, Any]:
        """Count what happened."""
        arrived = Counter(arrival.mt_id for arrival in self.diary.arrived)
        return {
            "people": len(self.crowd.people),
            "MOs acknowledged": len(self.diary.acked),
            "committed before a kill and acknowledged after it": sum(
                1 for id_ in self.diary.acked if not self.diary.accepted[id_]
            ),
            "STOPs": sum(person.script.stops for person in self.crowd.people),
            "MTs": len(arrived),
            "MTs repeated": sum(often - 1 for often in arrived.values()),
            "in doubt after a kill, at most": max(self._in_doubt(), default=0),
            "cancelled by a STOP after a kill, and arrived before it": len(self._cancelled() & set(arrived)),
            "answered 503": self.diary.unavailable,
            "not reached": self.diary.unreached,
        }
