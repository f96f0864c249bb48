"""One sentence that is a STOP, among others that nobody understands: "who is this? take me off your list. Ann".

Rule: such a sentence must say of what it is a STOP ("take me off your list"), for "stop" alone is chat there; and it is
read in one language at a time, by that language's own words for "not" and for "because".
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.grammar import Grammar
from bot.core.heard import Heard
from bot.core.reading import Reading, prefixes
from bot.core.vocabulary import Tongue, Vocabulary

_MOST_SENTENCES = 12
_LONGEST_SENTENCE = 40  # units
_FEWEST = {True: 2, False: 3}  # units: words, or characters


def stop_among(sentences: Sequence[Sequence[str]], vocabulary: Vocabulary) -> Reading | None:
    """Return the first sentence that is a STOP by itself."""
    for sentence in sentences[:_MOST_SENTENCES]:
        cuts: dict[bool, Sequence[str]] = {}
        for tongue in vocabulary.tongues:
            spaced = tongue.grammar.spaced
            if spaced not in cuts:
                cuts[spaced] = tongue.grammar.units(sentence)[:_LONGEST_SENTENCE]
            units = cuts[spaced]
            if not tongue.grammar.needed.isdisjoint(units):
                reading = _start(units, tongue, vocabulary)
                if reading:
                    return reading
    return None


def might_be_stop(heard: Heard, vocabulary: Vocabulary) -> bool:
    """Tell whether words of STOP are in it that are not plainly chat ("bus stop")."""
    if not vocabulary.telling_units.isdisjoint(heard.tokens):
        text = f" {' '.join(heard.tokens)} "
        for unit in vocabulary.chat_with.keys() & heard.tokens:
            for chat in vocabulary.chat_with[unit]:
                text = text.replace(chat, " / ")
        if any(f" {telling} " in text for telling in vocabulary.telling):
            return True
    if heard.key.isascii():
        return False
    unspaced = [tongue.grammar for tongue in vocabulary.tongues if not tongue.grammar.spaced]
    return any(_tells("".join(heard.tokens), grammar) for grammar in unspaced)


def _tells(text: str, grammar: Grammar) -> bool:
    for chat in grammar.chat:
        text = text.replace(chat, "/")
    return any(telling in text for telling in grammar.telling)


def _start(units: Sequence[str], tongue: Tongue, vocabulary: Vocabulary) -> Reading | None:
    """Read from the sentence's first word, or from after a polite or joining one, to its end or to a word that breaks.

    After a word that would turn a STOP round ("don't") only what follows a joining word counts, unless a STOP begins
    with it ("don't text me").
    """
    grammar = tongue.grammar
    turned = False
    last = max(at for at, unit in enumerate(units) if unit in grammar.needed)
    for at in range(last + 1):
        joined = grammar.ends(grammar.joins, units, at)
        if at == 0 or joined or (not turned and grammar.ends(grammar.polite, units, at)):
            reading = _prefix(units[at:], tongue, vocabulary)
            if reading:
                return reading
        turned = (turned and not joined) or _is_not(units, at, grammar, vocabulary)
    return None


def _is_not(units: Sequence[str], at: int, grammar: Grammar, vocabulary: Vocabulary) -> bool:
    return grammar.begins(grammar.nots, units, at) or grammar.begins(vocabulary.nots, units, at)


def _prefix(units: Sequence[str], tongue: Tongue, vocabulary: Vocabulary) -> Reading | None:
    grammar = tongue.grammar
    for length, reading in prefixes(units, tongue, vocabulary):
        if _may_end(units, length, grammar) and _says_of_what(units[:length], grammar):
            return reading
    return None


def _may_end(units: Sequence[str], at: int, grammar: Grammar) -> bool:
    return at == len(units) or grammar.begins(grammar.breaks, units, at) or grammar.begins(grammar.joins, units, at)


def _says_of_what(units: Sequence[str], grammar: Grammar) -> bool:
    """Tell whether it is more than one word and its courtesies."""
    return len([unit for unit in units if unit not in grammar.polite.all]) >= _FEWEST[grammar.spaced]
