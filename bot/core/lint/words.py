"""`words:`: whether the file's further words for STOP and the others clash with what they meant before."""

from __future__ import annotations

from bot.core.lint.keywords import NAMES
from bot.core.lint.sheet import Sheet
from bot.core.places import Path
from bot.core.regions import is_language
from bot.core.text import fold, normalise
from bot.core.understanding import Intent
from bot.core.words import key_of


def check(sheet: Sheet) -> None:
    """Check every word that the file adds."""
    keywords = {
        fold(normalise(keyword.word)): keyword
        for number in sheet.catalog.keywords.values()
        for keyword in number.values()
    }
    added: dict[str, tuple[Intent, int]] = {}
    for intent, by_language in sheet.shape.words:
        for language, words in by_language.items():
            path: Path = ("words", intent, language)
            if not is_language(language):
                hint = "write it as fr, en, fr-CA, and its words behind it"
                sheet.findings.error(
                    path, "unknown-language", f"'{language}' of 'words' is no language", hint, key=True
                )
            for at, word in enumerate(words):
                _check_word(sheet, (*path, at), word, Intent(intent), added)
                keyword = keywords.get(fold(normalise(word)))
                if keyword:
                    whose = f"'{keyword.name}' (line {keyword.line})"
                    message = f"{word} would mean {NAMES[Intent(intent)]}, and is a keyword of {whose}"
                    sheet.findings.error((*path, at), "word-is-keyword", message, "keep one of the two")


def _check_word(sheet: Sheet, path: Path, word: str, intent: Intent, added: dict[str, tuple[Intent, int]]) -> None:
    key = fold(normalise(word))
    name = NAMES[intent]
    if not key:
        sheet.findings.error(path, "empty", f"'{word}' is no word", "write letters")
        return
    line = sheet.findings.document.at(path).line
    other, other_line = added.setdefault(key, (intent, line))
    meant = sheet.meanings.get(key_of(word))
    if other is not intent:
        message = f"{word} would mean {name}, and means {NAMES[other]} on line {other_line}"
        sheet.findings.error(path, "word-clash", message, "keep one of the two")
    elif meant and meant.intent in NAMES and meant.intent is not intent:
        message = f"{word} would mean {name}, and means {NAMES[meant.intent]} already"
        sheet.findings.error(path, "word-clash", message, "the built-in words cannot be changed: remove it")
    elif len(key) == 1 and key.isdigit():
        message = f"{word} would mean {name}, and is how an answer to a survey is given"
        sheet.findings.warning(path, "word-clash", message, "choose a word")
