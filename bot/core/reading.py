"""From words to deeds: what a message does as a sentence of one of the number's languages.

Rule: a reading accounts for every word. Several may fit; the one that ends more wins, and languages that agree on a
message of everybody's words leave its language open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.core.grammar import BITS, JOIN, SCOPED, Grammar, Parse
from bot.core.vocabulary import Tongue, Vocabulary

Spans = dict[int, list[int]]

STOPS = BITS["stop"] | BITS["stop_bare"]
_ENDS = STOPS | BITS["stop_all"] | BITS[SCOPED]
ORDER = (BITS["stop_all"], STOPS, BITS[SCOPED], BITS["help"], BITS["decline"] | BITS["refuse"],
         BITS["unclear"])  # fmt: skip
"""What wins where a message can be read in two ways: what ends more, then what asks for less."""
BEGIN = (BITS[JOIN], BITS["start"], BITS["confirm"])
"""Then what begins something; where a YES is awaited ("sign me up"), the YES first."""
_ORDER, _ORDER_ASKED = (*ORDER, *BEGIN), (*ORDER, *BEGIN[::-1])


_MOST_UNITS = 80
"""A longer message is not read as one whole; a sentence of it may still be a STOP (`sentences.py`)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message does (bits of `grammar.BITS`), in whose language, by which pattern, to which program."""

    deeds: int
    pattern: str
    language: str | None
    program: str | None = None

    def does(self, *deeds: str) -> bool:
        """Tell whether one of these is among what it does."""
        return any(self.deeds & BITS[deed] for deed in deeds)

    def only(self, *deeds: str) -> bool:
        """Tell whether it does nothing else."""
        return not self.deeds & ~sum(BITS[deed] for deed in deeds)


def read(tokens: Sequence[str], vocabulary: Vocabulary, asked: bool = False) -> list[Reading]:
    """Return every way to read the tokens to their end, the one that wins first."""
    cuts: dict[bool, tuple[list[str], set[str], Spans]] = {}
    found: list[Reading] = []
    for tongue in vocabulary.tongues:
        spaced = tongue.grammar.spaced
        if spaced not in cuts:
            units = tongue.grammar.units(tokens)
            said = {unit for unit in units if not unit.isdigit()}
            cuts[spaced] = units, said, _programs_in(units, spaced, vocabulary)
        units, said, named = cuts[spaced]
        if 0 < len(units) <= _MOST_UNITS and said <= tongue.units:
            found += [each for each in _read_in(tongue, units, named, vocabulary) if _holds(each.deeds)]
    found.sort(key=lambda reading: rank(reading.deeds, asked))
    return found


def _holds(deeds: int) -> bool:
    """Tell whether what is done goes together: "I don't want to" turns the "unsubscribe" after it round."""
    if deeds & BITS["refuse"] or deeds & BITS[JOIN]:
        return not deeds & _ENDS
    return not (deeds & BITS["unclear"] and deeds & (BITS["start"] | BITS["confirm"]))


def rank(deeds: int, asked: bool) -> int:
    """Return the place of what is done; `asked`: a YES or NO is awaited."""
    for place, bits in enumerate(_ORDER_ASKED if asked else _ORDER):
        if deeds & bits:
            return place
    return len(_ORDER)


def best(tokens: Sequence[str], vocabulary: Vocabulary, asked: bool = False) -> Reading | None:
    """Return the reading that wins; its language only where the languages that read it so agree."""
    found = read(tokens, vocabulary, asked)
    if not found:
        return None
    first = found[0]
    same = {reading.language for reading in found if rank(reading.deeds, asked) == rank(first.deeds, asked)}
    language = first.language if len(same) == 1 else None
    return Reading(first.deeds, first.pattern, language, first.program)


def prefixes(units: Sequence[str], tongue: Tongue, vocabulary: Vocabulary) -> Iterator[tuple[int, Reading]]:
    """Yield every reading of only the first units that is a STOP of something, with how many units it takes."""
    if not units or not tongue.grammar.knows(units[0]):
        return
    for length, parse in tongue.grammar.read_from(units, BITS["stop"] | BITS["stop_all"]):
        if _holds(parse.deeds) and not _turned(parse, units[:length], tongue.grammar):
            yield length, _reading(parse, tongue.grammar, units[:length], vocabulary, {})


def _read_in(tongue: Tongue, units: Sequence[str], named: Spans, vocabulary: Vocabulary) -> Iterator[Reading]:
    """Read in one language; `named`: where a program is named."""
    grammar = tongue.grammar
    parses = grammar.read(units, named)
    refused = any(parse.deeds == BITS["refuse"] for parse in parses)
    for parse in parses:
        if not ((refused and _says_no_and_ends(parse)) or _turned(parse, units, grammar)):
            yield _reading(parse, grammar, units, vocabulary, named)


def _says_no_and_ends(parse: Parse) -> bool:
    return bool(parse.deeds & BITS["decline"] and parse.deeds & _ENDS)


def _turned(parse: Parse, units: Sequence[str], grammar: Grammar) -> bool:
    """Tell whether a NO beside a STOP is this language's "not", too: "no me quiten" is no "NO" and a "quit me"."""
    return _says_no_and_ends(parse) and any(grammar.begins(grammar.nots, units, at) for at in range(len(units)))


def _reading(parse: Parse, grammar: Grammar, units: Sequence[str], vocabulary: Vocabulary, spans: Spans) -> Reading:
    program = None
    if parse.deeds & (BITS[SCOPED] | BITS[JOIN]):
        program = _program_named(units, grammar, vocabulary, spans)
    return Reading(parse.deeds, parse.pattern, _language_of(units, grammar, vocabulary), program)


def _programs_in(units: Sequence[str], spaced: bool, vocabulary: Vocabulary) -> Spans:
    """Find where a program may be named: the unit it begins at and how many units it takes."""
    if vocabulary.program_units.isdisjoint(units):
        return {}
    most = max(len(name.split()) if spaced else len(name) for name in vocabulary.programs)
    between = " " if spaced else ""
    spans: Spans = {}
    for at in range(len(units)):
        for length in range(1, min(most, len(units) - at) + 1):
            if between.join(units[at : at + length]) in vocabulary.programs:
                spans.setdefault(at, []).append(length)
    return spans


def _program_named(units: Sequence[str], grammar: Grammar, vocabulary: Vocabulary, spans: Spans) -> str | None:
    """Return the one program that is named; None where there are two, or the name is two programs'."""
    longest = [(at, max(lengths)) for at, lengths in spans.items()]
    named = {vocabulary.programs[grammar.joined(units[at : at + length])] for at, length in longest}
    return named.pop() if len(named) == 1 else None


def _language_of(units: Iterable[str], grammar: Grammar, vocabulary: Vocabulary) -> str | None:
    """Return the language of the first word that shows one."""
    for unit in units:
        if unit in vocabulary.everybody:
            language = vocabulary.everybody[unit]
        elif unit in grammar.own:
            language = grammar.language
        else:
            language = vocabulary.polite.get(unit)
        if language:
            return language
    return None
