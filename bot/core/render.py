"""The words of one MT: which text speaks, in which language, with what in its placeholders.

Which text: the program's own of the file, else the file's for all programs, else the phrasebook's. Which language
within it: the one asked for, else a broader one (fr-CA → fr), else the file's first, else any there is.
Rule: a value is data. It is put in once and never read again for placeholders, and a placeholder nobody can fill is
left out: a marketer's slip never costs a person her answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from functools import lru_cache
from typing import TypeVar

from bot.core.catalog import EMPTY, Catalog, Program, Text
from bot.core.phrases import FALLBACK, broader, phrase, spoken
from bot.core.segments import measure
from bot.core.templates import Template, template
from bot.core.values import dataclass, replace

FAREWELLS = frozenset({"farewell", "farewell_one"})
LONGEST_FIELD = "n" * 20
"""What `at_its_longest` takes for a contact's field, about which the file says nothing."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Said:
    """A text ready to send. `line`: the line of keywords.yaml that spoke; None for a built-in text."""

    text: str
    language: str
    line: int | None


@dataclass(frozen=True, slots=True)
class _Scene:
    """What the placeholders of one text are about. `survey`: whose first question is asked."""

    catalog: Catalog
    language: str
    number: str
    program: Program | None = None
    survey: str | None = None
    keyword: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


def say(
    catalog: Catalog, key: str, language: str, *, program: str | None, number: str, survey: str | None,
    fields: Mapping[str, str],
) -> Said:  # fmt: skip
    """Render one of the texts, for a program or (None) for the number as a whole. `survey`: the survey whose first
    question is asked in the same MT, at `{survey}` or, where a text of the file has no such place, at its end."""
    if not fields:
        return _said_to_all(catalog, key, language, program, number, survey)
    return _say(catalog, key, language, program, number, survey, fields)


@lru_cache(maxsize=4096)
def _said_to_all(
    catalog: Catalog, key: str, language: str, program: str | None, number: str, survey: str | None
) -> Said:
    """Render a text with nothing of hers in it: the same for everybody, so it is made once."""
    return _say(catalog, key, language, program, number, survey, EMPTY)


def _say(
    catalog: Catalog, key: str, language: str, program: str | None, number: str, survey: str | None,
    fields: Mapping[str, str],
) -> Said:  # fmt: skip
    about = catalog.programs.get(program) if program else None
    words, spoken_in, line = _words(catalog, key, language, about)
    scene = _Scene(catalog, spoken_in, number, about, survey, fields=fields)
    return Said(_filled(template(words), scene), spoken_in, line)


def reply(catalog: Catalog, name: str, language: str, *, number: str, fields: Mapping[str, str]) -> Said:
    """Render the text of a keyword that only answers; one without a text answers with its survey's first question."""
    answering = catalog.replies[name]
    if answering.text is None:
        return ask(catalog, answering.survey or "", 0, language, number=number, fields=fields)
    spoken_in, words = _pick(answering.text.words, language, catalog.languages[0])
    scene = _Scene(catalog, spoken_in, number, keyword=answering.keywords[0], fields=fields)
    return Said(_filled(template(words), scene), spoken_in, answering.text.lines.get(spoken_in))


def ask(
    catalog: Catalog, survey: str, step: int, language: str, *, number: str = "", fields: Mapping[str, str] = EMPTY
) -> Said:
    """Render one question of a survey with its numbered answers."""
    question = catalog.surveys[survey].steps[step].question
    spoken_in, _ = _pick(question.words, language, catalog.languages[0])
    text = _question(_Scene(catalog, language, number, fields=fields), survey, step)
    return Said(text, spoken_in, question.lines.get(spoken_in))


def at_its_longest(catalog: Catalog, key: str, language: str, program: str | None) -> Said:
    """Render a text with the values that make it dearest (segments, then UCS-2, then units), for the linter.

    Of a program's text: over the numbers of that program. Of a text for all (None): over every number, and every
    program of it. A farewell asks its program's survey. A contact's field counts as 20 plain letters.
    """
    about = catalog.programs.get(program) if program else None
    words, spoken_in, line = _words(catalog, key, language, about)
    parts = template(words)
    asked = [survey.steps[0].question for survey in catalog.surveys.values()] if key in FAREWELLS else []
    fields = _long_fields([words, *(each for question in asked for each in question.words.values())])
    scenes = [
        _Scene(catalog, spoken_in, number, each, each.survey if each and key in FAREWELLS else None, fields=fields)
        for number, each in _appearances(catalog, about)
    ]
    return Said(max((_filled(parts, scene) for scene in scenes), key=_cost), spoken_in, line)


def reply_at_its_longest(catalog: Catalog, name: str, language: str) -> Said:
    """Render a keyword-only reply with the values that make it dearest; fields count as in `at_its_longest`."""
    text = catalog.replies[name].text
    fields = _long_fields(text.words.values() if text else ())
    here = [number for number in catalog.numbers if any(k.name == name for k in catalog.keywords_on(number).values())]
    said = [reply(catalog, name, language, number=number, fields=fields) for number in here or [""]]
    return max(said, key=lambda each: _cost(each.text))


# ---- which words --------------------------------------------------------------------------------------------


def _words(catalog: Catalog, key: str, language: str, program: Program | None) -> tuple[str, str, int | None]:
    """Find the text that speaks: its words, their language, and their line in the file."""
    first = catalog.languages[0]
    own = (program.texts.get(key) if program else None) or catalog.texts.get(key)
    if own and own.words:
        found, words = _pick(own.words, language, first)
        return words, found, own.lines.get(found)
    if key == "help" and program is None:
        key = "help_which"
    book = spoken(language) or spoken(first) or FALLBACK
    return phrase(book, key, catalog.country), book, None


def _pick(words: Mapping[str, _T], language: str, first: str) -> tuple[str, _T]:
    """Choose among the languages of one text; there is at least one."""
    if language in words:
        return language, words[language]
    for wanted in (language, first):
        for name in broader(wanted):
            if name in words:
                return name, words[name]
    return next(iter(words.items()))


# ---- what stands in the placeholders ------------------------------------------------------------------------


def _filled(parts: Template, scene: _Scene) -> str:
    values = {name: FILLERS[name](scene) if name in FILLERS else scene.fields.get(name, "") for name in parts.names}
    text = parts.fill(values)
    if scene.survey and "survey" not in parts.names:
        return f"{text} {_survey(scene)}"
    return text


def _program(scene: _Scene) -> str:
    """The program's name; where no single one is meant, the brand, so that "Welcome to {program}" stays whole."""
    return scene.program.name if scene.program else scene.catalog.brand


def _frequency(scene: _Scene) -> str:
    told = scene.program.frequency if scene.program else EMPTY
    if told:
        return _pick(told, scene.language, scene.catalog.languages[0])[1]
    return phrase(scene.language, "frequency", scene.catalog.country) if scene.program else ""


def _keyword(scene: _Scene) -> str:
    """The first keyword of the reply or program, as the file writes it."""
    return scene.keyword or (scene.program.keywords[0] if scene.program and scene.program.keywords else "")


def _keywords(scene: _Scene) -> str:
    """The number's keywords, one for each thing they lead to."""
    first: dict[tuple[str, str], str] = {}
    for keyword in scene.catalog.keywords_on(scene.number).values():
        first.setdefault((keyword.kind, keyword.name), keyword.word)
    return phrase(scene.language, "between").join(first.values())


def _survey(scene: _Scene) -> str:
    return _question(scene, scene.survey, 0) if scene.survey else ""


def _question(scene: _Scene, survey: str, step: int) -> str:
    """A question and its answers, numbered from 1 in the order in which an answer's digit is read."""
    asked = scene.catalog.surveys[survey].steps[step]
    first = scene.catalog.languages[0]
    spoken_in, words = _pick(asked.question.words, scene.language, first)
    question = _filled(template(words), replace(scene, language=spoken_in, survey=None))
    if not asked.answers:
        return question
    choice = template(phrase(spoken_in, "choice"))
    labels = (_label(answer, spoken_in, first) for answer in asked.answers)
    choices = (choice.fill({"position": str(at), "answer": label}) for at, label in enumerate(labels, 1))
    joined = phrase(spoken_in, "between").join(choices)
    return template(phrase(spoken_in, "ask")).fill({"question": question, "choices": joined})


def _label(answer: Text, language: str, first: str) -> str:
    return _pick(answer.words, language, first)[1]


FILLERS: Mapping[str, Callable[[_Scene], str]] = {
    "brand": lambda scene: scene.catalog.brand,
    "program": _program,
    "frequency": _frequency,
    "support": lambda scene: scene.catalog.support,
    "keyword": _keyword,
    "number": lambda scene: scene.number,
    "survey": _survey,
    "keywords": _keywords,
}
"""The placeholders of the file's texts; any other name is a contact's field. {number} is ours, in E.164: it can be
tapped as it stands, at home and abroad."""


# ---- where a text may be said, and what it costs there ------------------------------------------------------


def _appearances(catalog: Catalog, program: Program | None) -> list[tuple[str, Program | None]]:
    """List the numbers on which a program's text is said; without a program, every number and what it offers."""
    if program:
        here = [number.number for number in catalog.numbers.values() if program.key in number.programs]
        return [(number, program) for number in here or [""]]
    offered = [
        (number.number, catalog.programs.get(key)) for number in catalog.numbers.values() for key in number.programs
    ]
    return [*offered, *((number, None) for number in catalog.numbers or [""])]


def _long_fields(texts: Iterable[str]) -> dict[str, str]:
    return {name: LONGEST_FIELD for words in texts for name in template(words).names}


def _cost(text: str) -> tuple[int, bool, int]:
    size = measure(text)
    return size.segments, size.encoding == "UCS-2", size.units
