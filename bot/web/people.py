"""Invents people for the simulator, with numbers that regulators keep free for stories.

Rule: never a number somebody could own where the country has set such a range aside.
"""

from __future__ import annotations

from collections.abc import Callable

import phonenumbers

FIRST = "+33639980001"

# Who set the range aside: ARCEP (FR), Ofcom (GB), NANPA (US, CA: 555-0100 to 0199).
_FREE = {
    "FR": ("+3363998", 4),
    "GB": ("+447700900", 3),
    "US": ("+120255501", 2),
    "CA": ("+161355501", 2),
}


def somebody(number: str, below: Callable[[int], int]) -> str:
    """Invent a msisdn of the country of `number`; `below(n)` gives chance.

    >>> somebody("+33644600000", lambda n: 17), somebody("+12025550100", lambda n: 17)
    ('+33639980017', '+12025550117')
    """
    region = country(number)
    prefix, digits = _FREE.get(region or "", (None, 0))
    if prefix is None:
        prefix, digits = _example(region)
    return f"{prefix}{below(10**digits):0{digits}d}"


def country(number: str) -> str | None:
    """Return the region of a number of ours, if it has one (a short code has none)."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    exact = phonenumbers.region_code_for_number(parsed)
    return exact or phonenumbers.region_code_for_country_code(parsed.country_code or 0)


def _example(region: str | None) -> tuple[str, int]:
    """Take the sample of the country's numbering plan; its last three digits are ours to choose."""
    kind = phonenumbers.PhoneNumberType.MOBILE
    sample = phonenumbers.example_number_for_type(region, kind) if region else None
    if sample is None:
        return _FREE["FR"]
    return phonenumbers.format_number(sample, phonenumbers.PhoneNumberFormat.E164)[:-3], 3


def read_msisdn(text: str, number: str) -> str | None:
    """Read a number as people type it, in the country of `number`.

    >>> read_msisdn("06 39 98 00 01", "+33644600000"), read_msisdn("+44 7700 900123", ""), read_msisdn("hello", "")
    ('+33639980001', '+447700900123', None)
    >>> read_msisdn("36", "+33644600000")
    """
    try:
        parsed = phonenumbers.parse(text, country(number))
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
