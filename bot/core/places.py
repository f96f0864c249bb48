"""YAML read with its places: plain values, and the line and column of every key and value.

Rule: every scalar stays text. `YES`, `NO`, `0123` and `12:30` are keywords here, not booleans, octals and minutes. The
file is data that a marketer writes by hand, so what YAML has for machines (anchors, aliases, tags, several documents)
is refused; in such a file these are texts that lack their quotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

from bot.core.problems import Level

Path = tuple[str | int, ...]

LONGEST = 1_000_000
"""Characters a file may have: far more than any keywords.yaml, and read in about a second."""

DEEPEST = 32

# The C parser is libyaml's, which every wheel of PyYAML has; the other one says the same more slowly.
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CUT = re.compile(r"[ \t]+#(?=[^\s#])")
_QUOTES = "put a text in quotes if it has ': ' or ' #' in it, or begins with one of { [ & * ! % @ ` \""


class Place(NamedTuple):
    """Where something stands; both count from 1, as editors do."""

    line: int
    column: int


TOP = Place(1, 1)


class Fault(NamedTuple):
    """What is wrong with the YAML itself."""

    place: Place
    rule: str
    message: str
    hint: str
    level: Level = Level.ERROR


@dataclass(slots=True)
class Document:
    """A file as read. `data` is made of dicts, lists and texts, and is None if the YAML cannot be read at all."""

    data: Any = None
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def at(self, path: Path) -> Place:
        """Tell where the value at a path stands; if there is none, where the key of the nearest thing around it stands.

        One word may stand for a list of one, and a plain text for the one of the first language (""): then that.
        """
        plain = bool(path) and (path[-1] == "" or isinstance(path[-1], int))
        while path not in self.values and path:
            path = path[:-1]
            if path in self.keys and not plain:
                return self.keys[path]
        return self.values.get(path, TOP)

    def at_key(self, path: Path) -> Place:
        """Tell where the key of a path stands; an item of a list has none, and is told by its value."""
        return self.keys.get(path) or self.at(path)


class _Stop(Exception):
    """What follows makes no sense any more."""


@dataclass(slots=True)
class _Frame:
    """A mapping or a list that is still open, and the key that waits for its value (`again`: it had one before)."""

    path: Path
    into: dict[str, Any] | list[Any]
    key: str | None = None
    again: bool = False


def read(source: str) -> Document:
    """Read a YAML text. Whatever is wrong is in `faults`; no text makes it raise.

    >>> document = read("keywords: [YES, 0123]\\ntexts:\\n  welcome: Hi\\n")
    >>> document.data, document.at(("keywords", 1)), document.at_key(("texts", "welcome"))
    ({'keywords': ['YES', '0123'], 'texts': {'welcome': 'Hi'}}, Place(line=1, column=17), Place(line=3, column=3))
    """
    text = source.removeprefix("\ufeff")
    document = Document()
    unfit = _unfit(text)
    if unfit:
        document.faults.append(unfit)
        return document
    builder = _Builder(document, text)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except _Stop:
        document.data = None
    except yaml.YAMLError as error:
        document.data = None
        document.faults.append(_explain(error, text))
    if document.data is None and not document.faults:
        document.faults.append(Fault(TOP, "yaml", "the file says nothing", "begin with: version: 1"))
    return document


def _unfit(text: str) -> Fault | None:
    """Refuse what the parser should not even see."""
    if len(text) > LONGEST:
        return Fault(TOP, "yaml", f"the file has {len(text):,} characters, more than {LONGEST:,}", "split it up")
    bad = _UNPRINTABLE.search(text)
    if bad:
        line = text.count("\n", 0, bad.start()) + 1
        place = Place(line, bad.start() - text.rfind("\n", 0, bad.start()))
        return Fault(place, "yaml", f"an invisible character, U+{ord(bad.group()):04X}", "delete it")
    return None


class _Builder:
    """Puts values together from the parser's events, without recursion, so that no depth of nesting can hurt."""

    def __init__(self, document: Document, text: str) -> None:
        self.document = document
        self.text = text
        self.open: list[_Frame] = []
        self.documents = 0

    def take(self, event: yaml.Event) -> None:
        """Take the parser's next event."""
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self._stop(event, "a second document begins here", "remove the line with ---")
            case yaml.AliasEvent():
                self._fault(event, "an alias (*…) cannot be used here", _QUOTES)
                self._scalar(event, "")
            case yaml.ScalarEvent():
                self._plain_only(event)
                self._scalar(event, event.value)
                self._hash_after(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._plain_only(event)
                self._begin(event, {} if isinstance(event, yaml.MappingStartEvent) else [])
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.open.pop()

    def _begin(self, event: yaml.Event, container: dict[str, Any] | list[Any]) -> None:
        frame = self.open[-1] if self.open else None
        if frame and isinstance(frame.into, dict) and frame.key is None:
            self._stop(event, "a key must be a single word", _QUOTES)
        if len(self.open) >= DEEPEST:
            self._stop(event, f"nested more than {DEEPEST} deep", "look for brackets that are not closed")
        self.open.append(_Frame(self._put(event, container), container))

    def _scalar(self, event: yaml.Event, value: str) -> None:
        frame = self.open[-1] if self.open else None
        if frame and isinstance(frame.into, dict) and frame.key is None:
            self._name(event, frame, value)
        else:
            self._put(event, value)

    def _name(self, event: yaml.Event, frame: _Frame, key: str) -> None:
        """Take a key; one that was there before loses against the first."""
        first = self.document.keys.setdefault((*frame.path, key), _place(event))
        frame.key, frame.again = key, key in frame.into
        if frame.again:
            message = f"duplicate key '{key}': it stands on line {first.line} already"
            self._fault(event, message, "keep one of the two", "duplicate-key")

    def _put(self, event: yaml.Event, value: Any) -> Path:
        """Put a value where it belongs; the value of a duplicate key belongs nowhere."""
        if not self.open:
            path: Path = ()
            self.document.data = value
        else:
            frame = self.open[-1]
            if isinstance(frame.into, list):
                path = (*frame.path, len(frame.into))
                frame.into.append(value)
            else:
                key, frame.key = frame.key or "", None
                path = (*frame.path, f"{key} (again)" if frame.again else key)
                if not frame.again:
                    frame.into[key] = value
        self.document.values[path] = _place(event)
        return path

    def _plain_only(self, event: Any) -> None:
        for sign, used in (("&", event.anchor), ("!", event.tag)):
            if used is not None:
                self._fault(event, f"{sign} at the beginning of a value means something else in YAML", _QUOTES)

    def _hash_after(self, event: Any) -> None:
        """Warn of a hashtag that YAML takes for a comment: `text: Join our #club`."""
        if not event.style and event.value and (cut := _CUT.match(self.text, event.end_mark.index)):
            end = event.end_mark
            place = Place(end.line + 1, end.column + len(cut.group()))
            hint = "put the whole text in quotes, or a space after the #"
            message = "the text ends before this #: YAML takes the rest for a comment"
            self.document.faults.append(Fault(place, "cut-by-hash", message, hint, Level.WARNING))

    def _fault(self, event: yaml.Event, message: str, hint: str, rule: str = "yaml") -> None:
        self.document.faults.append(Fault(_place(event), rule, message, hint))

    def _stop(self, event: yaml.Event, message: str, hint: str) -> None:
        self._fault(event, message, hint)
        raise _Stop


def _place(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


# What the parser says, what it means to a marketer, and how to mend it.
_MEANINGS = (
    ("mapping values are not allowed", "a second ': ' in one line, or a line that is indented too far", _QUOTES),
    ("exceeded maximum nesting depth", f"nested more than {DEEPEST} deep", "look for brackets that are not closed"),
    ("unexpected end of stream", "the quotes that begin here are never closed", "close them"),
    ("expected ',' or", "the brackets that open here are not closed", "close them, with commas between"),
    ("alphabetic or numeric", "& and * at the beginning of a value mean something else in YAML", _QUOTES),
    (
        "did not find expected",
        "this line does not fit to those above",
        f"indent it as its neighbours, close quotes above; {_QUOTES}",
    ),
)


def _explain(error: yaml.YAMLError, text: str) -> Fault:
    """Say in plain words what the parser says."""
    problem = str(getattr(error, "problem", "") or error)
    mark = getattr(error, "problem_mark", None)
    context = getattr(error, "context_mark", None)
    if context and ("unexpected end of stream" in problem or "expected ',' or" in problem):
        mark = context  # where it begins tells more than where the parser gives up
    place = Place(mark.line + 1, mark.column + 1) if mark else TOP
    if "cannot start any token" in problem:
        return _bad_start(place, text)
    for said, meaning, hint in _MEANINGS:
        if said in problem:
            return Fault(place, "yaml", meaning, hint)
    return Fault(place, "yaml", f"this is not YAML: {problem}", _QUOTES)


def _bad_start(place: Place, text: str) -> Fault:
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    sign = line[place.column - 1 : place.column]
    if sign == "\t":
        return Fault(place, "yaml", "a tab", "indent with spaces")
    return Fault(place, "yaml", f"a value cannot begin with {sign}", _QUOTES)
