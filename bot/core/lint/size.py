"""What the texts cost at their longest: segments are billed, and one character can double them.

A text is measured as it is sent, its placeholders filled with the dearest values. Rule: a text is noted only if it
takes more than two segments, or more because of a character that could be spelled in GSM-7; and at the value that
brings the character, so that one brand is one note and not twenty.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.catalog import Program
from bot.core.lint.sheet import Sheet
from bot.core.phrases import TEXTS
from bot.core.places import Path
from bot.core.render import Said, ask, at_its_longest, reply_at_its_longest
from bot.core.segments import GSM7, Size, measure, plainer

MOST = 2
"""Segments that nobody needs to be told of."""

_ON_REQUEST = ("reminder", "thanks")
_WITHOUT_PROGRAM = ("help", "unknown", "farewell")
_QUESTION = ("ask_confirm", "reminder", "declined")


@dataclass(frozen=True, slots=True)
class Sent:
    """A text as it would be sent. `path`: the text in the file; of a built-in one, what it is built for."""

    name: str
    path: Path
    said: Said
    ours: bool


def check(sheet: Sheet) -> None:
    """Measure everything that may be sent."""
    blamed: dict[tuple[Path, str], list[tuple[Sent, Size, int]]] = defaultdict(list)
    noted: set[Path] = set()
    for sent in _everything(sheet):
        size = measure(sent.said.text)
        plain = _in_gsm7(sent.said.text, size)
        if plain < size.segments and size.segments > 1:
            char = size.culprits[0][1]
            bringer = _bringer(sheet, sent, char)
            if sent.ours or bringer != sent.path:  # a built-in text's own letters are its language's: nobody mends them
                blamed[bringer, char].append((sent, size, plain))
        elif size.segments > MOST and sent.path not in noted:
            noted.add(sent.path)
            _note_long(sheet, sent, size)
    for (path, char), cases in blamed.items():
        _note_dear(sheet, path, char, cases)


# ---- what is sent -------------------------------------------------------------------------------------------


def _everything(sheet: Sheet) -> Iterator[Sent]:
    catalog = sheet.catalog
    for key, program in catalog.programs.items():
        for name in TEXTS:
            if _is_said(sheet, name, program):
                for language in program.languages:
                    said = at_its_longest(catalog, name, language, key)
                    yield _sent(sheet, name, said, ("programs", key))
    for name in _WITHOUT_PROGRAM if catalog.numbers else ():
        for language in catalog.languages:
            yield _sent(sheet, name, at_its_longest(catalog, name, language, None), ())
    for key, reply in catalog.replies.items():
        if reply.text:
            for language in reply.text.words:
                said = reply_at_its_longest(catalog, key, language)
                yield Sent(
                    f"the answer of reply '{key}'", _text_path(sheet, ("replies", key, "text"), said), said, True
                )
    for key, survey in catalog.surveys.items():
        for step in range(len(survey.steps)):
            for language in survey.steps[step].question.words:
                yield Sent(f"survey '{key}'", ("surveys", key), ask(catalog, key, step, language), True)


def _is_said(sheet: Sheet, name: str, program: Program) -> bool:
    """Tell whether a program ever says a text: some only if the file has them, some only before a YES."""
    if name == "help_which" or (program.opt_in == "single" and name in _QUESTION):
        return False
    return name not in _ON_REQUEST or name in program.texts or name in sheet.catalog.texts


def _sent(sheet: Sheet, name: str, said: Said, owner: Path) -> Sent:
    of = f" of program '{owner[1]}'" if owner else ""
    for path in ((*owner, "texts", name), ("texts", name)):
        if path in sheet.findings.document.values and said.line is not None:
            return Sent(f"'{name}'{of if len(path) > 2 else ''}", _text_path(sheet, path, said), said, True)
    return Sent(f"the built-in '{name}'{of}", owner or ("numbers",), said, False)


def _text_path(sheet: Sheet, path: Path, said: Said) -> Path:
    spoken = (*path, said.language)
    return spoken if spoken in sheet.findings.document.values else path


# ---- what it costs ------------------------------------------------------------------------------------------


def _in_gsm7(text: str, size: Size) -> int:
    """Tell how many segments a text would take with its few odd characters spelled plainly.

    A text in Cyrillic or Chinese is at home in UCS-2, and takes what it takes.
    """
    letters = sum(char.isalpha() for char in text)
    odd = sum(char.isalpha() for _, char in size.culprits)
    if not size.culprits or odd * 3 > letters:
        return size.segments
    return measure("".join(char if char in GSM7 else "e" for char in plainer(text))).segments


def _bringer(sheet: Sheet, sent: Sent, char: str) -> Path:
    """Lead to the value that brings a character: the text itself, else the first of what is put into it."""
    shape, document = sheet.shape, sheet.findings.document
    text = next((text for text in sheet.texts if sent.path[: len(text.path)] == text.path), None)
    if text and char in text.words.get(sent.said.language, ""):
        return sent.path
    if char in shape.brand:
        return ("brand",)
    if char in shape.support and shape.support in sent.said.text:
        return ("support",)
    programs = [
        (key, part) for key, part in shape.programs.items() if sent.path[:2] in (("programs", key), ("numbers",))
    ]
    for key, part in programs:
        if char in part.name:
            return ("programs", key, "name")
    for kind, group in (("programs", shape.programs), ("replies", shape.replies)):
        for key, entry in group.items():
            for at, word in enumerate(entry.keywords):
                if char in word and word in sent.said.text:
                    return (kind, key, "keywords", at)
    for other in sheet.texts:
        for language, words in other.words.items():
            if other.kind in ("frequency", "question", "answer") and char in words and words in sent.said.text:
                return sheet.place(other, language)
    return sent.path if sent.path in document.values else ()


def _note_dear(sheet: Sheet, path: Path, char: str, cases: list[tuple[Sent, Size, int]]) -> None:
    sent, size, plain = max(cases, key=lambda case: case[1].segments - case[2])
    called = unicodedata.name(char, f"U+{ord(char):04X}").lower()
    more = len({case[0].name for case in cases}) - 1
    also = f", and {more} other texts more than they need" if more > 1 else ""
    message = (
        f"{char} ({called}) is not in GSM-7: {sent.name} in '{sent.said.language}' takes {size.segments} segments "
        f"instead of {plain}{also}"
    )
    sheet.findings.warning(path, "ucs2", message, _plain_spelling(char))


def _plain_spelling(char: str) -> str:
    plain = plainer(char)
    if plain == char:
        bare = unicodedata.normalize("NFD", char)[0]
        plain = bare if bare in GSM7 and bare != char else ""
    if plain.strip():
        return f"write {plain} for it, or say it in other words"
    return "write a plain space for it" if plain else "leave it out"


def _note_long(sheet: Sheet, sent: Sent, size: Size) -> None:
    message = (
        f"{sent.name} in '{sent.said.language}' takes {size.segments} segments at its longest "
        f"({size.units} units in {size.encoding})"
    )
    hint = "shorten it: each segment is billed"
    if not sent.ours:
        hint = "shorten the name, the frequency or the survey, or write a text of your own"
    if sent.path == ("numbers",):
        hint = f"{sent.name.removeprefix('the built-in ')} lists the number's keywords: write a text of your own"
    sheet.findings.warning(sent.path, "segments", message, hint, key=not sent.ours)
