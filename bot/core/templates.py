"""Texts with places left open: `{name}` is a placeholder; `[[…{name}…]]` is left out where one in it is empty.

Rule: everything else is as written. A brace or bracket that opens nothing is itself, so no text is faulty here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

_SLOT = re.compile(r"\{[ ]*([^\W\d][\w-]*)[ ]*\}")
_OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_BROKEN = ((" ()", ""), ("()", ""), ("  ", " "), (" ,", ","), (" .", "."))
"""What an empty placeholder leaves behind, and what it is mended to."""


@dataclass(frozen=True, slots=True)
class Part:
    """A run of a text: words and names of placeholders in turn, beginning and ending with words."""

    pieces: tuple[str, ...]
    optional: bool

    def fill(self, values: Mapping[str, str]) -> tuple[list[str], bool]:
        """Put the values in, and tell whether one is lacking."""
        filled = [*self.pieces]
        lacks = False
        for at in range(1, len(filled), 2):
            value = filled[at] = values.get(filled[at], "")
            lacks = lacks or not value
        return filled, lacks


@dataclass(frozen=True, slots=True)
class Template:
    """A text cut at its placeholders, once; `names` are theirs, each once, in order."""

    parts: tuple[Part, ...]
    names: tuple[str, ...]

    def fill(self, values: Mapping[str, str]) -> str:
        """Put the values in; a name without one counts as empty. Values are data: nothing in them is read again.

        >>> template("{brand}: help[[ at {support}]].").fill({"brand": "Café"})
        'Café: help.'
        """
        out: list[str] = []
        broken = False
        for part in self.parts:
            filled, lacks = part.fill(values)
            if lacks and part.optional:
                continue
            broken = broken or lacks
            out += filled
        text = "".join(out)
        return _mended(text) if broken else text


@lru_cache(maxsize=2048)
def template(text: str) -> Template:
    """Cut a text at its placeholders.

    >>> template("Hi {first_name} {}").names
    ('first_name',)
    """
    parts = tuple(_parts(text))
    return Template(parts, tuple(dict.fromkeys(name for part in parts for name in part.pieces[1::2])))


def _parts(text: str) -> Iterator[Part]:
    for at, run in enumerate(_OPTIONAL.split(text)):
        pieces = tuple(_SLOT.split(run))
        if at % 2 and len(pieces) == 1:
            yield Part((f"[[{run}]]",), optional=False)
        elif run:
            yield Part(pieces, optional=at % 2 == 1)


def _mended(text: str) -> str:
    for broken, whole in _BROKEN:
        text = text.replace(broken, whole)
    return text.strip()
