"""What stands in a message without being the person's own words: reactions, quoted texts, signatures.

A reaction (`Liked "…Reply STOP to opt out"`, or the quotation first) quotes *our* text, STOP and all, so all of it
goes. A quoted reply or a signature is cut off where it begins. Rule: a tail is only a tail if something of her own
stands before it. The words to know them by are data: lexicon/tails.yaml.
"""

from __future__ import annotations

import re
from functools import cache

from bot.core.lexicon import tail_words

_QUOTES = '"“”«„「『'
_ENDS = '"“”»」』'
_SIGN = r"[^\w\s]{1,4}"
_LONGEST_HEADER = 160
_LONGEST_SIGNATURE = 80


def own_words(text: str) -> str:
    r"""Return what the person wrote herself, of a casefolded text with its lines.

    >>> own_words('liked "reply stop to leave"'), own_words("stop\n-- \nann"), own_words("ok\n> reply yes")
    ('', 'stop', 'ok')
    """
    if any(quote in text for quote in _QUOTES) and (_reaction().match(text) or _reacted().match(text)):
        return ""
    if "\n" in text or "\r" in text:
        text = _own_lines(text)
    if ":" in text:
        text = _before_header(text)
    return _before_signature(text)


def _own_lines(text: str) -> str:
    """Drop quoted lines, and all from a line that separates: "-- " or "----- Original message -----"."""
    kept: list[str] = []
    for line in text.splitlines():
        if any(kept) and (line.strip() in ("--", "__", "—") or line.startswith("-- ") or _separator().match(line)):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line.strip())
    return "\n".join(kept).strip() or text


def _before_header(text: str) -> str:
    """Cut "On Monday 3 May, Ann wrote:" and what follows; the opener must stand near, and a digit between."""
    wrote = _wrote().search(text)
    if wrote is None:
        return text
    from_here = max(0, wrote.start() - _LONGEST_HEADER)
    for opener in _opener().finditer(text, from_here, wrote.start()):
        if any(char.isdigit() for char in text[opener.end() : wrote.start()]):
            return text[: opener.start()].strip() or text
    return text


def _before_signature(text: str) -> str:
    """Cut "Sent from my phone" and what follows, on a line of its own or at the end of a flattened text."""
    if _signers().isdisjoint(text.split()):  # hundreds of phrases: their first words are looked for before them
        return text
    for found in _signature().finditer(text):
        line_ends = text.find("\n", found.end())
        rest = (line_ends if line_ends >= 0 else len(text)) - found.end()
        if rest <= _LONGEST_SIGNATURE:
            return text[: found.start()].strip() or text
    return text


# Each is compiled when a text first needs it: hundreds of phrases take their time, and most texts need none of them.


@cache
def _reaction() -> re.Pattern[str]:
    return re.compile(rf"[{_QUOTES}\s]*(?:{_leads()})\s?:?\s?[{_QUOTES}]")


@cache
def _reacted() -> re.Pattern[str]:
    return re.compile(rf"[{_QUOTES}].+[{_ENDS}]\s?[-–—]?\s?(?:{_leads()})\W*$", re.DOTALL)


@cache
def _signature() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_either(tail_words()['signatures'])})(?!\w)")


@cache
def _signers() -> frozenset[str]:
    return frozenset(phrase.split()[0] for phrase in tail_words()["signatures"])


@cache
def _wrote() -> re.Pattern[str]:
    return re.compile(rf"(?:{_either(tail_words()['wrote'])})\s?:")


@cache
def _opener() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_either(tail_words()['wrote_openers'])})(?!\w)")


@cache
def _separator() -> re.Pattern[str]:
    return re.compile(rf"\W*(?:{_either(tail_words()['separators'])})\W*$")


def _leads() -> str:
    return "|".join(_spaced(lead).replace(r"\{\}", _SIGN) for lead in tail_words()["reactions"])


def _either(phrases: tuple[str, ...]) -> str:
    return "|".join(_spaced(phrase) for phrase in sorted(phrases, key=len, reverse=True))


def _spaced(phrase: str) -> str:
    """Match a phrase however wide its spaces are: they are made one only later."""
    return re.escape(phrase).replace(r"\ ", r"\s+")
