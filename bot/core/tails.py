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
_LONGEST_REACTION = 60
_LONGEST_SIGNATURE = 80


def own_words(text: str, *, signed: bool = False) -> str:
    r"""Return what the person wrote herself, of a casefolded text with its lines. `signed`: signatures are left in.

    >>> own_words('liked "reply stop to leave"'), own_words("stop\n-- \nann"), own_words("ok\n> reply yes")
    ('', 'stop', 'ok')
    """
    if _is_reaction(text):
        return ""
    if "\n" in text or "\r" in text:
        text = _own_lines(text)
    if ":" in text:
        text = _before_header(text)
    return text if signed else _before_signature(text)


def has_signature(text: str) -> bool:
    """Tell whether something in a text reads like a signature. A sentence of hers can ("this is from my daughter")."""
    return _signature_in(text.casefold()) is not None


def _is_reaction(text: str) -> bool:
    """Tell whether somebody's phone put words before our quoted text, or after it."""
    if not any(quote in text for quote in _QUOTES):
        return False
    after = text[max(map(text.rfind, _ENDS)) + 1 :]
    quoted = text.startswith(tuple(_QUOTES)) and len(after) <= _LONGEST_REACTION
    return bool(_reaction().match(text.lstrip(_QUOTES + " ")) or (quoted and _reacted().match(after)))


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
    found = _signature_in(text)
    return text[: found.start()].strip() or text if found else text


def _signature_in(text: str) -> re.Match[str] | None:
    if _signers().isdisjoint(text.split()):  # hundreds of phrases: their first words are looked for before them
        return None
    for found in _signature().finditer(text):
        line_ends = text.find("\n", found.end())
        rest = (line_ends if line_ends >= 0 else len(text)) - found.end()
        if rest <= _LONGEST_SIGNATURE:
            return found
    return None


# Each is compiled when a text first needs it: hundreds of phrases take their time, and most texts need none of them.


@cache
def _reaction() -> re.Pattern[str]:
    return re.compile(rf"(?:{_leads()})\s?:?\s?[{_QUOTES}]")


@cache
def _reacted() -> re.Pattern[str]:
    return re.compile(rf"\s?[-–—]?\s?(?:{_leads()})\W*$")


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
