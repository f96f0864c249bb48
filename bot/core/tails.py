"""What stands in a message without being the person's own words: reactions, quoted texts, signatures.

A reaction (`Liked "…Reply STOP to opt out"`, or the quotation first) quotes *our* text, STOP and all, so all of it
goes. A quoted reply or a signature is cut off where it begins. Rule: a tail is only a tail if something of her own
stands before it. The words to know them by are data: lexicon/tails.yaml.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from bot.core.lexicon import tail_words

_QUOTES = '"“”«„「『'
_ENDS = '"“”»」』'
_SIGN = r"[^\w\s]{1,4}"
_LONGEST_HEADER = 160
_LONGEST_SIGNATURE = 80


class _Marks(NamedTuple):
    """The compiled signs of a tail."""

    reaction: re.Pattern[str]
    reacted: re.Pattern[str]
    signature: re.Pattern[str]
    signers: frozenset[str]
    wrote: re.Pattern[str]
    opener: re.Pattern[str]
    separator: re.Pattern[str]


def own_words(text: str) -> str:
    r"""Return what the person wrote herself, of a casefolded text with its lines.

    >>> own_words('liked "reply stop to leave"'), own_words("stop\n-- \nann"), own_words("ok\n> reply yes")
    ('', 'stop', 'ok')
    """
    marks = _marks()
    if any(quote in text for quote in _QUOTES) and (marks.reaction.match(text) or marks.reacted.match(text)):
        return ""
    if "\n" in text or "\r" in text:
        text = _own_lines(text, marks)
    if ":" in text:
        text = _before_header(text, marks)
    return _before_signature(text, marks)


def _own_lines(text: str, marks: _Marks) -> str:
    """Drop quoted lines, and all from a line that separates: "-- " or "----- Original message -----"."""
    kept: list[str] = []
    for line in text.splitlines():
        if any(kept) and (line.strip() in ("--", "__", "—") or line.startswith("-- ") or marks.separator.match(line)):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line.strip())
    return "\n".join(kept).strip() or text


def _before_header(text: str, marks: _Marks) -> str:
    """Cut "On Monday 3 May, Ann wrote:" and what follows; the opener must stand near, and a digit between."""
    wrote = marks.wrote.search(text)
    if wrote is None:
        return text
    from_here = max(0, wrote.start() - _LONGEST_HEADER)
    for opener in marks.opener.finditer(text, from_here, wrote.start()):
        if any(char.isdigit() for char in text[opener.end() : wrote.start()]):
            return text[: opener.start()].strip() or text
    return text


def _before_signature(text: str, marks: _Marks) -> str:
    """Cut "Sent from my phone" and what follows, on a line of its own or at the end of a flattened text."""
    if marks.signers.isdisjoint(text.split()):  # hundreds of phrases: their first words are looked for before them
        return text
    for found in marks.signature.finditer(text):
        line_ends = text.find("\n", found.end())
        rest = (line_ends if line_ends >= 0 else len(text)) - found.end()
        if rest <= _LONGEST_SIGNATURE:
            return text[: found.start()].strip() or text
    return text


@cache
def _marks() -> _Marks:
    words = tail_words()
    leads = "|".join(_spaced(lead).replace(r"\{\}", _SIGN) for lead in words["reactions"])
    return _Marks(
        reaction=re.compile(rf"[{_QUOTES}\s]*(?:{leads})\s?:?\s?[{_QUOTES}]"),
        reacted=re.compile(rf"[{_QUOTES}].+[{_ENDS}]\s?[-–—]?\s?(?:{leads})\W*$", re.DOTALL),
        signature=re.compile(rf"(?<!\w)(?:{_either(words['signatures'])})(?!\w)"),
        signers=frozenset(phrase.split()[0] for phrase in words["signatures"]),
        wrote=re.compile(rf"(?:{_either(words['wrote'])})\s?:"),
        opener=re.compile(rf"(?<!\w)(?:{_either(words['wrote_openers'])})(?!\w)"),
        separator=re.compile(rf"\W*(?:{_either(words['separators'])})\W*$"),
    )


def _either(phrases: tuple[str, ...]) -> str:
    return "|".join(_spaced(phrase) for phrase in sorted(phrases, key=len, reverse=True))


def _spaced(phrase: str) -> str:
    """Match a phrase however wide its spaces are: they are made one only later."""
    return re.escape(phrase).replace(r"\ ", r"\s+")
