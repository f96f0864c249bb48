"""Our numbers: E.164, each once, with a provider and programs that exist."""

from __future__ import annotations

import phonenumbers

from bot.core.e164 import e164
from bot.core.findings import did_you_mean
from bot.core.lint.sheet import Sheet
from bot.core.places import Path

_E164 = phonenumbers.PhoneNumberFormat.E164
_WHY = {
    phonenumbers.ValidationResult.TOO_SHORT: "is too short for its country",
    phonenumbers.ValidationResult.TOO_LONG: "is too long for its country",
    phonenumbers.ValidationResult.INVALID_LENGTH: "has a length that its country does not use",
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "lacks its area code",
}


def check(sheet: Sheet) -> None:
    """Check every number and what is said of it."""
    if not sheet.shape.numbers and "numbers" in sheet.findings.names() and not sheet.findings.names("numbers"):
        hint = 'write one below it, indented: "+33644600000": {programs: [club]}'
        sheet.findings.error(("numbers",), "empty", "'numbers' is empty", hint, key=True)
    first: dict[str, str] = {}
    for number, part in sheet.shape.numbers.items():
        path: Path = ("numbers", number)
        known = _check_number(sheet, path, number)
        if known and first.setdefault(known, number) != number:
            line = sheet.findings.document.at_key(("numbers", first[known])).line
            message = f"{number} is the same number as {first[known]} (line {line})"
            sheet.findings.error(path, "duplicate-number", message, "keep one of the two", key=True)
        if part.provider not in sheet.providers:
            message = f"unknown provider '{part.provider}' of number '{number}'"
            hint = did_you_mean(part.provider, sheet.providers)
            sheet.findings.error((*path, "provider"), "unknown-provider", message, hint)
        _check_programs(sheet, path, part.programs or [])


def _check_number(sheet: Sheet, path: Path, number: str) -> str | None:
    """Return the number in E.164 if it is one; note it if it is written in any other way."""
    known = e164(number)
    if known is None:
        sheet.findings.error(
            path, "not-e164", f"{number} is not an E.164 number", _international(sheet, number), key=True
        )
        return None
    why = _WHY.get(phonenumbers.is_possible_number_with_reason(phonenumbers.parse(known, None)))
    if why:
        sheet.findings.error(path, "not-e164", f"{number} {why}", "compare it with your provider's list", key=True)
    elif known != number:
        sheet.findings.error(path, "not-e164", f"{number} is not written as E.164", f'write "{known}"', key=True)
    return known


def _international(sheet: Sheet, number: str) -> str:
    """Guess what was meant: a national number of our country, or one without its plus."""
    for text, country in ((number, sheet.catalog.country), (f"+{number}", None), (f"+{number[2:]}", None)):
        try:
            parsed = phonenumbers.parse(text, country or None)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return f'write "{phonenumbers.format_number(parsed, _E164)}"'
    return 'write + and the country code first, as "+33644600000"'


def _check_programs(sheet: Sheet, path: Path, programs: list[str]) -> None:
    known = sheet.findings.names("programs")
    for at, key in enumerate(programs):
        if key not in known:
            message = f"unknown program '{key}' of number '{path[-1]}'"
            sheet.findings.error((*path, "programs", at), "unknown-program", message, did_you_mean(key, known))
