"""One spelling for every text: what a message and a word of keywords.yaml go through before they are compared.

Rule: `normalise` is the only way to `words`, for both sides, or nothing matches. `fold` is a second, coarser key
(accents off); whoever compares tries `words` first and the folded key after it.
"""

from __future__ import annotations

import re
import unicodedata

from bot.core.lookalikes import unmix
from bot.core.tails import own_words

ASCII_EDGES = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"

LONGEST = 1600
"""How many characters of a text are read: ten segments of GSM-7 and some more."""

_INVISIBLE_RANGES = (
    (0x00, 0x08), (0x0E, 0x1B), (0x7F, 0x84), (0x86, 0x9F),      # controls; white space stays
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFC), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A),
    (0x20E3, 0x20E3), (0x1F3FB, 0x1F3FF),                         # the key of a keycap, skin tones
    (0xE0000, 0xE0FFF),
)  # fmt: skip
_APOSTROPHES = "’‘‛ʼʹ´`′＇"

_CLEAN: dict[int, str | None] = {
    **{code: None for low, high in _INVISIBLE_RANGES for code in range(low, high + 1)},
    **{ord(mark): "'" for mark in _APOSTROPHES},
    ord("ı"): "i",
}

# Marks a folded text loses: accents, Hebrew points, Arabic vowels. Indic and Thai vowel signs are letters, and stay.
_ACCENT_RANGES = ((0x300, 0x36F), (0x483, 0x487), (0x591, 0x5BD), (0x5BF, 0x5BF), (0x5C1, 0x5C2), (0x5C4, 0x5C5),
                  (0x5C7, 0x5C7), (0x610, 0x61A), (0x640, 0x640), (0x64B, 0x65F), (0x670, 0x670), (0x6D6, 0x6DC),
                  (0x6DF, 0x6E4), (0x6E7, 0x6E8), (0x6EA, 0x6ED))  # fmt: skip


def _single(letters: dict[str, str]) -> dict[int, str | None]:
    return {ord(letter): other for letter, other in letters.items()}


_FOLD: dict[int, str | None] = {
    **{code: None for low, high in _ACCENT_RANGES for code in range(low, high + 1)},
    **_single({"đ": "d", "ð": "d", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ŧ": "t"}),
    **_single({"ə": "e"}),  # Azerbaijani, typed on any other keyboard
    **_single({"ى": "ي", "ی": "ي", "ے": "ي", "ک": "ك", "ة": "ه", "ٱ": "ا", "ہ": "ه", "ھ": "ه", "ۃ": "ه", "ँ": "ं"}),
    **{zero + n: str(n) for zero in (0x660, 0x6F0, 0x966, 0x9E6, 0xE50) for n in range(10)},
}

_MARKS = "".join(chr(code) for code in range(0x900, 0x1900) if unicodedata.category(chr(code)).startswith("M"))
_TOKEN = re.compile(rf"(?:[^\W_]|[{_MARKS}゙゚])+")
_MOJIBAKE = re.compile("[ÃÂÅÄÐÑ][\x80-\xff\u0152-\u0192\u02c6-\u2122]")


def normalise(text: str) -> str:
    """Return the words of a text: one case, one spacing, without what cannot be seen, quoted parts and edges.

    >>> normalise(" “ＳＴＯＰ”!! 🙏"), normalise("İPTAL"), normalise("👍🏽"), normalise('Liked "Reply STOP"')
    ('stop', 'iptal', '👍', '')
    """
    return squash(clean(text))


def clean(text: str, *, signed: bool = False) -> str:
    """Return a text in one case, without what cannot be seen and what is not her own; its lines are kept.

    `signed`: signatures are left in. Only the first LONGEST characters count: no SMS is longer, so the work is bounded.
    """
    text = text[:LONGEST]
    if text.isascii():
        lowered = text.lower()
        return own_words(lowered if lowered.isprintable() else lowered.translate(_CLEAN), signed=signed)
    return own_words(_one_case(_repair(text)), signed=signed)


def squash(text: str, *, signed: bool = False) -> str:
    """Put a cleaned text on one line, without punctuation and signs at its ends; `signed`: as for `clean`."""
    before = None
    while text != before:  # what has lost its edges may show a quotation or a signature that they hid
        before = text
        if text.isascii():
            text = " ".join(text.strip(ASCII_EDGES).split())
        else:
            text = _trim(" ".join(unmix(text).split())[:LONGEST])
        if text != before:
            text = own_words(text, signed=signed)
    return text


def fold(words: str) -> str:
    """Return the second key of normalised words: accents off, digits of every script as 0-9.

    >>> fold("arrêté"), fold("đừng"), fold("٢")
    ('arrete', 'dung', '2')
    """
    if words.isascii():
        return words
    bare = unicodedata.normalize("NFD", words).translate(_FOLD)
    return unicodedata.normalize("NFC", bare)


def tokens(folded: str) -> list[str]:
    """Split a folded text into its words: runs of letters, digits and the marks that are letters.

    >>> tokens("s'il te plait, don't_stop")
    ['s', 'il', 'te', 'plait', 'don', 't', 'stop']
    """
    return _TOKEN.findall(folded)


def pictures(text: str) -> str:
    """Return only the emoji and other signs of a text, each run once: what `normalise` strips from the edges.

    >>> pictures("merci 👍🏽👍")
    '👍'
    """
    if text.isascii():
        return ""
    signs = "".join(char for char in _one_case(text) if unicodedata.category(char) == "So")
    return once(signs)


def once(words: str) -> str:
    """Return what is said again and again without a space just once.

    >>> once("stopstopstop"), once("👍👍"), once("stop")
    ('stop', '👍', 'stop')
    """
    period = (words + words).find(words, 1) if words else 0
    return words[:period]


def _one_case(text: str) -> str:
    """Compose, drop what cannot be seen, and casefold until nothing changes; İ, I, ı and i become one letter."""
    before = None
    while text != before:
        before = text
        folded = unicodedata.normalize("NFKC", text)[:LONGEST].translate(_CLEAN).casefold()  # one may become eighteen
        text = unicodedata.normalize("NFKC", folded).replace("i̇", "i")
    return text


def _repair(text: str) -> str:
    """Undo UTF-8 that an old gateway read as Latin-1 ("ARRÃŠT"); leave whatever does not come out whole."""
    while _MOJIBAKE.search(text):
        for encoding in ("cp1252", "latin-1"):
            try:
                mended = text.encode(encoding).decode("utf-8")
                break
            except UnicodeError:
                continue
        else:
            break
        text = mended
    return text


def _trim(text: str) -> str:
    """Strip punctuation and signs at both ends; where nothing else is left, keep the signs."""
    start, end = 0, len(text)
    while start < end and _is_edge(text[start]):
        start += 1
    while end > start and _is_edge(text[end - 1]):
        end -= 1
    if start < end:
        return text[start:end]
    return "".join(char for char in text if unicodedata.category(char) == "So")


def _is_edge(char: str) -> bool:
    return unicodedata.category(char)[0] in "PSZ"
