"""The words people use, by language: data only. A further language is one more file here, and no code.

Rule: only this folder holds the words of STOP. `universal.yaml` counts on every number; `<lang>.yaml` (BCP 47: en, fr,
zh-Hans) counts where that language is enabled; `tails.yaml` tells what is not a person's own words.

A language's file. Every list says where its words are from (`source`: FCC, CTIA, a provider… or "native wording"):

    language: fr
    name: Français
    marks: false          # true where another mark makes another word (vi): who types marks must type ours
    spaced: true          # false where words are written without spaces (zh, ja, th, …): spaces then mean nothing
    words:                # whole messages, by intent: stop, stop_all, start, confirm, decline, help
      stop:
        - {source: CTIA, words: [arrêt, désabonner]}
        - {source: native wording, words: [t], alone: true}     # alone: never inside a phrase, nor with "please"
      confirm:
        - {source: native wording, words: [ok], asked: true}    # asked: only where a question is open
    polite:       {source: …, words: [merci, svp]}      # may stand anywhere in a message and change nothing
    breaks:       {source: …, words: [car, sinon]}      # here begins another sentence, whatever it says; no pronouns
    joins:        {source: …, words: [et, donc]}        # between two sentences: a STOP may begin, or end, at them
    nots:         {source: …, words: [ne pas, jamais]}  # before a stop phrase they turn it round
    numerals:     {source: …, words: {1: [un, premier], 2: [deux]}}
    answer_words: {source: …, words: [la, numéro]}      # may stand around a numeral: "la 3", "1 et 2"
    false_friends: {source: …, words: [stock, shop]}    # real words one slip away from ours: never "corrected"
    chat:         {source: …, words: [arrêt de bus]}    # stop words that mean something else there
    never_scopes: {source: …, words: [bus, ou]}         # "STOP MARKETING" is a STOP; with one of these it is chat
    telling:      {source: …, words: [arrêtez]}         # in a text nobody understands: a person should look
    parts:                # named lists for phrases; a part may be made of parts
      SEND: [envoyer, "m'envoyer"]
    phrases:              # whole sentences, by what they do; see below
      source: native wording
      stop: ["STOP [les] MESSAGES", "ne SEND plus MESSAGES"]

A phrase is a sequence of: a word; `this|that`; `[what may be missing]`; a PART in capitals. Always there: the word
lists as STOP, STOP_ALL, START, CONFIRM, DECLINE, HELP; NUMBER (digits); PROGRAM (a program's name or keyword: such a
stop ends that program only, such a start is its keyword). Several phrases may follow one another in a message.
What phrases can do:

    stop        a stop that says of what: counts also as one sentence among others that nobody understands
    stop_bare   a stop only if the whole message is understood ("please stop it")
    stop_all, start, help, confirm, decline
    refuse      a NO in a sentence; not beside a stop, which it would turn round ("I don't want to" + "unsubscribe")
    beside      may stand beside a stop; alone it is chat ("I never signed up")
    unclear     might be a stop: a person should look; where a YES or NO is awaited it is a NO

Accents may be written or left out: without them a word is known too. Emoji count in `words` only.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

UNIVERSAL = "universal"
_TAILS = "tails"

INTENTS = ("stop", "stop_all", "start", "confirm", "decline", "help")
DEEDS = ("stop", "stop_bare", "stop_all", "start", "confirm", "decline", "refuse", "help", "beside", "unclear")


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(_Strict):
    """Some words and where they are from. `language`: in universal.yaml, whose own word it is all the same."""

    source: str = Field(min_length=3)
    words: tuple[str, ...] = Field(min_length=1)
    language: str | None = None
    alone: bool = False
    asked: bool = False


class Numerals(_Strict):
    """How the numbers of survey answers are said."""

    source: str = Field(min_length=3)
    words: dict[int, tuple[str, ...]]


class WordLists(_Strict):
    """What a whole message of one word means."""

    stop: tuple[Words, ...] = ()
    stop_all: tuple[Words, ...] = ()
    start: tuple[Words, ...] = ()
    confirm: tuple[Words, ...] = ()
    decline: tuple[Words, ...] = ()
    help: tuple[Words, ...] = ()

    def of(self, intent: str) -> tuple[Words, ...]:
        """Return the lists of one intent."""
        lists: tuple[Words, ...] = getattr(self, intent)
        return lists


class Phrases(_Strict):
    """Patterns by what they do."""

    source: str = Field(min_length=3)
    stop: tuple[str, ...] = ()
    stop_bare: tuple[str, ...] = ()
    stop_all: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    confirm: tuple[str, ...] = ()
    decline: tuple[str, ...] = ()
    refuse: tuple[str, ...] = ()
    help: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()

    def of(self, deed: str) -> tuple[str, ...]:
        """Return the patterns that do one thing."""
        patterns: tuple[str, ...] = getattr(self, deed)
        return patterns


class Lexicon(_Strict):
    """One file of this folder, as the docstring above describes it."""

    language: str
    name: str
    spaced: bool = True
    marks: bool = False
    words: WordLists
    polite: Words | None = None
    breaks: Words | None = None
    joins: Words | None = None
    nots: Words | None = None
    numerals: Numerals | None = None
    answer_words: Words | None = None
    false_friends: Words | None = None
    chat: Words | None = None
    never_scopes: Words | None = None
    telling: Words | None = None
    parts: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    phrases: Phrases = Phrases(source="none yet")

    def listed(self, name: str) -> tuple[str, ...]:
        """Return the words of one of the plain lists ("polite", "chat", …); none where the file has no such list."""
        found: Words | None = getattr(self, name)
        return found.words if found else ()

    def intent_words(self) -> Iterator[tuple[str, str, Words]]:
        """Yield every whole-message word as (intent, word, the list it is from)."""
        for intent in INTENTS:
            for group in self.words.of(intent):
                for word in group.words:
                    yield intent, word, group


@cache
def languages() -> tuple[str, ...]:
    """Name every language that has a file."""
    names = (entry.name.removesuffix(".yaml") for entry in files(__name__).iterdir() if entry.name.endswith(".yaml"))
    return tuple(sorted(name for name in names if name not in (UNIVERSAL, _TAILS)))


@cache
def lexicon(language: str) -> Lexicon:
    """Read one language's file, once; an unknown language is a KeyError, a faulty file a ValueError that says where."""
    if language != UNIVERSAL and language not in languages():
        raise KeyError(language)
    return parse(_read(language), f"lexicon/{language}.yaml")


def parse(raw: Any, name: str) -> Lexicon:
    """Check what a file says against the schema; faults are told with the path of keys to each."""
    try:
        return Lexicon.model_validate(raw)
    except ValidationError as fault:
        told = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in fault.errors())
        raise ValueError(f"{name}: {told}") from None


@cache
def tail_words() -> dict[str, tuple[str, ...]]:
    """Return the lists of tails.yaml, those by language joined."""
    raw = _read(_TAILS)
    return {name: tuple(dict.fromkeys(_flat(listed))) for name, listed in raw.items()}


def _flat(listed: Any) -> Iterator[str]:
    """Yield the words in one case, as a text is when its tails are looked for."""
    for each in listed.values() if isinstance(listed, dict) else (listed,):
        yield from (word.casefold() for word in each)


def _read(name: str) -> Any:
    """Load with every scalar as the text it is: YES, NO, ON and 011 are words here."""
    source = files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(source, Loader=yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader)  # noqa: S506
