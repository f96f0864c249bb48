"""What keywords.yaml says once it has been read and found good: frozen values, ready for a turn.

Rule: nothing here reads YAML, knows a default text or looks for faults; `loading.py` makes a catalog, `lint.py` says
what is wrong with one. Every value remembers the line of the file it stands on, so that a trace can name it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from bot.core.understanding import Choice
from bot.core.vocabulary import Vocabulary, vocabulary

EMPTY: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Text:
    """One text of the file: its words by language, in the file's order, and the line each stands on."""

    words: Mapping[str, str]
    lines: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Number:
    """One of our numbers, E.164. `opt_out_replies`: who answers STOP on it: us, provider or nobody.

    `pace`: the most MTs it may send a second; None where only the provider sets the limit.
    """

    number: str
    label: str
    provider: str
    programs: tuple[str, ...]
    opt_out_replies: Literal["us", "provider", "nobody"] = "us"
    line: int = 0
    pace: float | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """What a contact opts in to. `languages`: the first answers where nothing is known of hers."""

    key: str
    name: str
    keywords: tuple[str, ...]
    languages: tuple[str, ...]
    opt_in: Literal["double", "single"] = "double"
    frequency: Mapping[str, str] = field(default_factory=dict)
    confirm_within: timedelta = timedelta(hours=48)
    remind_after: timedelta | None = None
    survey: str | None = None
    texts: Mapping[str, Text] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """A keyword that only answers: with a text, or with a survey's first question."""

    key: str
    keywords: tuple[str, ...]
    text: Text | None
    survey: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class SurveyStep:
    """One question of a survey. `answers` has the choices' labels, in the order of `choices`."""

    question: Text
    choices: tuple[Choice, ...]
    answers: tuple[Text, ...]
    free_text: bool = False


@dataclass(frozen=True, slots=True)
class Survey:
    """One question or several."""

    key: str
    steps: tuple[SurveyStep, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Keyword:
    """A marketer's word on one number, as the file writes it, and what it leads to."""

    word: str
    kind: Literal["program", "reply"]
    name: str
    line: int


@dataclass(frozen=True, eq=False)
class Catalog:
    """The whole file. `digest` (12 hex digits of its SHA-256) is its version: the ledger and every turn cite it.

    `words`: further words by intent and language (`words:` of the file). `texts`: texts for every program that has
    none of its own. `keywords`: by number, what may be texted there.
    """

    digest: str
    file: str
    source: str
    brand: str
    support: str
    country: str
    languages: tuple[str, ...]
    stop_scope: Literal["number", "all"]
    numbers: Mapping[str, Number]
    programs: Mapping[str, Program]
    replies: Mapping[str, Reply]
    surveys: Mapping[str, Survey]
    texts: Mapping[str, Text]
    words: Mapping[str, Mapping[str, tuple[str, ...]]]
    keywords: Mapping[str, Mapping[str, Keyword]]
    spoken: Mapping[str, tuple[str, ...]]
    """By number, the languages whose words count there: the file's, and those of the number's country."""

    _vocabularies: dict[str | None, Vocabulary] = field(default_factory=dict, repr=False)

    def keywords_on(self, number: str) -> Mapping[str, Keyword]:
        """Return the keywords of a number; none for one that the file has not."""
        return self.keywords.get(number, {})

    def vocabulary(self, number: str | None) -> Vocabulary:
        """Return what counts on a number; without one of ours, in every language of the file and with no keyword."""
        number = number if number in self.numbers else None
        known = self._vocabularies.get(number)
        if known is None:
            known = self._vocabularies[number] = self._vocabulary(number)
        return known

    def warm(self) -> None:
        """Put together what counts on each number now, instead of when its first message comes."""
        for number in self.numbers:
            self.vocabulary(number)

    def _vocabulary(self, number: str | None) -> Vocabulary:
        extra = {
            language: tuple((intent, words[language]) for intent, words in self.words.items() if language in words)
            for language in {name for words in self.words.values() for name in words}
        }
        ours = self.numbers[number] if number else None
        spoken = self.spoken[ours.number] if ours else self.languages
        # A word somebody took the trouble to write down counts, in whatever language it stands there.
        languages = tuple(dict.fromkeys((*spoken, *sorted(extra))))
        if ours is None:
            return vocabulary(languages, extra=extra)
        programs = {key: (self.programs[key].name, key, *self.programs[key].keywords) for key in ours.programs}
        return vocabulary(languages, tuple(self.keywords_on(ours.number)), programs, extra)
