"""A text made ready to be understood: its words, and the sentences it is made of."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass

from bot.core.text import clean, fold, once, pictures, squash, tokens

_LONGEST_COURTESY = 6
_SENTENCE_END = re.compile(r"[.!?…;,:\n\r()。！？、，；：؟،।۔]+|\s[-–—]+\s|[\u2600-\u27bf\U0001f000-\U0001faff]+")


@dataclass(frozen=True, slots=True)
class Heard:
    """`own`: cleaned, with its lines; `words`: normalised; `folded`, `tokens` and `key`: what is looked up; `signed`:
    what reads like a signature is still in it."""

    own: str
    words: str
    folded: str
    tokens: tuple[str, ...]
    key: str
    signed: bool = False

    def sentences(self) -> list[tuple[str, ...]]:
        """Cut into sentences, each as tokens; empty ones are left out."""
        parts = (tuple(tokens(fold(part))) for part in _SENTENCE_END.split(self._squashed_lines()))
        return [part for part in parts if part]

    def _squashed_lines(self) -> str:
        lines = self.own.splitlines() if "\n" in self.own or "\r" in self.own else [self.own]
        return "\n".join(squash(line, signed=self.signed) for line in lines)

    def asks(self) -> bool:
        """Tell whether the text ends as a question."""
        return self.own.rstrip(" \"'”»)").endswith(("?", "？", "؟"))

    def signs(self) -> str:
        """Return the emoji of the text."""
        return pictures(self.own)


def hear(text: str, *, signed: bool = False) -> Heard:
    """Make a text ready; `signed`: with what reads like a signature left in."""
    own = clean(text, signed=signed)
    words = squash(own, signed=signed)
    folded = fold(words)
    cut = tuple(tokens(folded))
    return Heard(own, words, folded, cut, " ".join(cut) or once(words), signed)


def without_courtesy(words: Sequence[str], polite: Container[str]) -> tuple[str, ...]:
    """Take polite words off both ends; a text of nothing else stays."""
    left = list(words)
    while left:
        length = _courtesy(left, polite, ahead=True)
        if not length:
            break
        del left[:length]
    while left:
        length = _courtesy(left, polite, ahead=False)
        if not length:
            break
        del left[-length:]
    return tuple(left or words)


def _courtesy(words: list[str], polite: Container[str], *, ahead: bool) -> int:
    for length in range(min(_LONGEST_COURTESY, len(words)), 0, -1):
        if " ".join(words[:length] if ahead else words[-length:]) in polite:
            return length
    return 0
