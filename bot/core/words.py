"""What a whole message of one word or saying means, by language: no grammar is needed for it.

Rule: where languages differ STOP wins, then the language named first, and a YES is none beside a NO.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.core.grammars import Extra, unit_key
from bot.core.lexicon import UNIVERSAL, Lexicon, languages, lexicon
from bot.core.text import fold, normalise, once
from bot.core.understanding import Intent

STOPS = (Intent.STOP, Intent.STOP_ALL)
RESERVED = ("stop", "stop_all", "start", "help")


@dataclass(frozen=True, slots=True)
class Word:
    """A whole message and its meaning. `language`: whose own it is; `asked`: counts only where a question is open."""

    intent: Intent
    language: str | None
    asked: bool = False


def key_of(text: str) -> str:
    """Return what a whole message is looked up by: its folded words, or where it has none, its signs.

    >>> key_of("Opt-Out!"), key_of("👍👍"), key_of("ARRÊT")
    ('opt out', '👍', 'arret')
    """
    return unit_key(text) or once(normalise(text))


def words_of(spoken: Sequence[str]) -> Mapping[str, Word]:
    """Return what a whole message means in these languages, by `key_of`; those without a lexicon are passed over."""
    return words_in(files_of(spoken), {})


def files_of(spoken: Sequence[str]) -> tuple[Lexicon, ...]:
    """Return everybody's file and those of these languages, each once; those without a lexicon are passed over."""
    return (lexicon(UNIVERSAL), *(lexicon(language) for language in dict.fromkeys(spoken) if language in languages()))


def words_in(files: Sequence[Lexicon], more: Mapping[str, Extra]) -> dict[str, Word]:
    """Return what a whole message means in these files, and by further words of each language."""
    found: dict[str, Word] = {}
    for file in files:
        universal = file.language == UNIVERSAL
        for intent, word, group in file.intent_words():
            meant = Word(Intent(intent), group.language if universal else file.language, group.asked)
            _put(found, word, meant)
            if "'" in word:
                _put(found, word.replace("'", ""), meant)
    for language, extra in more.items():
        for intent, listed in extra:
            for word in listed:
                _put(found, word, Word(Intent(intent), language))
    return found


def _put(found: dict[str, Word], text: str, word: Word) -> None:
    """Add a word by its key, and written together by that too."""
    key = key_of(text)
    compact = key.replace(" ", "")
    for each in (key, compact) if compact != key and len(compact) > 3 else (key,):
        before = found.get(each)
        if before is None or (word.intent in STOPS and before.intent not in STOPS):
            found[each] = word
        elif {before.intent, word.intent} == {Intent.CONFIRM, Intent.DECLINE}:
            found[each] = Word(Intent.UNKNOWN, None)


def marked_in(files: Sequence[Lexicon]) -> dict[str, Word]:
    """Return the words of those files whose marks matter, as they are spelt; a STOP is listed first and stays one."""
    found: dict[str, Word] = {}
    for file in files:
        for intent, word, group in file.intent_words() if file.marks else ():
            found.setdefault(normalise(word), Word(Intent(intent), file.language, group.asked))
    return found


@lru_cache(maxsize=64)
def _reserved(spoken: tuple[str, ...]) -> Mapping[str, tuple[str, str | None]]:
    found: dict[str, tuple[str, str | None]] = {}
    for file in files_of(spoken):
        for intent, word, group in file.intent_words():
            if intent in RESERVED:
                language = group.language if file.language == UNIVERSAL else file.language
                found.setdefault(fold(normalise(word)), (intent, language))
    return found


def reserved(spoken: Sequence[str]) -> Mapping[str, tuple[str, str | None]]:
    """Return the whole messages no keyword may take, everybody's included: folded word → (intent, whose own word)."""
    return _reserved(tuple(spoken))
