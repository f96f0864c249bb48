"""Letters of one script that pass for another's: "stоp" with a Cyrillic о, "ΔIAΓPAΦH" half in Latin capitals.

Rule: only a word that mixes scripts is touched. A word wholly in one script is what it is.
"""

from __future__ import annotations

import re

# Drawn alike in capitals or in small letters. Where two would do, the commoner in what people send.
_CYRILLIC = dict(zip("авекмнорстухіјѕԁԛԝ", "abekmhopctyxijsdqw", strict=True))
_GREEK = dict(zip("αβεζηικμνορτυχ", "abezhikmnoptyx", strict=True))

_TO_LATIN = str.maketrans({**_CYRILLIC, **_GREEK})
_TO_CYRILLIC = str.maketrans({latin: letter for letter, latin in _CYRILLIC.items()})
_TO_GREEK = str.maketrans({latin: letter for letter, latin in _GREEK.items()})

_LATIN = re.compile("[a-z\u00df-\u024f]")
_OTHER = re.compile("[\u0370-\u052f]")
_CYRILLIC_LETTER = re.compile("[\u0400-\u052f]")


def unmix(text: str) -> str:
    """Write every mixed-script word of a casefolded text in the one script it can be written in.

    >>> unmix("stоp пожалуйста"), unmix("cтоп"), unmix("δiaγpaφh")
    ('stop пожалуйста', 'стоп', 'διαγραφη')
    """
    if not (_LATIN.search(text) and _OTHER.search(text)):
        return text
    return " ".join(_unmix_word(word) for word in text.split(" "))


def _unmix_word(word: str) -> str:
    if not (_LATIN.search(word) and _OTHER.search(word)):
        return word
    latin = word.translate(_TO_LATIN)
    if not _OTHER.search(latin):
        return latin
    own = word.translate(_TO_CYRILLIC if _CYRILLIC_LETTER.search(word) else _TO_GREEK)
    return word if _LATIN.search(own) else own


def in_disguise(word: str) -> str | None:
    """Return the Latin word that one in Cyrillic or Greek is drawn like, letter by letter; None if it is like none.

    >>> in_disguise("ѕтор"), in_disguise("стоп")
    ('stop', None)
    """
    latin = word.translate(_TO_LATIN)
    return latin if latin != word and not _OTHER.search(latin) else None
