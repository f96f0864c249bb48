"""Countries and languages: which ones there are, whose a number is, and what is spoken there."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import phonenumbers
from babel import Locale, UnknownLocaleError
from babel.languages import get_official_languages

# What Unicode's data call by another name than the lexicon: bare "zh" is written in simplified characters.
_RENAMED = {"zh": "zh-Hans", "no": "nb"}


def country_of(number: str) -> str:
    """Name the country of an E.164 number, or "" if it is of none (+800 …) or unknown.

    A calling code can be shared (+1, +44, +7): the number itself decides, and where it does not, the code's main
    country.

    >>> country_of("+33644600000"), country_of("+14165550100"), country_of("+447700900000"), country_of("+80012345678")
    ('FR', 'CA', 'GB', '')
    """
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return ""
    country = phonenumbers.region_code_for_number(parsed)
    country = country or phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    return country if country and country.isalpha() and country != "ZZ" else ""


def is_country(code: str) -> bool:
    """Tell whether two letters are a country that has telephones.

    >>> is_country("FR"), is_country("UK")
    (True, False)
    """
    return code in phonenumbers.SUPPORTED_REGIONS


def is_language(name: str) -> bool:
    """Tell whether a name is a language's (BCP 47: fr, fr-CA, zh-Hans).

    >>> is_language("fr-CA"), is_language("zh-Hans"), is_language("program"), is_language("")
    (True, True, False, False)
    """
    if not name or not name.isascii():
        return False
    try:
        Locale.parse(name, sep="-")
    except (ValueError, TypeError, UnknownLocaleError):
        return False
    return True


@cache
def language_called(name: str) -> str | None:
    """Find a language by its name in English or in itself.

    >>> language_called("English"), language_called("français"), language_called("Klingonese")
    ('en', 'fr', None)
    """
    for code, called in Locale("en").languages.items():
        if called.casefold() == name.casefold():
            return str(code).replace("_", "-")
    return next((code for code in ("fr", "es", "de", "it", "pt", "nl") if _itself(code) == name.casefold()), None)


def _itself(code: str) -> str:
    return (Locale(code).get_display_name(code) or "").casefold()


def official_languages(country: str) -> tuple[str, ...]:
    """Name a country's languages, in law or in fact, as the lexicon does; none for no country.

    >>> official_languages("CA"), official_languages("HK"), official_languages("US"), official_languages("")
    (('en', 'fr'), ('zh-Hant', 'en'), ('en',), ())
    """
    if not country:
        return ()
    names = (str(name).replace("_", "-") for name in get_official_languages(country, de_facto=True))
    return tuple(dict.fromkeys(_RENAMED.get(name, name) for name in names))


def spoken_on(number: str, languages: Iterable[str], country: str) -> tuple[str, ...]:
    """Name the languages whose words count on a number: ours first, then those of its country, then of our country.

    >>> spoken_on("+41791234567", ["fr", "en"], "FR")
    ('fr', 'en', 'de', 'gsw', 'it')
    """
    theirs = official_languages(country_of(number))
    return tuple(dict.fromkeys((*languages, *theirs, *official_languages(country))))
