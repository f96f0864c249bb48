"""Phone numbers as E.164: read here, and nowhere else.

Rule: a number is international or it is none. "33612345678" and "06 12 34 56 78" are refused, because a guessed
country gives one person's STOP to another.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, NumberParseException, PhoneMetadata

LONGEST = 32  # with spaces and brackets; E.164 itself has 15 digits

_PLAIN = re.compile(r"\+[1-9][0-9]{6,14}")
_WRITTEN = re.compile(r"\+[0-9 ().\-\u00a0]+")


def e164(text: str) -> str | None:
    """Return the number in E.164, or None if this is no international number.

    >>> e164("+33 6 12 34 56 78")
    '+33612345678'
    >>> e164("+330612345678")
    '+33612345678'
    >>> e164("0612345678") is None
    True
    """
    if _PLAIN.fullmatch(text):
        known = _code(text[1:4])
        if known is None:
            return None
        length, trunk = known
        # Most numbers come as they should: only one that begins like a trunk prefix (the 0 of +33 06…) can change.
        if trunk is None or not trunk.match(text, 1 + length):
            return text
    text = text.strip()
    return _read(text) if len(text) <= LONGEST else None  # what is remembered must be short


@lru_cache(maxsize=4096)
def _read(text: str) -> str | None:
    if not _WRITTEN.fullmatch(text):
        return None
    try:
        number = phonenumbers.parse(text, None)
    except NumberParseException:
        return None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return written if _PLAIN.fullmatch(written) else None


@cache
def _code(head: str) -> tuple[int, re.Pattern[str] | None] | None:
    """Tell how long the calling code at the head of a number is, and what its trunk prefixes look like."""
    for length in (1, 2, 3):
        regions = COUNTRY_CODE_TO_REGION_CODE.get(int(head[:length]))
        if regions:
            metadata = PhoneMetadata.metadata_for_region_or_calling_code(int(head[:length]), regions[0])
            prefix = metadata.national_prefix_for_parsing if metadata else None
            return length, re.compile(prefix) if prefix else None
    return None
