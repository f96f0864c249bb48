"""What the rules look at: the file's shape, the catalog made of it, and where to note what they find."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from bot.core.catalog import Catalog
from bot.core.findings import Findings
from bot.core.places import Path
from bot.core.regions import is_language
from bot.core.schema import KeywordsFile, QuestionPart, SurveyPart
from bot.core.typos import SHORTEST
from bot.core.words import Word, reserved, words_of


@dataclass(frozen=True, slots=True)
class Written:
    """One text as the file writes it. `kind`: a text we say ("text"), or what is put into others ("frequency",
    "answer"), a "question" or a "reply". `words` has what is of a language, `spoken` what the file takes for one;
    `languages`: those it should have."""

    path: Path
    kind: str
    words: Mapping[str, str]
    spoken: tuple[str, ...]
    languages: tuple[str, ...]
    program: str | None = None

    @property
    def key(self) -> str:
        """Its name in the file: welcome, question …"""
        return str(self.path[-1])


@dataclass(frozen=True)
class Sheet:
    """One file under the linter."""

    shape: KeywordsFile
    catalog: Catalog
    providers: tuple[str, ...]
    findings: Findings

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Every language whose words count on some number of the file."""
        spoken = (name for each in self.catalog.spoken.values() for name in each)
        return tuple(dict.fromkeys((*self.catalog.languages, *spoken)))

    @cached_property
    def meanings(self) -> Mapping[str, Word]:
        """What a whole message means in any of those languages without a word of the file, by `key_of`."""
        return _meanings(self.languages)

    @cached_property
    def guarded(self) -> tuple[str, ...]:
        """The words of STOP, HELP and START that a slip of the thumb may hit."""
        words = {word for word in reserved(self.languages) if len(word) >= SHORTEST and word.isalpha()}
        return tuple(sorted(words & self.meanings.keys()))

    def place(self, text: Written, language: str) -> Path:
        """Lead to one language of a text; a plain text is its own place."""
        path = (*text.path, language)
        return path if path in self.findings.document.values else text.path

    @cached_property
    def texts(self) -> tuple[Written, ...]:
        """Every text of the file."""
        return tuple(self._texts())

    def _texts(self) -> Iterator[Written]:
        shape, languages = self.shape, self.catalog.languages
        for name, words in shape.texts:
            if words:
                yield _written(("texts", name), "text", words, languages)
        for key, program in shape.programs.items():
            spoken = self.catalog.programs[key].languages
            if program.frequency:
                yield _written(("programs", key, "frequency"), "frequency", program.frequency, spoken, key)
            for name, words in program.texts:
                if words:
                    yield _written(("programs", key, "texts", name), "text", words, spoken, key)
        for key, reply in shape.replies.items():
            if reply.text:
                yield _written(("replies", key, "text"), "reply", reply.text, languages)
        for key, survey in shape.surveys.items():
            for path, step in questions(key, survey):
                if step.question:
                    yield _written((*path, "question"), "question", step.question, languages)
                for answer, label in step.answers.items():
                    yield _written((*path, "answers", answer), "answer", label, languages)


@lru_cache(maxsize=16)
def _meanings(languages: tuple[str, ...]) -> Mapping[str, Word]:
    """Build what everybody's words mean once: no edit of the file changes it."""
    return words_of(languages)


def questions(key: str, survey: SurveyPart) -> list[tuple[Path, SurveyPart | QuestionPart]]:
    """List a survey's questions with their paths."""
    if survey.questions:
        return [(("surveys", key, "questions", at), each) for at, each in enumerate(survey.questions)]
    return [(("surveys", key), survey)]


def _written(
    path: Path, kind: str, words: Mapping[str, str], languages: tuple[str, ...], program: str | None = None
) -> Written:
    spoken = tuple(language or languages[0] for language in words)
    named = {language: text for language, text in zip(spoken, words.values(), strict=True) if is_language(language)}
    return Written(path, kind, named, spoken, tuple(filter(is_language, languages)), program)
