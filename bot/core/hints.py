"""The ways to find a meaning in a text, from the surest to the least sure.

As it stands (a word, a sentence), with a slip mended, as a STOP with a scope nobody knows, and as one sentence among
others (`sentences.py`). Rule: only the first counts for a text that is a keyword or an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from bot.core.grammar import BITS
from bot.core.heard import Heard, without_courtesy
from bot.core.mending import mended
from bot.core.reading import Reading, best, rank
from bot.core.sentences import stop_among
from bot.core.text import fold, tokens
from bot.core.typos import corrections
from bot.core.understanding import Intent
from bot.core.vocabulary import Vocabulary
from bot.core.words import Word

CONFIDENCE = {"word": 1.0, "polite": 0.98, "phrase": 0.95, "spaced": 0.95, "drawn-out": 0.9, "run-together": 0.85,
              "typo": 0.8, "scope": 0.8, "sentence": 0.85}  # fmt: skip
_MOST_MENDINGS = 12


@dataclass(frozen=True, slots=True)
class Found:
    """A reading, the rule that found it, and a sentence for people. `asked`: counts only where a question is open."""

    reading: Reading
    rule: str
    step: str
    asked: bool = False

    @property
    def confidence(self) -> float:
        """How sure the rule is."""
        return CONFIDENCE[self.rule]


def as_it_stands(heard: Heard, vocabulary: Vocabulary, asked: bool) -> Found | None:
    """Look the whole message up as a word, then read it as a sentence."""
    word = _whole_word(heard, vocabulary)
    if word:
        if word.intent is Intent.UNKNOWN:
            return None
        whose = f"word of {word.language}" if word.language else "universal word"
        return Found(Reading(BITS[word.intent], heard.key, word.language), "word", f"{whose}: {heard.key}", word.asked)
    reading = best(heard.tokens, vocabulary, asked)
    if reading is None:
        return None
    polite = reading.pattern.replace("_", "").isupper()
    return Found(reading, "polite" if polite else "phrase", _told("every word has its place", reading))


def mended_reading(heard: Heard, vocabulary: Vocabulary, asked: bool) -> Found | None:
    """Read the message with its unknown words mended; of several ways the one that wins, the likelier one first."""
    winner: tuple[Reading, str, str] | None = None
    for words, rule in islice(mended(heard.tokens, vocabulary), _MOST_MENDINGS):
        reading = best(words, vocabulary, asked)
        if reading and (winner is None or rank(reading.deeds, asked) < rank(winner[0].deeds, asked)):
            winner = reading, rule, " ".join(words)
    if winner is None:
        return None
    reading, rule, text = winner
    if rule == "typo" and len(heard.tokens) == 1 and corrections(heard.key, vocabulary.keywords_typed):
        return Found(Reading(BITS["unclear"], text, None), rule, f"one slip from {text}, and from a keyword")
    return Found(reading, rule, _told(f"{rule}: {text}", reading))


def scoped(heard: Heard, vocabulary: Vocabulary) -> Found | None:
    """Take "STOP MARKETING" for a STOP: one more word that could be what she wants stopped, and nothing else."""
    words = without_courtesy(heard.tokens, vocabulary.polite)
    if len(words) != 2 or words[1] in vocabulary.never_scopes or words[1].endswith(vocabulary.never_endings):
        return None
    word = vocabulary.words.get(words[0])
    if word is None or word.intent is not Intent.STOP or words[0] not in vocabulary.telling:
        return None
    if " ".join(words) in vocabulary.chat:
        return None
    return Found(Reading(BITS["stop"], "STOP …", word.language), "scope", f"a STOP of {words[1]}, which nobody here is")


def among_others(heard: Heard, vocabulary: Vocabulary) -> Found | None:
    """Find a sentence that says of what it is a STOP among others that nobody understands."""
    listed = heard.sentences()
    reading = stop_among(listed, vocabulary)
    if reading:
        return Found(reading, "sentence", _told("one sentence among others", reading))
    return _last_sentence(listed[-1], vocabulary) if len(listed) > 1 else None


def wrong_marks(found: Found, heard: Heard, vocabulary: Vocabulary) -> bool:
    """Tell whether somebody who types marks has typed others than ours: "đúng" is no "dừng".

    Not where only one sentence of many was read: what she typed in the others is none of ours.
    """
    if found.rule == "sentence":
        return False
    spellings = vocabulary.spellings.get(found.reading.language or "")
    if spellings is None or heard.words == heard.folded:
        return False
    typed = tokens(heard.words)
    return any(unit not in spellings for unit in typed if fold(unit) != unit)


def _whole_word(heard: Heard, vocabulary: Vocabulary) -> Word | None:
    word = vocabulary.marked.get(heard.words)
    if word is None:
        word = vocabulary.words.get(heard.key)
        if word and word.language in vocabulary.spellings and heard.words != heard.folded:
            word = None  # typed with marks, and not with ours
    if word is None and len(heard.tokens) > 1:
        compact = "".join(heard.tokens)
        if len(compact) > 3 or all(len(token) == 1 for token in heard.tokens):
            word = vocabulary.words.get(compact)
    return word


def _last_sentence(sentence: Sequence[str], vocabulary: Vocabulary) -> Found | None:
    """Take a last sentence for a STOP that is one word of STOP with its courtesies, or that asks for it kindly."""
    for courtesies in (vocabulary.polite, *(tongue.grammar.polite.all for tongue in vocabulary.tongues)):
        words = without_courtesy(sentence, courtesies)
        word = vocabulary.words.get(" ".join(words))
        if word and word.intent is Intent.STOP and words[0] in vocabulary.telling:
            return Found(Reading(BITS["stop"], "… STOP", word.language), "sentence", f"the last word is {words[0]}")
    reading = best(sentence, vocabulary)
    if reading and reading.does("stop_bare") and _is_kind(sentence, reading, vocabulary):
        return Found(reading, "sentence", _told("the last sentence asks for it", reading))
    return None


def _is_kind(sentence: Sequence[str], reading: Reading, vocabulary: Vocabulary) -> bool:
    """Tell whether a courtesy of its language is in it: "please stop them" is asked of us, "stop them" of anybody."""
    own = [tongue.grammar for tongue in vocabulary.tongues if tongue.grammar.language == reading.language]
    return any(grammar.begins(grammar.polite, sentence, at) for grammar in own for at in range(len(sentence)))


def _told(how: str, reading: Reading) -> str:
    whose = f" ({reading.language})" if reading.language else ""
    return f"{how}{whose}: {reading.pattern}"
