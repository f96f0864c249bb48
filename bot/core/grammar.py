"""The phrases of one language as a machine that reads a whole message, word by word.

Rule: every word must have its place. A message is a row of phrases, with polite words anywhere between; one word
that fits nowhere, and it says nothing to us. That is why "stop texting me please" is a stop and "can you stop by
Friday" is not, without a list of all that people may say.

All phrases run at once: each place in each phrase is one bit of an integer, so a step is a shift and an AND (the
Shift-And of string matching). A state is the set of places that come next; the same message may be read in several
ways.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.core.lexicon import DEEDS
from bot.core.loose import Loose, Seconds

NUMBER, PROGRAM = "NUMBER", "PROGRAM"

SCOPED, JOIN = "scoped", "join"
"""What a stop and a start become where they name a program."""

BITS = {deed: 1 << place for place, deed in enumerate((*DEEDS, SCOPED, JOIN))}
"""A deed as a bit: a message does several."""

_LONGEST_KEY = {True: 3, False: 5}  # units of a polite word, a "not" or a "because": words, or characters
_MOST_STEPS = 2048  # remembered; about 1 kB each
_NO_SPACES = re.compile(r"[0-9]+|\S")

Spans = Mapping[int, Sequence[int]]
"""Where a program is named: the unit it begins at, and how many units it may take."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Some words of a language, each of one unit or more: all of them, the units they begin with and end with."""

    all: frozenset[str]
    first: frozenset[str]
    last: frozenset[str]


@dataclass(frozen=True, slots=True)
class Parse:
    """One way to read a message to its end: the deeds done, and the pattern of its last phrase."""

    deeds: int
    pattern: str


Reached = dict[int, tuple[int, int]]
"""After some units, for each set of deeds done so far: the state, and the last places of the phrase completed last."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """One language, compiled by `grammars.grammar_of`; there too is told what each field is made from."""

    language: str
    spaced: bool
    places: Mapping[str, int] = field(repr=False)
    loose: Mapping[str, Sequence[tuple[Loose, Seconds]]] = field(repr=False)
    further: frozenset[str] = field(repr=False)
    starts: int = field(repr=False)
    fresh: int = field(repr=False)
    optional: int = field(repr=False)
    last: int = field(repr=False)
    deeds: Sequence[tuple[int, int]] = field(repr=False)
    patterns: Sequence[str] = field(repr=False)
    tops: Sequence[int] = field(repr=False)
    polite: Keys = field(repr=False)
    breaks: Keys = field(repr=False)
    joins: Keys = field(repr=False)
    nots: Keys = field(repr=False)
    chat: Sequence[str] = field(repr=False)
    telling: Sequence[str] = field(repr=False)
    own: frozenset[str] = field(repr=False)
    placed: frozenset[str] = field(repr=False)
    needed: frozenset[str] = field(repr=False)
    steps: dict[int, tuple[int, Sequence[tuple[int, int]]]] = field(default_factory=dict, repr=False, compare=False)

    def units(self, words: Sequence[str]) -> list[str]:
        """Cut into what the places of a phrase hold: words, or characters where a language has no spaces."""
        return list(words) if self.spaced else units_of("".join(words), False)

    def joined(self, units: Iterable[str]) -> str:
        """Undo `units`."""
        return (" " if self.spaced else "").join(units)

    def read(self, units: Sequence[str], programs: Spans) -> list[Parse]:
        """Return every way to read the whole message; none where one word has no place."""
        return self._parses(self._walk(units, programs)[-1])

    def read_from(self, units: Sequence[str], doing: int) -> Iterator[tuple[int, Parse]]:
        """Yield every way to read only the first units that does one of these deeds, with how many units it takes."""
        for length, reached in enumerate(self._walk(units, {})):
            if any(deeds & doing for deeds in reached):
                for parse in self._parses(reached):
                    if parse.deeds & doing:
                        yield length, parse

    def knows(self, unit: str) -> bool:
        """Tell whether a phrase or a polite word of ours can begin with this unit."""
        single = unit in self.places or unit in self.polite.all
        return single or unit in self.further or unit in self.loose or unit.isdigit()

    def begins(self, keys: Keys, units: Sequence[str], at: int) -> bool:
        """Tell whether one of the keys begins at a unit."""
        if at == len(units) or units[at] not in keys.first:
            return False
        most = _LONGEST_KEY[self.spaced]
        return any(self.joined(units[at : at + length]) in keys.all for length in range(1, most + 1))

    def ends(self, keys: Keys, units: Sequence[str], at: int) -> bool:
        """Tell whether one of the keys ends just before a unit."""
        if at == 0 or units[at - 1] not in keys.last:
            return False
        most = _LONGEST_KEY[self.spaced]
        return any(self.joined(units[max(at - length, 0) : at]) in keys.all for length in range(1, most + 1))

    def _walk(self, units: Sequence[str], programs: Spans) -> list[Reached]:
        at: list[Reached] = [{} for _ in range(len(units) + 1)]
        at[0][0] = (self.fresh, 0)
        furthest = 0
        for here, reached in enumerate(at[:-1]):
            if not reached:
                if here > furthest:
                    break
                continue
            live = 0
            for state, _ in reached.values():
                live |= state
            for length, places, skips in self._edges(units, here, live, programs):
                there = at[here + length]
                furthest = max(furthest, here + length)
                for deeds, (state, ended) in reached.items():
                    if skips:
                        _add(there, deeds, state, ended)
                    filled = state & places
                    if filled:
                        self._advance(there, deeds, filled, ended)
        return at

    def _edges(self, units: Sequence[str], at: int, live: int, programs: Spans) -> list[tuple[int, int, bool]]:
        """Return every word that begins here and fills a place that is next (`live`) or is polite: how many units, the
        places it may fill, whether it is polite."""
        found: list[tuple[int, int, bool]] = []
        unit = key = units[at]
        length = 1
        while True:
            places, skips = self.places.get(key, 0) & live, key in self.polite.all
            if places or skips:
                found.append((length, places, skips))
            if key not in self.further or at + length == len(units):
                break
            length += 1
            key = self.joined(units[at : at + length])
        if unit in self.loose:
            found += self._loose_edges(units, at, live)
        if unit.isdigit():
            found.append((1, self.places[NUMBER], False))
        if at in programs:
            found += [(length, self.places[PROGRAM], False) for length in programs[at]]
        return found

    def _loose_edges(self, units: Sequence[str], at: int, live: int) -> Iterator[tuple[int, int, bool]]:
        second = units[at + 1] if at + 1 < len(units) else None
        for entry, seconds in self.loose[units[at]]:
            if (seconds is None or second in seconds) and entry.places & live:
                for length in entry.lengths(units, at):
                    yield length, entry.places, False

    def _advance(self, there: Reached, deeds: int, filled: int, ended: int) -> None:
        """Move every phrase on by one word; where one is complete, the next may begin.

        People begin alike, so most steps were taken before: they are remembered, up to a bound.
        """
        step = self.steps.get(filled)
        if step is None:
            if len(self.steps) >= _MOST_STEPS:
                self.steps.clear()
            step = self.steps[filled] = self._step(filled)
        state, completed = step
        _add(there, deeds, state, ended)
        for deed, ends in completed:
            _add(there, deeds | deed, self.fresh, ends)

    def _step(self, filled: int) -> tuple[int, Sequence[tuple[int, int]]]:
        """Return the places that come next, and what is complete: each deed and its last places."""
        filled = closed(filled, self.optional)
        ends = [(deed, filled & ends) for deed, ends in self.deeds if filled & ends] if filled & self.last else []
        return filled << 1, ends

    def _parses(self, reached: Reached) -> list[Parse]:
        """Keep what ends between two phrases, with something done."""
        return [
            Parse(deeds, self._pattern(ended))
            for deeds, (state, ended) in reached.items()
            if deeds and state & self.starts
        ]

    def _pattern(self, ended: int) -> str:
        """Return the pattern of the first phrase that ended there: they lie one after another."""
        return self.patterns[bisect_right(self.tops, (ended & -ended).bit_length() - 1)] if ended else ""


def keys_of(words: Iterable[str], spaced: bool) -> Keys:
    """Make keys ready to be looked for."""
    known = frozenset(words)
    cut = [units for units in (units_of(key, spaced) for key in known) if units]
    return Keys(known, frozenset(units[0] for units in cut), frozenset(units[-1] for units in cut))


def closed(state: int, optional: int) -> int:
    """Add what is reached by leaving out places that may stay empty."""
    more = state
    while more := (more << 1) & optional & ~state:
        state |= more
    return state


def units_of(key: str, spaced: bool) -> list[str]:
    """Cut a key into its units.

    >>> units_of("stop it", True), units_of("回复1001退订", False)
    (['stop', 'it'], ['回', '复', '1001', '退', '订'])
    """
    return key.split() if spaced else _NO_SPACES.findall(key)


def _add(there: Reached, deeds: int, state: int, ended: int) -> None:
    before = there.get(deeds)
    there[deeds] = (before[0] | state, before[1] or ended) if before else (state, ended)
