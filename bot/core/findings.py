"""What is found wrong in a file while it is read and linted, each thing at the place of a key or value."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from bot.core.places import Document, Path, Place
from bot.core.problems import Level, Problem

_SHAPES = ("yaml", "wrong-type", "wrong-value", "too-long")
_KINDS = {"programs": "program", "numbers": "number", "replies": "reply", "surveys": "survey"}


class Findings:
    """Collects problems; `path` leads to what they are about in the file."""

    def __init__(self, file: str, document: Document) -> None:
        self.file = file
        self.document = document
        self._found: list[Problem] = []
        for fault in document.faults:
            self._add(fault.place, fault.level, fault.rule, fault.message, fault.hint)

    def error(self, path: Path, rule: str, message: str, hint: str = "", *, key: bool = False) -> None:
        """Note what keeps the file from being used, at the path's value or its `key`."""
        self._add(self._place(path, key), Level.ERROR, rule, message, hint)

    def warning(self, path: Path, rule: str, message: str, hint: str = "", *, key: bool = False) -> None:
        """Note what should be mended, at the path's value or its `key`."""
        self._add(self._place(path, key), Level.WARNING, rule, message, hint)

    def problems(self) -> tuple[Problem, ...]:
        """Return all of them in the order of the file; at one place errors first, of a misshapen value only that."""
        misshapen = {(each.line, each.column) for each in self._found if each.rule in _SHAPES}
        told = (each for each in self._found if each.rule in _SHAPES or (each.line, each.column) not in misshapen)
        return tuple(sorted(dict.fromkeys(told), key=lambda each: (each.line, each.column, each.level, each.rule)))

    def names(self, *path: str) -> tuple[str, ...]:
        """Name the keys that the file has in a group, those included that were left out as faulty."""
        group = self.document.data
        for key in path:
            group = group.get(key) if isinstance(group, dict) else None
        return tuple(group) if isinstance(group, dict) else ()

    def _place(self, path: Path, key: bool) -> Place:
        return self.document.at_key(path) if key else self.document.at(path)

    def _add(self, place: Place, level: Level, rule: str, message: str, hint: str) -> None:
        self._found.append(Problem(self.file, place.line, place.column, level, rule, message, hint))


def closest(word: str, known: Iterable[str]) -> str | None:
    """Name the known word that was probably meant; None if none is near.

    >>> closest("keyword", ["keywords", "name"]), closest("welcom_back", ["welcome", "welcome_back"])
    ('keywords', 'welcome_back')
    >>> closest("x", ["y"]) is None
    True
    """
    allowed = max(1, len(word) // 3) if len(word) > 1 else 0
    found = process.extractOne(
        word, list(known), scorer=DamerauLevenshtein.distance, processor=str.casefold, score_cutoff=allowed
    )
    return str(found[0]) if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Make a hint: the word that was probably meant, or those there are."""
    names = list(known)
    near = closest(word, names)
    if near:
        return f"did you mean '{near}'?"
    return f"one of: {', '.join(names)}" if names else ""


def whose(path: Path) -> str:
    """Say whose part a path leads to.

    >>> whose(("programs", "club", "texts", "welcome")), whose(("brand",))
    (" of program 'club'", '')
    """
    if len(path) > 2 and path[0] in _KINDS:
        return f" of {_KINDS[str(path[0])]} '{path[1]}'"
    return f" of '{path[-2]}'" if len(path) > 1 else ""


def kind_of(path: Path) -> str:
    """Say what stands at a path itself.

    >>> kind_of(("programs", "club")), kind_of(("programs", "club", "texts")), kind_of(())
    ("program 'club'", "'texts' of program 'club'", 'the file')
    """
    if path[-1:] == ("",):  # a plain text
        path = path[:-1]
    if not path:
        return "the file"
    if len(path) == 2 and path[0] in _KINDS:
        return f"{_KINDS[str(path[0])]} '{path[1]}'"
    return f"{_part(path)}{whose(path)}"


def _part(path: Path) -> str:
    """Name the last step of a path: an entry of a list, an answer, a language of a text, or a key."""
    last, around = path[-1], path[-2] if len(path) > 1 else ""
    if isinstance(last, int):
        return f"question {last + 1}" if around == "questions" else f"entry {last + 1} of '{around}'"
    if around == "answers":
        return f"answer '{last}'"
    if len(path) > 3 and around not in ("texts", "questions") and isinstance(around, str):
        return f"'{around}' in '{last}'"
    return f"'{last}'"
