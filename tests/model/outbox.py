"""The outbox as it should be: what may be claimed, handed over and written down, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.delivery import deadline, moves
from bot.core.ledger import Event
from bot.core.messages import DLR, MT, Purpose, Status
from bot.core.state import PENDING
from bot.records import Claimed, Outcome, Reported
from model.people import Person, Said

MAY_HEAR = {"help", "replies.hours", "unknown", "thanks", "farewell"}
"""What somebody who has sent STOP ALL may still be told: answers to what she texts, none of which asks her in."""


class Outbox:
    """MTs by our names for them (`mts`) and by the gateway's (`refs`).

    What it finds wrong goes into `faults`, because whoever tells it of something may catch what is raised.
    """

    def __init__(self, people: dict[str, Person]) -> None:
        self.people = people
        self.mts: dict[str, Said] = {}
        self.refs: dict[str, Said] = {}
        self.faults: list[str] = []
        self.touched = set(people)

    def expect(self, holds: bool, otherwise: str) -> None:
        """Note a fault."""
        if not holds:
            self.faults.append(otherwise)

    # ---- on its way ---------------------------------------------------------------------------------------

    def claimed(self, claims: Sequence[Claimed], now: datetime, lease: timedelta) -> None:
        """The server has taken these to send them."""
        for claim in claims:
            mt = self.mts[claim.mt.id]
            alone = mt.leased_until is None or mt.leased_until <= now
            self.expect(mt.status is Status.QUEUED and alone, f"{mt} was claimed again, or for nothing")
            self.expect(mt is self._first(mt), f"{mt} was claimed before an older one")
            mt.leased_until, mt.allowed = now + lease, self._wanted(mt)
            self.expect(claim.allowed == mt.allowed, f"{mt} was claimed as allowed={claim.allowed}")
            self.touched.add(mt.msisdn)

    def _first(self, mt: Said) -> Said:
        """The oldest that waits for her on this number."""
        mine = self.people[mt.msisdn].mts
        return next((each for each in mine if each.status is Status.QUEUED and each.number == mt.number), mt)

    def _wanted(self, mt: Said) -> bool:
        """Nobody is reminded but who was asked, has not answered, and has not said anything like STOP."""
        person = self.people[mt.msisdn]
        pending = person.place(mt.program or "").state == PENDING
        return mt.purpose is not Purpose.REMINDER or (pending and not person.hold and not person.suppressed)

    def handed(self, given: MT) -> None:
        """The gateway is offered an MT."""
        mt = self.mts[given.id]
        person = self.people[mt.msisdn]
        self.expect(not mt.void, f"{mt} is handed over after an opt-out")
        self.expect(mt.status is Status.QUEUED and mt.allowed, f"{mt} is handed over and should not be")
        self.expect(mt is self._first(mt), f"{mt} is handed over before an older one")
        self.expect(mt.taken <= mt.lost, f"{mt} is handed over again")
        self.expect(not person.suppressed or mt.key in MAY_HEAR, f"{mt} is handed over to somebody suppressed")
        events = [event for event, program, _ in person.ledger if program == mt.program and event is not Event.REASON]
        has_left = bool(events) and events[-1] in (Event.OPTED_OUT, Event.CARRIER_BLOCKED)
        self.expect(mt.purpose is not Purpose.REMINDER or not has_left, f"{mt} reminds somebody who has left")

    def accepted(self, given: MT) -> None:
        """The gateway has taken it."""
        self.mts[given.id].taken += 1

    # ---- written down -------------------------------------------------------------------------------------

    def settled(self, outcomes: Sequence[Outcome]) -> None:
        """What became of claimed MTs. One that was cancelled on its way and taken has left all the same."""
        for outcome in outcomes:
            mt = self.mts[outcome.mt.id]
            self._explain(mt, outcome)
            mt.leased_until = None
            if outcome.provider_ref:
                self.refs[outcome.provider_ref] = mt
            if mt.status is Status.QUEUED or (mt.status is Status.CANCELLED and outcome.status is Status.WIRED):
                mt.status = outcome.status
            self.touched.add(mt.msisdn)

    def _explain(self, mt: Said, outcome: Outcome) -> None:
        """An MT has left if it was taken, and is given up for a reason."""
        late = outcome.at - outcome.mt.at > deadline(mt.purpose)
        match outcome.status:
            case Status.WIRED:
                self.expect(mt.taken > mt.lost, f"{mt} was not taken, and is written down as wired")
            case Status.CANCELLED:
                self.expect(mt.void or not mt.allowed, f"{mt} was cancelled for nothing")
            case Status.EXPIRED:
                self.expect(late or outcome.error is not None, f"{mt} expired in its time")

    def reported(self, dlrs: Sequence[DLR], answers: Sequence[Reported | None]) -> None:
        """Delivery reports: one about an MT that we know finds it, and an MT only moves up."""
        for dlr, answer in zip(dlrs, answers, strict=True):
            mt = self.mts.get(dlr.id or "") or self.refs.get(dlr.ref or "")
            self.expect((mt is None) == (answer is None), f"{dlr} is about {mt}, and was answered {answer}")
            if mt is None or answer is None:
                continue
            moved = moves(mt.status, dlr.status)
            self.expect((answer.mt_id, answer.moved) == (mt.id, moved), f"{dlr} was answered {answer}")
            if moved:
                mt.status, mt.leased_until = dlr.status, None
                self.touched.add(mt.msisdn)
            if moved and dlr.ref:
                self.refs[dlr.ref] = mt

    def died(self, *, gives_back: bool) -> None:
        """The server is dead. What it had given to the gateway and not written down may go once more; `gives_back`: the
        next one finds its leases to be nobody's."""
        self.touched.update(self.people)
        for mt in self.mts.values():
            if mt.status is Status.QUEUED:
                mt.lost = mt.taken
                mt.leased_until = None if gives_back else mt.leased_until
