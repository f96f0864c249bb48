"""What counts on one number: the words of its languages, its keywords and its programs' names, ready to be looked up.

Rule: a word counts if its language is enabled for the number or it is everybody's (universal.yaml); no flat list over
all languages, for FIN, PARA, TAK and DA mean opposite things in two of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from bot.core.grammar import Grammar, Keys, keys_of, units_of
from bot.core.grammars import Extra, further_of, grammar_of, spellings_of, unit_key, unit_keys
from bot.core.lexicon import INTENTS, UNIVERSAL, Lexicon, lexicon
from bot.core.lexicon import languages as every_language
from bot.core.text import fold, normalise
from bot.core.typos import ByLength, by_length
from bot.core.understanding import Intent
from bot.core.words import STOPS, Word, files_of, key_of, marked_in, words_in

NO_WORDS: Mapping[str, Sequence[tuple[str, Sequence[str]]]] = {}


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language as it is spoken on one number: its grammar, and every unit it can place somewhere."""

    grammar: Grammar
    units: frozenset[str] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """What counts on one number; made by `vocabulary`, looked up by `understand`.

    `words`: by `key_of`. `keywords`: their spelling in the file, by every key they may be written as. `programs`: the
    program's key by what it is called; None where two are called the same. `everybody`: the units of universal.yaml
    and whose own they are. `known`: every unit of the spaced languages, which no typo is corrected away from.
    """

    languages: tuple[str, ...]
    words: Mapping[str, Word]
    tongues: tuple[Tongue, ...]
    marked: Mapping[str, Word]
    """The words of languages whose marks matter, as they are spelt."""
    spellings: Mapping[str, frozenset[str]]
    """By such a language, every unit of its own as it is spelt."""
    keywords: Mapping[str, str]
    plain_keywords: frozenset[str]
    """The keywords that no sentence of any language is made of: for them the grammars need not be asked."""
    programs: Mapping[str, str | None]
    program_units: frozenset[str]
    """What their names begin with: a word, and a character."""
    everybody: Mapping[str, str | None]
    polite: Mapping[str, str | None]
    chat: frozenset[str]
    chat_with: Mapping[str, Sequence[str]]
    """By a unit that tells of STOP, the chat it is part of, between spaces."""
    nots: Keys
    """The English ones: everybody's words of STOP are English, and so is what turns them round."""
    never_scopes: frozenset[str]
    never_endings: tuple[str, ...]
    telling: frozenset[str]
    numerals: Mapping[str, int]
    answer_words: frozenset[str]
    known: frozenset[str]
    real: frozenset[str]
    key_words: frozenset[str]
    """The single words by which STOP, START, YES, NO and HELP are said."""
    key_words_typed: ByLength
    typed: Mapping[str, ByLength]
    """Every unit that a typo may have meant, by its first letter."""
    telling_units: frozenset[str]
    keyword_units: frozenset[str]
    keywords_typed: ByLength


def vocabulary(
    languages: Sequence[str],
    keywords: Sequence[str] = (),
    programs: Mapping[str, Sequence[str]] = {},
    extra: Mapping[str, Sequence[tuple[str, Sequence[str]]]] = NO_WORDS,
) -> Vocabulary:
    """Put together what counts on one number.

    `languages` in order; those without a lexicon are passed over, save for their `extra` words. `keywords` as the file
    writes them. `programs`: by key, the names a program goes by in "STOP CLUB". `extra`: by language, further words
    by intent.
    """
    enabled = tuple(dict.fromkeys(languages))
    spoken = tuple(language for language in enabled if language in every_language())
    more = {language: _tidy(extra[language]) for language in enabled if language in extra}
    files = files_of(spoken)
    listed = {name: frozenset(_listed(files, name)) for name in ("chat", "never_scopes", "telling")}
    called = _called(programs)
    grammars = [grammar_of(language, _of_all(more, language)) for language in (*spoken, UNIVERSAL)]
    polite = _polite(files, grammars)
    tongues = tuple(_tongue(grammar, polite, called) for grammar in grammars)
    words = words_in(files, more)
    spelt = _spelt(keywords)
    key_words = frozenset(key for key in words if " " not in key and key.isalpha())
    telling_units = frozenset(unit for key in listed["telling"] for unit in key.split())
    known = frozenset().union(*(tongue.units for tongue in tongues if tongue.grammar.spaced))
    return Vocabulary(
        languages=enabled,
        words=words,
        tongues=tongues,
        marked=marked_in(files),
        spellings={file.language: spellings_of(file.language) for file in files if file.marks},
        keywords=spelt,
        plain_keywords=frozenset(key for key in spelt if not _says_something(key, tongues)),
        programs=called,
        program_units=frozenset(units_of(name, spaced)[0] for name in called for spaced in (True, False)),
        everybody=_everybody(),
        polite=polite,
        nots=keys_of(_listed([file for file in files if file.language == "en"], "nots"), True),
        **listed,
        never_endings=tuple(word[1:] for file in files for word in file.listed("never_scopes") if word[0] == "-"),
        numerals=_numerals(files),
        answer_words=frozenset(_listed(files, "answer_words")),
        known=known,
        real=frozenset(_listed(files, "false_friends")) - key_words,
        key_words=key_words,
        key_words_typed=by_length(key for key in key_words if _may_be_mistyped(key, words[key])),
        typed=_by_letter(known),
        telling_units=telling_units,
        chat_with=_chat_with(telling_units, listed["chat"]),
        keyword_units=frozenset(unit for key in spelt for unit in key.split()),
        keywords_typed=by_length(key for key in spelt if key.replace(" ", "").isalnum()),
    )


@cache
def everything() -> Vocabulary:
    """Return every language of the lexicon, without keywords: what a text means where no number is named."""
    return vocabulary(every_language())


# ---- how each field is made -------------------------------------------------------------------------------


def _tidy(extra: Sequence[tuple[str, Sequence[str]]]) -> Extra:
    """Keep the words of keywords.yaml by their keys: nothing in them may read as a pattern."""
    return tuple((intent, tuple(filter(None, map(key_of, words)))) for intent, words in extra if intent in INTENTS)


def _of_all(more: Mapping[str, Extra], language: str) -> Extra:
    """Give the universal grammar the extra words of every language, a language's own grammar its own."""
    chosen = more.values() if language == UNIVERSAL else [more.get(language, ())]
    return tuple((intent, tuple(filter(unit_key, words))) for extra in chosen for intent, words in extra)


def _listed(files: Iterable[Lexicon], name: str) -> Iterator[str]:
    return (key for file in files for word in file.listed(name) for key in unit_keys(word) if key)


def _spelt(keywords: Sequence[str]) -> dict[str, str]:
    """Give each keyword the keys it may be written as; exact spellings come before folded ones."""
    spelt: dict[str, str] = {}
    for key in (normalise, lambda word: fold(normalise(word)), key_of, lambda word: key_of(word).replace(" ", "")):
        for word in keywords:
            written = key(word)
            if written:
                spelt.setdefault(written, word)
    return spelt


def _says_something(key: str, tongues: Iterable[Tongue]) -> bool:
    words = key.split()
    return any(tongue.grammar.read(tongue.grammar.units(words), {}) for tongue in tongues)


def _called(programs: Mapping[str, Sequence[str]]) -> dict[str, str | None]:
    called: dict[str, str | None] = {}
    for program, names in programs.items():
        for name in filter(None, map(unit_key, names)):
            called[name] = program if called.get(name, program) == program else None
    return called


@cache
def _everybody() -> Mapping[str, str | None]:
    """Tell of each unit of universal.yaml whose own it is."""
    file = lexicon(UNIVERSAL)
    grammar = grammar_of(UNIVERSAL)
    whose: dict[str, str | None] = {unit: None for key in grammar.places for unit in units_of(key, True)}
    for _, word, group in file.intent_words():
        for unit in units_of(unit_key(word), True):
            if group.language:
                whose[unit] = group.language
    return whose


def _polite(files: Sequence[Lexicon], grammars: Sequence[Grammar]) -> dict[str, str | None]:
    """Tell of each polite word whose own it is; it may stand beside any language's words ("arrêtez please").

    A word that is polite in one language and means something in another ("he", "don", "to") is none of these.
    """
    said = Counter(unit for grammar in grammars for unit in grammar.placed)
    own = {grammar.language: grammar.placed for grammar in grammars}
    found: dict[str, str | None] = {}
    for file in files:
        language = None if file.language == UNIVERSAL else file.language
        for word in _listed([file], "polite"):
            if said[word] == (word in own[file.language]):
                found[word] = language if found.get(word, language) == language else None
    return found


def _tongue(grammar: Grammar, polite: Mapping[str, str | None], called: Mapping[str, str | None]) -> Tongue:
    """Let a grammar pass over these polite words, too, and know the programs' names."""
    said = {word if grammar.spaced else word.replace(" ", "") for word in polite}
    courtesy = said | grammar.polite.all
    further = grammar.further | further_of(said, grammar.spaced)
    spoken = replace(grammar, polite=keys_of(courtesy, grammar.spaced), further=further)
    cut = (units_of(key, grammar.spaced) for key in (*courtesy, *called))
    return Tongue(spoken, grammar.placed.union(*cut))


def _may_be_mistyped(key: str, word: Word) -> bool:
    """Tell whether a slip may have meant this word.

    One of four letters must be everybody's: one slip from STOP, nobody thinks of another word; one slip from a short
    word of some language is a word of another. A YES or NO must be long, for consent is never guessed.
    """
    if word.intent in STOPS or word.intent in (Intent.START, Intent.HELP):
        return len(key) > 4 or key in _everybody()
    return len(key) > 5


def _by_letter(known: Iterable[str]) -> dict[str, ByLength]:
    letters: dict[str, list[str]] = {}
    for unit in known:
        if unit.isalpha():
            letters.setdefault(unit[0], []).append(unit)
    return {letter: by_length(units) for letter, units in letters.items()}


def _chat_with(telling_units: Iterable[str], chat: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {unit: [] for unit in telling_units}
    for key in chat:
        for unit in found.keys() & key.split():
            found[unit].append(f" {key} ")
    return found


def _numerals(files: Sequence[Lexicon]) -> dict[str, int]:
    found: dict[str, int] = {}
    for file in files:
        for number, words in (file.numerals.words if file.numerals else {}).items():
            for word in words:
                found.setdefault(unit_key(word), number)
    return found
