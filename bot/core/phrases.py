"""What we say where keywords.yaml says nothing: one text per situation, in every language of the phrasebook.

Rule: the words stand in `phrasebook/<lang>.yaml` (BCP 47: en, fr, zh-Hans) and nowhere else; a further language is one
more file there, and no code. A file has

    language: fr
    name: Français
    texts:                # one for every situation, all of them
      ask_confirm: "{brand} : répondez OUI … {program}[[ ({frequency})]].[[ {rates}]] AIDE …, STOP …"
    survey:               # how a question with numbered answers is written
      ask: "{question} {choices}"
      choice: "{position} {answer}"
      between: ", "
    countries:            # what the rules of a country want said besides
      US: {frequency: msg frequency varies, rates: Msg & data rates may apply.}

`{name}` is a placeholder; what stands in `[[…]]` is left out where a placeholder in it is empty. `[[ {rates}]]` is
filled here, from the country; every other placeholder by render.py.

What a text must hold (the CTIA's handbook, 47 CFR 64.1200(a)(12), § 7 UWG, the rules for Canadian short codes):
`ask_confirm`: brand, program, frequency, how to say yes, HELP and STOP in the language's own words, rates in the US and
Canada, and no advertising, as in `reminder`; `welcome`, `welcome_back`: the same without the yes, since a single opt-in
is confirmed by them alone; `help`: brand, program, support, frequency, rates, STOP; `farewell`: brand, "no more
messages", how to come back, the reason question, and nothing to win her back. Prefer words that stay in GSM-7.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

FALLBACK = "en"
_FOLDER = files("bot.core").joinpath("phrasebook")
_RATES = "[[ {rates}]]"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_min_length=1)


class Texts(_Strict):
    """One text for every situation. `farewell_one`: she has left one program and stays in others of the number.
    `help_which`: HELP where no single program is meant. Both stand in for `farewell` and `help`. `unclear`: a text that
    might have been a STOP."""

    ask_confirm: str
    reminder: str
    welcome: str
    welcome_back: str
    already_subscribed: str
    declined: str
    farewell: str
    farewell_one: str
    thanks: str
    help: str
    help_which: str
    unknown: str
    unclear: str


class SurveyGlue(_Strict):
    """How a question and its numbered answers are joined."""

    ask: str
    choice: str
    between: str


class Country(_Strict):
    """What the rules of one country want said besides; `frequency` only where the file tells none."""

    frequency: str
    rates: str


class Phrasebook(_Strict):
    """One file of the folder, as the docstring above describes it."""

    language: str
    name: str
    texts: Texts
    survey: SurveyGlue
    countries: dict[str, Country] = Field(default_factory=dict)


TEXTS = tuple(Texts.model_fields)
"""The situations that have a text."""

GLUE = tuple(SurveyGlue.model_fields)
BESIDES = tuple(Country.model_fields)


@cache
def languages() -> tuple[str, ...]:
    """Name every language that has a phrasebook."""
    names = (entry.name for entry in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def broader(language: str) -> Iterator[str]:
    """Yield a language, then the ones it is a kind of (the lookup of RFC 4647).

    >>> list(broader("fr-CA"))
    ['fr-CA', 'fr']
    """
    while language:
        yield language
        language = language.rpartition("-")[0]


def spoken(language: str) -> str | None:
    """Name the phrasebook that serves a language, its own or a broader one's; None if there is none.

    >>> spoken("fr-CA"), spoken("tlh")
    ('fr', None)
    """
    return next((name for name in broader(language) if name in languages()), None)


def speaks(language: str) -> bool:
    """Tell whether we have texts in a language."""
    return spoken(language) is not None


@lru_cache(maxsize=4096)
def phrase(language: str, key: str, country: str = "") -> str:
    """Return a default text, its placeholders still open, the country's rates filled in.

    A language without a phrasebook is answered in English. A key is one of `TEXTS`, of `GLUE`, or of `BESIDES`, which
    is "" where the country wants nothing said; any other is a KeyError.

    >>> phrase("fr", "thanks"), phrase("en", "rates", "US"), phrase("en", "rates", "FR")
    ('{brand} : merci pour votre réponse.', 'Msg & data rates may apply.', '')
    """
    book = phrasebook(spoken(language) or FALLBACK)
    besides = book.countries.get(country)
    if key in BESIDES:
        return str(getattr(besides, key)) if besides else ""
    if key in GLUE:
        return str(getattr(book.survey, key))
    if key not in TEXTS:
        raise KeyError(key)
    return str(getattr(book.texts, key)).replace(_RATES, f" {besides.rates}" if besides else "")


@cache
def phrasebook(language: str) -> Phrasebook:
    """Read one language's file, once; an unknown language is a KeyError, a faulty file a ValueError that says where."""
    if language not in languages():
        raise KeyError(language)
    source = _FOLDER.joinpath(f"{language}.yaml").read_text(encoding="utf-8")
    return parse(yaml.load(source, Loader=yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader), language)  # noqa: S506


def parse(raw: Any, language: str) -> Phrasebook:
    """Check what a file says; faults are told with the path of keys to each."""
    try:
        book = Phrasebook.model_validate(raw)
    except ValidationError as fault:
        told = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in fault.errors())
        raise ValueError(f"phrasebook/{language}.yaml: {told}") from None
    if book.language != language:
        raise ValueError(f"phrasebook/{language}.yaml: language: is {book.language!r}, unlike the file's name")
    return book
