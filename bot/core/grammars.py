"""From a language's file to its grammar: parts become words, phrases become places, each place one bit.

Rule: compiled once per language and kept; what is everybody's (universal.yaml) is compiled into each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache

from bot.core.grammar import BITS, JOIN, NUMBER, PROGRAM, SCOPED, Grammar, closed, keys_of, units_of
from bot.core.lexicon import DEEDS, INTENTS, UNIVERSAL, Lexicon, lexicon
from bot.core.loose import Loose, Seconds, Slot, is_loose, slot
from bot.core.patterns import Item, is_name, unfold, written_out
from bot.core.text import fold, normalise, tokens

STRONG = BITS["stop"] | BITS["stop_all"]

Extra = tuple[tuple[str, tuple[str, ...]], ...]
"""Further words by intent, from keywords.yaml."""


@lru_cache(maxsize=16_384)  # a file says the same words again and again
def unit_key(word: str, spaced: bool = True) -> str:
    """Return what a word or group of words is known by: folded, and its tokens joined as the language joins them.

    >>> unit_key("S'il te plaît"), unit_key("🛑")
    ('s il te plait', '')
    """
    return (" " if spaced else "").join(tokens(fold(normalise(word))))


def unit_keys(word: str, spaced: bool = True) -> Iterator[str]:
    """Yield every key of a word: its own, and the one it has where the apostrophe is left out.

    >>> list(unit_keys("don't")), list(unit_keys("m'envoyer")), list(unit_keys("stop"))
    (['don t', 'dont'], ['m envoyer', 'menvoyer'], ['stop'])
    """
    yield unit_key(word, spaced)
    if spaced and "'" in word:
        yield unit_key(word.replace("'", ""))


@lru_cache(maxsize=256)
def grammar_of(language: str, extra: Extra = ()) -> Grammar:
    """Compile a language together with what is everybody's."""
    own = lexicon(language)
    return compiled((own,) if language == UNIVERSAL else (own, lexicon(UNIVERSAL)), extra)


@cache
def spellings_of(language: str) -> frozenset[str]:
    """Return every unit of a language with its marks, as its file spells it."""
    file = lexicon(language)
    written = [word for _, word, _ in file.intent_words()]
    written += [word for name in ("polite", "breaks", "joins", "nots") for word in file.listed(name)]
    written += [entry for entries in file.parts.values() for entry in entries]
    written += [pattern for deed in DEEDS for pattern in file.phrases.of(deed)]
    return frozenset(unit for each in written for unit in tokens(normalise(each)))


def compiled(files: Sequence[Lexicon], extra: Extra = ()) -> Grammar:
    """Compile files into one grammar, the language of which is the first file's; a faulty pattern is a ValueError."""
    maker = _Maker(files[0].spaced, _parts(files, extra))
    for deed in DEEDS:
        for pattern in _patterns(files, deed):
            try:
                maker.add(pattern, deed)
            except ValueError as fault:
                raise ValueError(f"lexicon/{files[0].language}.yaml: phrases.{deed}: {pattern!r}: {fault}") from None
    return maker.finish(files)


def _parts(files: Sequence[Lexicon], extra: Extra) -> dict[str, tuple[str, ...]]:
    parts: dict[str, list[str]] = {NUMBER: [], PROGRAM: []}
    for intent in INTENTS:
        listed = [word for file in files for group in file.words.of(intent) if not group.alone for word in group.words]
        parts[intent.upper()] = listed + [word for name, words in extra if name == intent for word in words]
    for file in files:
        for name, entries in file.parts.items():
            parts.setdefault(name, []).extend(entries)
    return {name: tuple(entries) for name, entries in parts.items()}


def _patterns(files: Sequence[Lexicon], deed: str) -> Iterator[str]:
    """Name the patterns of a deed, the plain words first: the first that fits is the one shown to people."""
    listed = [pattern for file in files for pattern in file.phrases.of(deed)]
    yield from dict.fromkeys([*([deed.upper()] if deed in INTENTS else []), *listed])


def _deed(sequence: Sequence[Item], deed: str) -> int:
    """Name what a phrase does; one that names a program does it to that program only."""
    if any(PROGRAM in item.choices for item in sequence):
        if deed in ("stop", "stop_bare"):
            return BITS[SCOPED]
        if deed == "start":
            return BITS[JOIN]
    # A bare word is no sentence about messages: it ends nothing unless the whole message is understood.
    if deed == "stop" and [item.choices for item in sequence] == [("STOP",)]:
        return BITS["stop_bare"]
    return BITS[deed]


class _Maker:
    """Gives every place of every phrase its bit, then every word the bits of the places it may fill."""

    def __init__(self, spaced: bool, parts: Mapping[str, tuple[str, ...]]) -> None:
        self.spaced = spaced
        self.parts = parts
        self.top = 0
        self.starts = self.optional = 0
        self.ends: dict[int, int] = {}
        self.patterns: list[str] = []
        self.tops: list[int] = []
        self.of_choice: dict[str, int] = {}
        self.strong: list[Sequence[Item]] = []
        self.units: dict[str, frozenset[str]] = {}

    def add(self, pattern: str, deed: str) -> None:
        """Lay a pattern out after those before it."""
        for sequence in unfold(pattern, self.parts):
            if all(item.optional for item in sequence):
                raise ValueError("every place may stay empty")
            last = self._lay(sequence)
            bit = _deed(sequence, deed)
            if bit & STRONG:
                self.strong.append(sequence)
            self.ends[bit] = self.ends.get(bit, 0) | last
        self.patterns.append(pattern)
        self.tops.append(self.top)

    def _lay(self, sequence: Sequence[Item]) -> int:
        """Take one bit for the start and one for each place; return the last."""
        self.starts |= 1 << self.top
        for item in sequence:
            self.top += 1
            self.optional |= item.optional << self.top
            for choice in item.choices:
                self.of_choice[choice] = self.of_choice.get(choice, 0) | 1 << self.top
        self.top += 1
        return 1 << (self.top - 1)

    def finish(self, files: Sequence[Lexicon]) -> Grammar:
        """Turn choices into words, and make the grammar."""
        places: dict[str, int] = {NUMBER: 0, PROGRAM: 0}
        for choice, bits in self.of_choice.items():
            for word in self._words(choice):
                places[word] = places.get(word, 0) | bits
        polite = frozenset(self._listed(files, "polite"))
        loose = self._loose()
        known = {*places, *polite} - {NUMBER, PROGRAM}
        placed = _units_of(set(places) - {NUMBER, PROGRAM}, self.spaced).union(*(each.units() for each in loose))
        return Grammar(
            language=files[0].language,
            spaced=self.spaced,
            places=places,
            loose=_by_first(loose),
            further=further_of(known, self.spaced),
            starts=self.starts << 1,
            fresh=closed(self.starts, self.optional) << 1,
            optional=self.optional,
            last=sum(self.ends.values()),
            deeds=tuple(self.ends.items()),
            patterns=tuple(self.patterns),
            tops=tuple(self.tops),
            polite=keys_of(polite, self.spaced),
            breaks=keys_of(self._listed(files, "breaks"), self.spaced),
            joins=keys_of(self._listed(files, "joins"), self.spaced),
            nots=keys_of(self._listed(files, "nots"), self.spaced),
            chat=tuple(self._listed(files, "chat")),
            telling=tuple(self._listed(files, "telling")),
            placed=placed,
            needed=self._needed(),
            own=(placed | _units_of(known, self.spaced)) - _units_of_everybody(self.spaced, files),
        )

    def _needed(self) -> frozenset[str]:
        """Name units of which every STOP of something has one: of each phrase, those of the place with fewest words."""
        needed: set[str] = set()
        for sequence in self.strong:
            told = [item for item in sequence if not item.optional and not {NUMBER, PROGRAM} & {*item.choices}]
            needed |= min(map(self._units_in, told), key=len)
        return frozenset(needed)

    def _units_in(self, item: Item) -> set[str]:
        return {unit for choice in item.choices for unit in self._units_of_choice(choice)}

    def _units_of_choice(self, choice: str) -> frozenset[str]:
        known = self.units.get(choice)
        if known is None:
            written = (unit for key in self._words(choice) for unit in units_of(key, self.spaced))
            said = (unit for slots in self._slots(choice) for unit in Loose(slots, 0).units())
            known = self.units[choice] = frozenset((*written, *said))
        return known

    def _words(self, choice: str) -> Iterator[str]:
        """Yield the keys of a choice: a special name, a part's words, or the word itself."""
        if choice in (NUMBER, PROGRAM):
            yield choice
        elif is_name(choice):
            for entry in self.parts[choice]:
                if not is_loose(entry):
                    yield from self._keys(entry)
        else:
            yield from unit_keys(choice, self.spaced)

    def _loose(self) -> list[Loose]:
        """Lay out the entries that stand for too many sayings to write them out."""
        return [Loose(slots, places) for choice, places in self.of_choice.items() for slots in self._slots(choice)]

    def _slots(self, choice: str) -> list[tuple[Slot, ...]]:
        """Lay out those of one part; none for a plain word."""
        loose = filter(is_loose, self.parts.get(choice, ()) if is_name(choice) else ())
        laid_out = (sequence for entry in loose for sequence in unfold(entry, {}))
        return [tuple(slot(item, self._cut(item)) for item in sequence) for sequence in laid_out]

    def _cut(self, item: Item) -> Iterator[list[str]]:
        for choice in item.choices:
            for key in unit_keys(choice, self.spaced):
                yield units_of(key, self.spaced)

    def _listed(self, files: Sequence[Lexicon], name: str) -> Iterator[str]:
        entries = (entry for file in files for entry in file.listed(name))
        yield from (key for entry in entries for key in self._keys(entry))

    def _keys(self, entry: str) -> Iterator[str]:
        """Yield the keys of every word that an entry of a plain list stands for."""
        yield from (key for word in written_out(entry) for key in unit_keys(word, self.spaced) if key)


def _by_first(loose: Iterable[Loose]) -> dict[str, list[tuple[Loose, Seconds]]]:
    """Sort by the unit that each can begin with; beside it, what can come after that unit."""
    found: dict[str, list[tuple[Loose, Seconds]]] = {}
    for each in loose:
        for first, seconds in each.beginnings().items():
            found.setdefault(first, []).append((each, seconds))
    return found


def further_of(known: Iterable[str], spaced: bool) -> frozenset[str]:
    """Name what only begins a key: "no", "no more" where "no more texts" is one."""
    cut = (units_of(key, spaced) for key in known)
    between = " " if spaced else ""
    return frozenset(between.join(units[:length]) for units in cut for length in range(1, len(units)))


def _units_of(known: Iterable[str], spaced: bool) -> frozenset[str]:
    return frozenset(unit for key in known for unit in units_of(key, spaced))


def _units_of_everybody(spaced: bool, files: Sequence[Lexicon]) -> frozenset[str]:
    """Name the units that show nothing of a person's language."""
    if files[0].language == UNIVERSAL:
        return frozenset()
    everybody = grammar_of(UNIVERSAL)
    return _units_of({*everybody.places, *everybody.polite.all}, spaced)
