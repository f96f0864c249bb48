"""From the text of keywords.yaml to a catalog and everything that is wrong with it, all at once.

Rule: no text makes this raise. A catalog comes out only if no problem is an error; warnings come beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.core.catalog import Catalog, Keyword, Number, Program, Reply, Survey, SurveyStep, Text
from bot.core.conform import conform
from bot.core.findings import Findings
from bot.core.lint import lint
from bot.core.phrases import FALLBACK, speaks
from bot.core.places import Document, Path, read
from bot.core.problems import Level, Problem
from bot.core.regions import country_of, official_languages, spoken_on
from bot.core.schema import KeywordsFile, ProgramPart, QuestionPart, SurveyPart, TextsPart
from bot.core.understanding import Choice


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of a file. `catalog` is None if and only if a problem is an error."""

    catalog: Catalog | None
    problems: tuple[Problem, ...]


def load_catalog(source: str, file: str, providers: Collection[str]) -> Loaded:
    """Read keywords.yaml (its text just as the file has it, line ends included) and say what is wrong with it.

    `file` is how problems name it; `providers` are the names that `provider:` may have.
    """
    document = read(source)
    findings = Findings(file, document)
    shape = conform(findings) if document.data is not None else None
    catalog = _Builder(shape, document).catalog(source, file) if shape else None
    if shape and catalog:
        lint(shape, catalog, providers, findings)
    problems = findings.problems()
    if any(problem.level is Level.ERROR for problem in problems):
        catalog = None
    return Loaded(catalog, problems)


def digest_of(source: str) -> str:
    """Return the version of a file: the first 12 hex digits of the SHA-256 of its bytes."""
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:12]


class _Builder:
    """Makes the catalog's frozen values from the models', with their lines."""

    def __init__(self, shape: KeywordsFile, document: Document) -> None:
        self.shape = shape
        self.document = document
        first = next(iter(shape.numbers), "")
        self.country = shape.country or country_of(first)
        self.languages = tuple(dict.fromkeys(shape.languages)) or (_default_language(self.country),)
        self.surveys = {key: part for key, part in shape.surveys.items() if _asks(part)}

    def catalog(self, source: str, file: str) -> Catalog:
        shape = self.shape
        programs = {key: self._program(key, part) for key, part in shape.programs.items()}
        replies = {key: self._reply(key) for key in shape.replies}
        numbers = {number: self._number(number) for number in shape.numbers}
        return Catalog(
            digest_of(source), file, source, shape.brand, shape.support, self.country, self.languages,
            shape.stop_scope, numbers, programs, replies,
            {key: self._survey(key, part) for key, part in self.surveys.items()},
            self._texts(shape.texts, ("texts",), self.languages[0]),
            {intent: {language: tuple(words) for language, words in by_language.items()}
             for intent, by_language in shape.words if by_language},
            {key: self._keywords(number) for key, number in numbers.items()},
            {key: self._spoken(number, programs) for key, number in numbers.items()},
        )  # fmt: skip

    def _number(self, number: str) -> Number:
        part = self.shape.numbers[number]
        offered = self.shape.programs if part.programs is None else part.programs
        programs = tuple(dict.fromkeys(key for key in offered if key in self.shape.programs))
        line = self.document.at_key(("numbers", number)).line
        return Number(number, part.label, part.provider, programs, part.opt_out_replies, line, part.pace)

    def _program(self, key: str, part: ProgramPart) -> Program:
        path: Path = ("programs", key)
        languages = tuple(dict.fromkeys(part.languages)) or self.languages
        frequency = self._text(part.frequency, (*path, "frequency"), languages[0])
        return Program(
            key, part.name or key.replace("_", " ").capitalize(), tuple(dict.fromkeys(part.keywords)), languages,
            part.opt_in, frequency.words, part.confirm_within, part.remind_after,
            part.survey if part.survey in self.surveys else None,
            self._texts(part.texts, (*path, "texts"), languages[0]), self.document.at_key(path).line,
        )  # fmt: skip

    def _reply(self, key: str) -> Reply:
        part = self.shape.replies[key]
        path: Path = ("replies", key)
        text = self._text(part.text, (*path, "text"), self.languages[0]) if part.text else None
        survey = part.survey if part.survey in self.surveys else None
        return Reply(key, tuple(dict.fromkeys(part.keywords)), text, survey, self.document.at_key(path).line)

    def _survey(self, key: str, part: SurveyPart) -> Survey:
        path: Path = ("surveys", key)
        steps = [self._step(each, (*path, "questions", at)) for at, each in enumerate(part.questions)]
        return Survey(key, tuple(steps) or (self._step(part, path),), self.document.at_key(path).line)

    def _step(self, part: SurveyPart | QuestionPart, path: Path) -> SurveyStep:
        first = self.languages[0]
        answers = {key: self._text(label, (*path, "answers", key), first) for key, label in part.answers.items()}
        choices = tuple(Choice(key, tuple(dict.fromkeys(label.words.values()))) for key, label in answers.items())
        question = self._text(part.question, (*path, "question"), first)
        return SurveyStep(question, choices, tuple(answers.values()), part.free_text)

    def _texts(self, part: TextsPart, path: Path, first: str) -> dict[str, Text]:
        return {name: self._text(words, (*path, name), first) for name, words in part if words}

    def _text(self, words: Mapping[str, str], path: Path, first: str) -> Text:
        """Give a plain text the name of the first language."""
        lines = {language or first: self.document.at((*path, language)).line for language in words}
        return Text({language or first: text for language, text in words.items()}, lines)

    def _keywords(self, number: Number) -> dict[str, Keyword]:
        found: dict[str, Keyword] = {}
        for program in number.programs:
            for at, word in enumerate(self.shape.programs[program].keywords):
                line = self.document.at(("programs", program, "keywords", at)).line
                found.setdefault(word, Keyword(word, "program", program, line))
        for reply in self.shape.replies:
            for at, word in enumerate(self.shape.replies[reply].keywords):
                line = self.document.at(("replies", reply, "keywords", at)).line
                found.setdefault(word, Keyword(word, "reply", reply, line))
        return found

    def _spoken(self, number: Number, programs: Mapping[str, Program]) -> tuple[str, ...]:
        theirs = [language for key in number.programs for language in programs[key].languages]
        return spoken_on(number.number, (*self.languages, *theirs), self.country)


def _asks(survey: SurveyPart) -> bool:
    """Tell whether there is a question in every step of a survey; lint says where there is none."""
    steps = survey.questions or (survey,)
    return all(step.question for step in steps)


def _default_language(country: str) -> str:
    """Choose a language for a file that names none: the country's first that we have texts in, else English."""
    return next((language for language in official_languages(country) if speaks(language)), FALLBACK)
