"""Which answer of an open survey question a text means: its number, its words, or both.

Rule: an answer is named by the whole message. "2", "la 2" and "2 Trop de SMS" name one; "3 times a day is too much"
does not, although it begins with a number.
"""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import OSA

from bot.core.text import fold, normalise, tokens
from bot.core.understanding import Choice
from bot.core.vocabulary import Vocabulary

_SHORTEST_TYPO = 5


def chosen(words: Sequence[str], choices: Sequence[Choice], vocabulary: Vocabulary) -> tuple[Choice, str] | None:
    """Return the choice that is named and the rule that found it; None where none is, or more than one may be."""
    if not words or not choices:
        return None
    return exact(words, choices) or _by_number(words, choices, vocabulary) or _by_label(words, choices)


def exact(words: Sequence[str], choices: Sequence[Choice]) -> tuple[Choice, str] | None:
    """Return the choice whose label, or key, the message is."""
    for choice in choices:
        if list(words) in _labels(choice):
            return choice, "answer-word"
    return None


def _by_number(words: Sequence[str], choices: Sequence[Choice], vocabulary: Vocabulary) -> tuple[Choice, str] | None:
    numbers: list[int] = []
    rest: list[str] = []
    for at, word in enumerate(words):
        number = _number(word, vocabulary, alone=len(words) == 1 or at == len(words) - 1 or at == 0)
        if word.isdecimal() or (number is not None and word not in vocabulary.answer_words):
            numbers.append(number if number is not None else 0)
        else:
            rest.append(word)
    if not numbers and len(words) == 1 and words[0] in vocabulary.numerals:
        numbers, rest = [vocabulary.numerals[words[0]]], []
    if not numbers or not all(1 <= number <= len(choices) for number in numbers):
        return None
    named = choices[numbers[0] - 1]
    if all(word in vocabulary.answer_words or word in vocabulary.polite for word in rest):
        return named, "answer-number"
    spoken = [word for word in rest if word not in vocabulary.polite]
    by_words = exact(rest, choices) or exact(spoken, choices)
    return (named, "answer-number") if by_words and by_words[0] is named else None


def _number(word: str, vocabulary: Vocabulary, *, alone: bool) -> int | None:
    if word.isdecimal():
        return int(word) if len(word) < 3 else 0
    return vocabulary.numerals.get(word) if alone or len(word) > 1 else None


def _by_label(words: Sequence[str], choices: Sequence[Choice]) -> tuple[Choice, str] | None:
    """Find the one label that the words are, save for a slip, or that begins with them."""
    if any(word.isdecimal() for word in words):
        return None  # a number that does not fit the words beside it names nothing
    text = " ".join(words)
    typed = [choice for choice in choices if any(_one_slip(text, " ".join(label)) for label in _labels(choice))]
    if len(typed) == 1:
        return typed[0], "answer-typo"
    begun = [choice for choice in choices if any(label[: len(words)] == list(words) for label in _labels(choice))]
    if len(begun) == 1 and len(words) > 1:
        return begun[0], "answer-word"
    return None


def _one_slip(text: str, label: str) -> bool:
    slips = 1 if len(label) < 12 else 2
    return len(label) >= _SHORTEST_TYPO and OSA.distance(text, label, score_cutoff=slips) <= slips


def _labels(choice: Choice) -> list[list[str]]:
    written = (*choice.labels, choice.key.replace("_", " "))
    return [tokens(fold(normalise(label))) for label in written]
