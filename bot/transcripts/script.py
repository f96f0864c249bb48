"""The transcript format, read: what is texted, how time passes and what happens outside.

Rule: what the server says and records (`<`, `*`, `(silence)`) is not read but made anew by whoever plays; everything
else keeps its place and its wording, so a played file differs from the written one only where the server does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.core.durations import EXAMPLES, read_duration
from bot.core.errors import ConfigError
from bot.core.messages import Flag

SILENCE = "(silence)"
MORE = "  "
"""What a line begins with that goes on with the text of the line above."""

HEAD = ("keywords", "to", "from")
_HEAD = re.compile(rf"#\s*({'|'.join(HEAD)})\s*:\s*(\S.*)")
_ADDRESS = re.compile(r"\[((?:(?:from|to) \+[0-9]{3,15} ?)+)\] ?")
_NUMBER = re.compile(r"\+[1-9][0-9]{2,14}")


@dataclass(frozen=True, slots=True)
class Text:
    """A person texts a number; None stands for the transcript's own."""

    text: str
    msisdn: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """Time passes."""

    time: timedelta


@dataclass(frozen=True, slots=True)
class Flagged:
    """The provider takes the next text for one of its own words."""

    flag: Flag


@dataclass(frozen=True, slots=True)
class Refuse:
    """The provider does not take the next text of ours: for it, she has opted out."""


@dataclass(frozen=True, slots=True)
class Report:
    """The provider reports that our last text was not delivered: for it, she has opted out."""


@dataclass(frozen=True, slots=True)
class Again:
    """The provider delivers her last text a second time."""


@dataclass(frozen=True, slots=True)
class Read:
    """A person of ours reads her last text, which nobody understood."""


@dataclass(frozen=True, slots=True)
class Keywords:
    """Another keywords file takes the place of the one in force."""

    file: str


Act = Text | Pass | Flagged | Refuse | Report | Again | Read | Keywords

EVENTS: dict[str, Act] = {
    **{f"flag {flag.name}": Flagged(flag) for flag in Flag},
    "refuses, opted out": Refuse(),
    "reports, opted out": Report(),
    "delivers twice": Again(),
    "read by a person": Read(),
}
_KEYWORDS = "keywords: "


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the file as it was written, and what it makes happen: None for a note or an empty line."""

    line: int
    written: tuple[str, ...]
    act: Act | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """A transcript. `keywords`, `number` and `msisdn` are what its head names, None where it names none."""

    file: str
    steps: tuple[Step, ...]
    keywords: str | None = None
    number: str | None = None
    msisdn: str | None = None


def read_script(source: str, file: str) -> Script:
    """Read a transcript; raise ConfigError with every line that cannot be read, and how to mend it."""
    reader = _Reader(file)
    steps = tuple(reader.steps(source.splitlines()))
    if reader.problems:
        raise ConfigError(reader.problems)
    return Script(file, steps, reader.head.get("keywords"), reader.head.get("to"), reader.head.get("from"))


def read_text(written: str) -> str:
    """Read a text: in JSON's double quotes, or as it stands; raise ValueError for quotes that are not JSON's.

    >>> read_text('"line one\\\\n\\\\nline three"'), read_text('#1')
    ('line one\\n\\nline three', '#1')
    """
    if len(written) < 2 or not (written.startswith('"') and written.endswith('"')):
        return written
    try:
        return str(json.loads(written))
    except ValueError:
        raise ValueError(r"write quotes within the outer ones as \", a new line as \n and \ as \\") from None


@dataclass(slots=True)
class _Reader:
    """Reads entry by entry, and collects what is wrong."""

    file: str
    head: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def steps(self, lines: Sequence[str]) -> Iterator[Step]:
        begun = False
        for at, entry in _entries(lines):
            mark = entry[0][:1]
            if not begun and (named := _HEAD.fullmatch(entry[0].rstrip())):
                self._name(at, named[1], named[2])
            if mark in ("<", "*") or entry[0].rstrip() == SILENCE:
                continue
            begun = begun or mark in (">", "~", "!")
            try:
                yield Step(at, entry, _act(entry))
            except ValueError as wrong:
                self.problems.append(f"{self.file}:{at}: {wrong}")

    def _name(self, at: int, name: str, value: str) -> None:
        if name != "keywords" and not _NUMBER.fullmatch(value):
            self.problems.append(f"{self.file}:{at}: {value!r} is no number: write it in full, as +33644600000")
        self.head[name] = value


def _entries(lines: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield each entry with its line number: a line, and those below that go on with it."""
    at = 0
    while at < len(lines):
        end = at + 1
        while lines[at][:1] in (">", "<", "*") and end < len(lines) and lines[end].startswith(MORE):
            end += 1
        yield at + 1, tuple(lines[at:end])
        at = end


def _act(entry: tuple[str, ...]) -> Act | None:
    """Read one entry; raise ValueError saying what to write instead."""
    mark, rest = entry[0][:1], entry[0][1:].removeprefix(" ")
    match mark:
        case ">":
            return _text("\n".join((rest, *(line.removeprefix(MORE) for line in entry[1:]))))
        case "~":
            return _pass(rest)
        case "!":
            return _event(rest.strip())
        case "#":
            return None
    if entry[0].strip():
        raise ValueError(f"{entry[0]!r} begins with none of the marks > < ~ * ! #")
    return None


def _text(written: str) -> Text:
    address = _ADDRESS.match(written)
    if written.startswith(("[from ", "[to ")) and not address:
        raise ValueError("write [from +33639980002], [to +33644600001] or [from +33639980002 to +33644600001]")
    named = address[1].split() if address else []
    ends = dict(zip(named[::2], named[1::2], strict=True))
    text = read_text(written[address.end() :] if address else written)
    return Text(text, ends.get("from"), ends.get("to"))


def _pass(written: str) -> Pass:
    try:
        return Pass(read_duration(written))
    except ValueError:
        raise ValueError(f"{written.strip()!r} is no time: write one as {', '.join(EXAMPLES)}") from None


def _event(written: str) -> Act:
    if written.startswith(_KEYWORDS):
        return Keywords(written.removeprefix(_KEYWORDS).strip())
    known = EVENTS.get(written)
    if known is None:
        raise ValueError(f"'! {written}' is not known: write one of {'; '.join(EVENTS)}; {_KEYWORDS}FILE")
    return known
