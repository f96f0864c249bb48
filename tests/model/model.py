"""One server as it should be: told of every transaction in the order of the commits, it says what must be there then,
and what may leave."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.catalog import Catalog
from bot.records import Answer, Reading
from bot.turns import Arrival, Block, OptOut, Ring, Seen, Text
from model.outbox import Outbox
from model.people import Person
from model.turns import Turn
from model.versions import PEOPLE


class Model(Outbox):
    """People, what arrives from them, and what leaves for them."""

    def __init__(self) -> None:
        super().__init__({msisdn: Person(msisdn) for msisdn in PEOPLE})

    @property
    def taken(self) -> set[str]:
        """The MOs that are on disk."""
        return {ref for person in self.people.values() for ref in person.mos}

    def took(self, arrivals: Sequence[Arrival], catalog: Catalog, answers: Sequence[Answer]) -> None:
        """A batch is written."""
        for arrival, answer in zip(arrivals, answers, strict=True):
            person = self.people[arrival.wanted.msisdn]
            new = self._take(arrival, person, catalog)
            self.expect(new == (answer is not Answer.SEEN), f"{arrival} was answered {answer}")
            self.touched.add(person.msisdn)
            self.mts.update((mt.id, mt) for mt in person.mts)

    def _take(self, arrival: Arrival, person: Person, catalog: Catalog) -> bool:
        """Take one arrival; False if it is nothing new: an MO seen before, a timer that was set anew or is gone."""
        match arrival:
            case Text(mo=mo, at=at):
                if mo.ref in person.mos:
                    return False
                person.mos[mo.ref] = str(Turn(person, catalog, mo.number, at, mo.ref).text(mo.text))
            case Ring(wake=wake, at=at):
                program, kind = wake.program, str(wake.kind)
                if person.timers.get((program, kind)) != (program, kind, wake.number, wake.at):
                    return False
                self.expect(wake.at <= at, f"{wake} rang before its time")
                Turn(person, catalog, wake.number, at, f"{person.msisdn}|{program}|{kind}").ring(program, kind)
            case Block(number=number, at=at):
                Turn(person, catalog, number, at, "").out("block")
            case OptOut(number=number, at=at):
                Turn(person, catalog, number, at, "").out("stop")
            case Seen(ref=ref):
                person.hold = False
                person.mos[ref] = str(Reading.READ)
        return True
