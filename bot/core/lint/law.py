"""What the law of the file's country wants said, and what it forbids, in the texts the file brings.

Warnings, not errors: a machine finds a missing word, not a breach. The built-in texts keep these rules already.
Sources. US: CTIA Messaging Principles 5.1 and Short Code Monitoring Handbook (opt-in confirmation and HELP: program,
frequency, rates, HELP, STOP), 47 CFR 64.1200(a)(12) (one confirmation of a STOP, without marketing). Canada: CASL
s. 11, short code rules (HELP and STOP). France: CPCE L34-5. Germany: § 7 UWG and BGH I ZR 164/09 (each consent proven).
United Kingdom: PECR reg. 22. Other members of the EU: directive 2002/58/EC art. 13. Australia: Spam Act 2003 s. 18.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from bot.core.lint.sheet import Sheet, Written
from bot.core.text import fold, normalise, tokens
from bot.core.understanding import Intent
from bot.core.words import reserved

JOINING = ("ask_confirm", "reminder", "welcome", "welcome_back")
INFORMING = (*JOINING, "help")
_EU = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Law:
    """What one country wants: the texts that must name STOP, HELP, the rates."""

    cite: str
    stop: Collection[str] = JOINING
    help: Collection[str] = ()
    rates: Collection[str] = ()


_AMERICAN = "CTIA Messaging Principles 5.1"
LAWS = {
    **{country: Law("directive 2002/58/EC art. 13") for country in _EU},
    "US": Law(_AMERICAN, INFORMING, JOINING, ("ask_confirm", "welcome")),
    "CA": Law("CASL s. 11 and the short code rules", INFORMING, JOINING, ("ask_confirm", "welcome")),
    "FR": Law("CPCE L34-5"),
    "DE": Law("§ 7 UWG"),
    "GB": Law("PECR reg. 22"),
    "AU": Law("Spam Act 2003 s. 18"),
}

_RATES = re.compile(r"\b(rates?|charges?|frais|tarifs?|tarifas?|cargos?)\b", re.IGNORECASE)
_SELLS = re.compile(
    r"https?://|www\.|[-+]?\d+\s?%|[€$£]\s?\d+|\d+([.,]\d+)?\s?[€$£]|\b(promo|discount|remise|rabatt)\b", re.IGNORECASE
)


def check(sheet: Sheet) -> None:
    """Check the file's own texts by its country's law; where the country is unknown, only the farewells."""
    law = LAWS.get(sheet.catalog.country)
    for text in sheet.texts:
        if text.kind != "text":
            continue
        for language, words in text.words.items():
            if law:
                _check_named(sheet, law, text, language, words)
            if text.key in ("farewell", "farewell_one"):
                _check_farewell(sheet, text, language, words)
    if law:
        _check_programs(sheet, law)
    if law and law.help and not sheet.shape.support:
        hint = f"add the line: support: a telephone, a mail address or a page ({law.cite})"
        message = f"a HELP must tell how to reach you in {sheet.catalog.country}, and there is no 'support'"
        sheet.findings.warning(("country",), "law-help", message, hint)


def _check_named(sheet: Sheet, law: Law, text: Written, language: str, words: str) -> None:
    path = sheet.place(text, language)
    said = f"'{text.key}' in '{language}' does not say"
    hint = f"({law.cite}; country: {sheet.catalog.country})"
    if text.key in law.stop and not _names(words, language, Intent.STOP):
        sheet.findings.warning(path, "law-stop", f"{said} how to leave", f"name STOP {hint}")
    if text.key in law.help and not _names(words, language, Intent.HELP):
        sheet.findings.warning(path, "law-help", f"{said} how to get help", f"name HELP {hint}")
    if text.key in law.rates and not _RATES.search(words):
        sheet.findings.warning(path, "law-rates", f"{said} what it costs", f'add "Msg & data rates may apply." {hint}')


def _names(words: str, language: str, intent: Intent) -> bool:
    """Tell whether a text names a word of STOP or HELP, universal or the language's own."""
    said = set(tokens(fold(normalise(words))))
    known = reserved((language,))
    return any(known[word][0] == intent for word in said & known.keys())


def _check_farewell(sheet: Sheet, text: Written, language: str, words: str) -> None:
    path = sheet.place(text, language)
    if "{brand}" not in words.replace(" ", "") and sheet.catalog.brand.casefold() not in words.casefold():
        message = f"'{text.key}' in '{language}' does not say who is speaking"
        sheet.findings.warning(
            path, "farewell-brand", message, "begin it with {brand}: (CTIA Messaging Principles 5.1)"
        )
    sells = _SELLS.search(words)
    if sells:
        message = f"'{text.key}' in '{language}' seems to advertise: {sells.group().strip()}"
        hint = "confirm the STOP and nothing else (47 CFR 64.1200(a)(12))"
        sheet.findings.warning(path, "farewell-advertises", message, hint)


def _check_programs(sheet: Sheet, law: Law) -> None:
    for key, part in sheet.shape.programs.items():
        if sheet.catalog.country == "DE" and part.opt_in == "single":
            message = f"program '{key}' takes the keyword for consent, which must be proven in Germany"
            hint = f"write opt_in: double ({law.cite}; BGH I ZR 164/09)"
            sheet.findings.warning(("programs", key, "opt_in"), "law-double-opt-in", message, hint)
        survey = sheet.catalog.surveys.get(part.survey)
        if survey and len(survey.steps) > 1 and sheet.catalog.country == "US":
            message = f"survey '{part.survey}' asks more than one question after a STOP to '{key}'"
            hint = "after a STOP only one confirmation may be sent: ask one question (47 CFR 64.1200(a)(12))"
            sheet.findings.warning(("programs", key, "survey"), "law-one-farewell", message, hint)
