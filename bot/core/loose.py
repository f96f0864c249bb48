"""An entry of a part that stands for many sayings ("[my|this] [phone|cell] number"), matched as it is written.

Writing all of them out would make millions of one line of a lexicon. An entry of few sayings is written out, for a look
in a table is faster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import NamedTuple

from bot.core.patterns import Item, unfold

_WRITTEN_OUT = 64


Seconds = frozenset[str] | None
"""The units that can come second; None where one unit may be all of it, and anything can follow."""


class Slot(NamedTuple):
    """One place of an entry: what may stand there, as units, by the first of them."""

    choices: Mapping[str, Sequence[list[str]]]
    optional: bool


@dataclass(frozen=True, slots=True)
class Loose:
    """One entry laid out, and the places of the grammar that it fills."""

    slots: tuple[Slot, ...]
    places: int

    def beginnings(self) -> dict[str, Seconds]:
        """Return the units it can begin with, each with those that can come second."""
        found: dict[str, Seconds] = {}
        for place, slot in enumerate(self.slots):
            for first, choices in slot.choices.items():
                for choice in choices:
                    found[first] = _either(found.get(first, frozenset()), self._seconds(choice, place))
            if not slot.optional:
                break
        return found

    def _seconds(self, choice: Sequence[str], place: int) -> Seconds:
        """Return what can come second where it begins with a choice of this place."""
        if len(choice) > 1:
            return frozenset(choice[1:2])
        found: set[str] = set()
        for slot in self.slots[place + 1 :]:
            found |= slot.choices.keys()
            if not slot.optional:
                return frozenset(found)
        return None

    def units(self) -> Iterable[str]:
        """Yield every unit in it."""
        for slot in self.slots:
            for choices in slot.choices.values():
                for choice in choices:
                    yield from choice

    def lengths(self, units: Sequence[str], at: int) -> list[int]:
        """Return how many units it can take from one on."""
        ends, most = [at], len(units)
        for choices, optional in self.slots:
            further = ends[:] if optional else []
            for end in ends:
                for choice in choices.get(units[end], ()) if end < most else ():
                    after = end + len(choice)
                    if after not in further and (after == end + 1 or units[end:after] == choice):
                        further.append(after)
            if not further:
                return []
            ends = further
        return [end - at for end in ends if end > at]


def _either(some: Seconds, others: Seconds) -> Seconds:
    return None if some is None or others is None else some | others


@lru_cache(maxsize=16_384)
def is_loose(entry: str) -> bool:
    """Tell whether an entry stands for more sayings than are written out."""
    if "[" not in entry and "|" not in entry:
        return False
    return sum(prod(len(item.choices) + item.optional for item in each) for each in unfold(entry, {})) > _WRITTEN_OUT


def slot(item: Item, cut: Iterable[Sequence[str]]) -> Slot:
    """Make a slot of an item whose choices are cut into units."""
    choices: dict[str, dict[tuple[str, ...], list[str]]] = {}
    for units in cut:
        if units:
            choices.setdefault(units[0], {})[tuple(units)] = list(units)
    return Slot({first: tuple(listed.values()) for first, listed in choices.items()}, item.optional)
