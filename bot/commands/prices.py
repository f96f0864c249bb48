"""What each text of a file costs, rendered with the values that make it longest: the table of `ouistop check`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.core.catalog import Catalog, Program
from bot.core.phrases import TEXTS
from bot.core.render import Said, ask, at_its_longest, reply_at_its_longest
from bot.core.segments import Size, measure

# Said for the number, not for one program; or only where the file has them, or only while a YES is waited for.
FOR_ALL = ("farewell", "help", "help_which", "unknown")
ON_REQUEST = ("reminder", "thanks")
BEFORE_A_YES = ("ask_confirm", "reminder", "declined")


@dataclass(frozen=True, slots=True)
class Price:
    """One text in one language. `of`: the program, reply or survey it belongs to; `ours`: it stands in the file."""

    name: str
    of: str
    language: str
    text: str
    ours: bool
    size: Size

    @property
    def culprits(self) -> str:
        """Name, once each, the characters that make it UCS-2."""
        return " ".join(dict.fromkeys(char for _, char in self.size.culprits))

    def as_dict(self) -> dict[str, Any]:
        """Return the plain values, for JSON."""
        return {
            "text": self.name, "of": self.of, "language": self.language, "built_in": not self.ours,
            "encoding": self.size.encoding, "units": self.size.units, "segments": self.size.segments,
            "culprits": self.culprits.split(), "longest": self.text,
        }  # fmt: skip


def prices(catalog: Catalog) -> list[Price]:
    """List everything that may be said, in the file's order."""
    return [
        *(_price(*said) for program in catalog.programs.values() for said in _of_program(catalog, program)),
        *(_price(*said) for said in _of_all(catalog)),
        *(_price(*said) for said in _of_replies(catalog)),
    ]


def _price(name: str, of: str, said: Said) -> Price:
    return Price(name, of, said.language, said.text, said.line is not None, measure(said.text))


def _of_program(catalog: Catalog, program: Program) -> Iterator[tuple[str, str, Said]]:
    for name in TEXTS:
        if _is_said(catalog, name, program):
            for language in program.languages:
                yield name, program.key, at_its_longest(catalog, name, language, program.key)


def _is_said(catalog: Catalog, name: str, program: Program) -> bool:
    if name in program.texts:
        return True
    if name in FOR_ALL and not (name == "farewell" and program.survey):
        return False
    if name == "farewell_one" and not _beside_others(catalog, program):
        return False
    if program.opt_in == "single" and name in BEFORE_A_YES:
        return False
    return name not in ON_REQUEST or name in catalog.texts


def _beside_others(catalog: Catalog, program: Program | None = None) -> bool:
    """Tell whether a number has several programs (that one among them): only there one can be left, or chosen."""
    crowded = [number.programs for number in catalog.numbers.values() if len(number.programs) > 1]
    return any(program is None or program.key in programs for programs in crowded)


def _of_all(catalog: Catalog) -> Iterator[tuple[str, str, Said]]:
    for name in FOR_ALL if catalog.numbers else ():
        if name != "help_which" or _beside_others(catalog) or name in catalog.texts:
            for language in catalog.languages:
                yield name, "", at_its_longest(catalog, name, language, None)


def _of_replies(catalog: Catalog) -> Iterator[tuple[str, str, Said]]:
    for key, reply in catalog.replies.items():
        for language in reply.text.words if reply.text else ():
            yield "reply", key, reply_at_its_longest(catalog, key, language)
    for key, survey in catalog.surveys.items():
        for at, step in enumerate(survey.steps):
            for language in step.question.words:
                yield "question", key, ask(catalog, key, at, language)
