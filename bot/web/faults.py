"""Reads the problems of keywords.yaml, which services tell as lines of text, back into their parts for a page.

Rule: a line of another shape is shown as it is, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_LINE = re.compile(
    r"(?P<file>[^:]+):(?P<line>\d+):(?P<column>\d+): (?P<level>error|warning): (?P<message>.+?) "
    r"\[(?P<rule>[a-z0-9-]+)\](?: hint: (?P<hint>.+))?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One problem as a page draws it; `place` is file:line:column."""

    message: str
    level: str = "error"
    place: str = ""
    rule: str = ""
    hint: str = ""


def read_fault(text: str) -> Fault:
    """Read one line.

    >>> fault = read_fault("keywords.yaml:14:9: error: CLUB is taken [keyword-taken] hint: pick another")
    >>> fault.place, fault.message, fault.hint
    ('keywords.yaml:14:9', 'CLUB is taken', 'pick another')
    >>> read_fault("the file is gone")
    Fault(message='the file is gone', level='error', place='', rule='', hint='')
    """
    found = _LINE.fullmatch(text)
    if found is None:
        return Fault(text)
    place = f"{found['file']}:{found['line']}:{found['column']}"
    return Fault(found["message"], found["level"], place, found["rule"], found["hint"] or "")


def read_faults(view: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Read every problem of the catalog in an answer of a service, errors first."""
    faults = [read_fault(text) for text in view["catalog"].get("problems") or ()]
    return tuple(sorted(faults, key=lambda fault: fault.level != "error"))
