"""Letters of one script that pass for another's: "stоp" with a Cyrillic о, "ΔIAΓPAΦH" half in Latin capitals.

Rule: only a word that mixes scripts is touched. A word wholly in one script is what it is.
"""

from __future__ import annotations

# Drawn alike in capitals or in small letters. Where two would do, the commoner in what people send.
_CYRILLIC = dict(zip("авекмнорстухіјѕԁԛԝ", "abekmhopctyxijsdqw", strict=True))
_GREEK = dict(zip("αβεζηικμνορτυχ", "abezhikmnoptyx", strict=True))

_TO_LATIN = str.maketrans({**_CYRILLIC, **_GREEK})
_TO_CYRILLIC = str.maketrans({latin: letter for letter, latin in _CYRILLIC.items()})
_TO_GREEK = str.maketrans({latin: letter for letter, latin in _GREEK.items()})


def unmix(text: str) -> str:
    """Write every mixed-script word of a casefolded text in the one script it can be written in.

    >>> unmix("stоp пожалуйста"), unmix("cтоп"), unmix("δiaγpaφh")
    ('stop пожалуйста', 'стоп', 'διαγραφη')
    """
    if not any("\u0370" <= char <= "\u052f" for char in text):
        return text
    return " ".join(_unmix_word(word) for word in text.split(" "))


def _unmix_word(word: str) -> str:
    greek = any("\u0370" <= char <= "\u03ff" for char in word)
    cyrillic = any("\u0400" <= char <= "\u052f" for char in word)
    if not (greek or cyrillic) or not any(_is_latin(char) for char in word):
        return word
    latin = word.translate(_TO_LATIN)
    if not any("\u0370" <= char <= "\u052f" for char in latin):
        return latin
    own = word.translate(_TO_CYRILLIC if cyrillic else _TO_GREEK)
    return word if any(_is_latin(char) for char in own) else own


def _is_latin(char: str) -> bool:
    return "a" <= char <= "z" or "\u00df" <= char <= "\u024f"
