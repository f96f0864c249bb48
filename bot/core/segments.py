"""How many segments a text costs, in which alphabet, and which characters make it dear.

Rule: this is the only place that knows GSM 03.38 (3GPP TS 23.038). A text made of its characters alone travels as
7-bit septets, 160 in one segment; any other character turns the whole text into UCS-2, 70 UTF-16 units in one. A
longer text is cut, and each part gives 6 octets to the header that joins them: 153 septets or 67 units are left.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""One septet each. Escape, the 128th place of the table, is no character."""

EXTENSION = frozenset("\f^{}\\[~]|€")
"""Two septets each: an escape and a place of the second table. The two never travel in different parts."""

GSM7 = BASIC | EXTENSION

ONE_GSM7, PART_GSM7 = 160, 153
ONE_UCS2, PART_UCS2 = 70, 67


@dataclass(frozen=True, slots=True)
class Size:
    """What a text costs. `units`: septets (GSM-7) or UTF-16 code units (UCS-2). `segments`: those billed.

    `culprits`: the characters that force UCS-2, each with its index in the text; none where it is GSM-7.
    """

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    segments: int
    culprits: tuple[tuple[int, str], ...] = ()


def measure(text: str) -> Size:
    """Tell what a text costs. An empty text costs nothing, for it cannot be sent.

    >>> measure("OUI")
    Size(encoding='GSM-7', units=3, segments=1, culprits=())
    >>> measure("Arrêt")
    Size(encoding='UCS-2', units=5, segments=1, culprits=((3, 'ê'),))
    >>> measure("€" * 81).segments
    2
    """
    if BASIC.issuperset(text):
        return Size("GSM-7", len(text), _segments(len(text), ONE_GSM7, PART_GSM7))
    if GSM7.issuperset(text):
        widths = [2 if char in EXTENSION else 1 for char in text]
        return Size("GSM-7", sum(widths), _segments(sum(widths), ONE_GSM7, PART_GSM7, widths))
    widths = [2 if char > "\uffff" else 1 for char in text]
    culprits = tuple((index, char) for index, char in enumerate(text) if char not in GSM7)
    return Size("UCS-2", sum(widths), _segments(sum(widths), ONE_UCS2, PART_UCS2, widths), culprits)


def _segments(units: int, one: int, part: int, widths: Iterable[int] = ()) -> int:
    """Count the parts. Without widths every character is one unit; with them, none is cut in two."""
    if units <= one:
        return min(units, 1)
    if not widths:
        return -(-units // part)
    parts, used = 1, 0
    for width in widths:
        if used + width > part:
            parts, used = parts + 1, 0
        used += width
    return parts


# ---- what a word processor puts in, and what says the same for less ----------------------------------------

_TWINS = {
    "'": "‘’‚‛ʹʻʼʽˈ′´`‹›",
    '"': "“”„‟″«»",
    "-": "‐‑‒–—―−•·",
    "...": "…",
    " ": "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "\n": "\u0085\u2028\u2029",
    "": "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f\ufeff",
    "oe": "œ",
    "OE": "Œ",
    "fi": "ﬁ",
    "fl": "ﬂ",
    "x": "×",
    "/": "⁄",
    "->": "→",
    "<-": "←",
    "o": "º",
    "a": "ª",
}
_PLAINER = str.maketrans({char: twin for twin, chars in _TWINS.items() for char in chars})
_GUILLEMETS = (("« ", '"'), ("«\u00a0", '"'), ("«\u202f", '"'), (" »", '"'), ("\u00a0»", '"'), ("\u202f»", '"'))


def plainer(text: str) -> str:
    """Write typographic characters as their GSM-7 twins, and accents joined to their letters; spelling stays.

    What has no twin stays too (ê, ç, emoji): leaving an accent out is for a person to decide.

    >>> plainer("L’été… «\u00a0enfin\u00a0» – 50\u00a0€ → être")
    'L\\'été... "enfin" - 50 € -> être'
    """
    text = unicodedata.normalize("NFC", text)
    for french, plain in _GUILLEMETS:
        text = text.replace(french, plain)
    return unicodedata.normalize("NFC", text.translate(_PLAINER))  # an invisible character may have stood between
