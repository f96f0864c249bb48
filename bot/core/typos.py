"""One slip of the thumb: a letter too many, one missing, one wrong, or two changed over.

Rule: a word that is a real word is no typo. SHOP, STEP and TOP are one slip from STOP, so the lexicon's
`false_friends` and a number's keywords are never corrected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4
"""Words of fewer letters are not corrected: three letters are one slip from half a dictionary."""

FIRST_SYLLABLE = "\u0e00"
"""Thai, Lao, Hangul, kana and Chinese characters come after it, and no alphabet that people make slips in does."""

ByLength = Mapping[int, Sequence[str]]


def near(word: str, words: Iterable[str]) -> str | None:
    """Return the first of `words` that is exactly one slip away from `word`.

    >>> near("shop", ["start", "stop"]), near("stpo", ["stop"]), near("stop", ["stop"])
    ('stop', 'stop', None)
    """
    return next((other for other in words if OSA.distance(word, other, score_cutoff=1) == 1), None)


def may_slip(word: str) -> bool:
    """Tell whether a slip of the thumb makes another letter of it: not where one sign is a syllable or a word.

    >>> may_slip("stpo"), may_slip("стпо"), may_slip("停车"), may_slip("그만"), may_slip("หยุด")
    (True, True, False, False, False)
    """
    return word.isalpha() and (word.isascii() or max(word) < FIRST_SYLLABLE)


def by_length(words: Iterable[str]) -> ByLength:
    """Sort words into lists of one length each, for `corrections`."""
    lists: dict[int, list[str]] = {}
    for word in sorted(set(words)):
        lists.setdefault(len(word), []).append(word)
    return lists


def corrections(word: str, known: ByLength, shortest: int = SHORTEST) -> list[str]:
    """Return the known words of at least `shortest` letters that are one slip from `word`."""
    found: list[str] = []
    for length in range(max(shortest, len(word) - 1), len(word) + 2):
        hits = process.extract(word, known.get(length, ()), scorer=OSA.distance, score_cutoff=1, limit=None)
        found += [hit for hit, slips, _ in hits if slips]
    return found
