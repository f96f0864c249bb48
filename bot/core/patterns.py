"""How a phrase of the lexicon is written: `STOP [the|these] TEXTS`, unfolded into plain sequences of items.

An item is what may stand in one place: words and names of parts, and whether the place may stay empty. A part that is
made of other parts is written out where it is named, so that only plain lists of words are left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

_PIECE = re.compile(r"\[|\]|[^\s\[\]]+")
_NAME = re.compile(r"(?<![^\s\[|])[A-Z][A-Z_]+(?![^\s\]|])")
_MOST_DEEP = 6


class Item(NamedTuple):
    """One place of a phrase. `choices` are words, or names of parts (in capitals)."""

    choices: tuple[str, ...]
    optional: bool = False


Sequences = list[list[Item]]


@lru_cache(maxsize=4096)
def is_name(choice: str) -> bool:
    """Tell a part's name from a word: capitals only."""
    return len(choice) > 1 and choice.isascii() and choice.isupper()


@lru_cache(maxsize=4096)
def is_plain(entries: tuple[str, ...]) -> bool:
    """Tell whether a part is a list of words, not made of other parts."""
    return not any(_NAME.search(entry) for entry in entries)


def unfold(pattern: str, parts: Mapping[str, tuple[str, ...]], depth: int = 0) -> Sequences:
    """Write a pattern out as plain sequences; an unknown part or a loose bracket is a ValueError.

    >>> unfold("stop [the|my] [text message]", {})
    [[Item(choices=('stop',), optional=False), Item(choices=('the', 'my'), optional=True), \
Item(choices=('text',), optional=False), Item(choices=('message',), optional=False)], \
[Item(choices=('stop',), optional=False), Item(choices=('the', 'my'), optional=True)]]
    """
    if depth > _MOST_DEEP:
        raise ValueError(f"{pattern!r}: a part is made of itself")
    pieces = iter(_PIECE.findall(pattern))
    sequences = _sequence(pieces, parts, depth)
    if next(pieces, None) is not None or pattern.count("[") != pattern.count("]"):
        raise ValueError(f"{pattern!r}: a bracket is left open or closed twice")
    return sequences


def written_out(entry: str) -> Iterator[str]:
    """Yield every word or group of words that an entry of a plain part stands for.

    >>> list(written_out("[my] phone|cell number"))
    ['my phone number', 'my cell number', 'phone number', 'cell number']
    """
    if "[" not in entry and "|" not in entry:
        yield entry
        return
    for sequence in unfold(entry, {}):
        yield from (" ".join(words) for words in _choices(sequence) if words)


def _choices(sequence: Sequence[Item]) -> Iterator[list[str]]:
    if not sequence:
        yield []
        return
    first, rest = sequence[0], sequence[1:]
    for choice in (*first.choices, *([None] if first.optional else [])):
        for words in _choices(rest):
            yield [choice, *words] if choice else words


def _sequence(pieces: Iterator[str], parts: Mapping[str, tuple[str, ...]], depth: int) -> Sequences:
    """Read up to the closing bracket, or the end."""
    sequences: Sequences = [[]]
    for piece in pieces:
        if piece == "]":
            break
        inner = piece == "["
        variants = _optional(_sequence(pieces, parts, depth)) if inner else _place(piece, parts, depth)
        sequences = [[*before, *after] for before in sequences for after in variants]
    return sequences


def _optional(variants: Sequences) -> Sequences:
    """One item may stay empty by a mark of its own; a longer run is written out with and without."""
    if len(variants) == 1 and len(variants[0]) == 1:
        return [[variants[0][0]._replace(optional=True)]]
    return [*variants, []]


def _place(piece: str, parts: Mapping[str, tuple[str, ...]], depth: int) -> Sequences:
    choices = tuple(piece.split("|"))
    for name in filter(is_name, choices):
        if name not in parts:
            raise ValueError(f"no part is named {name}")
    if len(choices) == 1 and is_name(piece) and not is_plain(parts[piece]):
        return [sequence for entry in parts[piece] for sequence in unfold(entry, parts, depth + 1)]
    if any(is_name(name) and not is_plain(parts[name]) for name in choices):
        raise ValueError(f"{piece}: a part made of parts cannot be one of several choices")
    return [[Item(choices)]]
