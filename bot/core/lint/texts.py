"""Texts: there in every language, not empty, and with placeholders that somebody fills in."""

from __future__ import annotations

import re

from bot.core.findings import closest
from bot.core.lint.sheet import Sheet, Written
from bot.core.places import Path
from bot.core.render import FILLERS
from bot.core.templates import template

_PUT_IN = re.compile(r"\{[ ]*([^\W\d][\w-]*)[ ]*\}")


def check(sheet: Sheet) -> None:
    """Check every text in every language."""
    for name in ("brand", "support"):
        _check_no_placeholder(sheet, (name,), name, getattr(sheet.shape, name))
    for text in sheet.texts:
        if len(text.words) == len(text.spoken):
            _check_languages(sheet, text)
        for language, words in text.words.items():
            path = sheet.place(text, language)
            if not words.strip():
                hint = "remove the line: the built-in text is said then" if text.kind == "text" else "write it"
                sheet.findings.error(path, "empty", f"{_name(text)} is empty in '{language}'", hint)
            elif text.kind in ("frequency", "answer"):
                _check_no_placeholder(sheet, path, text.key, words)
            else:
                _check_placeholders(sheet, path, text, words)


def _name(text: Written) -> str:
    kind = {"programs": "program", "replies": "reply", "surveys": "survey"}.get(str(text.path[0]))
    return f"'{text.key}'" + (f" of {kind} '{text.path[1]}'" if kind else "")


def _check_languages(sheet: Sheet, text: Written) -> None:
    """Note the languages in which something else is said: another language of the same text."""
    written = {*text.words, *sheet.findings.names(*map(str, text.path))}
    served = {name.partition("-")[0] for name in written} | written
    missing = [name for name in text.languages if name not in served and name.partition("-")[0] not in served]
    if missing:
        first = sheet.catalog.languages[0]
        instead = first if first in text.words else next(iter(text.words))
        named = " and ".join(f"'{name}'" for name in missing)
        message = f"{_name(text)} is missing in {named}: it is said in '{instead}' there"
        hint = f"write {text.key}: {{{', '.join(f'{name}: …' for name in (*text.words, *missing))}}}"
        sheet.findings.warning(text.path, "missing-text", message, hint, key=True)


def _check_placeholders(sheet: Sheet, path: Path, text: Written, words: str) -> None:
    for name in template(words).names:
        if name in FILLERS:
            continue
        meant = closest(name, FILLERS)
        if meant:
            message = f"unknown placeholder {{{name}}} in {_name(text)}"
            sheet.findings.error(path, "unknown-placeholder", message, f"did you mean {{{meant}}}?")
        else:
            message = f"{{{name}}} in {_name(text)} is filled in only for contacts that have a field '{name}'"
            hint = f"write [[…{{{name}}}…]] around what should be left out where it is empty"
            sheet.findings.warning(path, "unknown-placeholder", message, hint)


def _check_no_placeholder(sheet: Sheet, path: Path, name: str, words: str) -> None:
    """What is put into other texts is put in as it stands."""
    found = _PUT_IN.search(words)
    if found:
        message = f"nothing is filled in for {found.group()} in '{name}'"
        sheet.findings.error(path, "unknown-placeholder", message, "write out what it should say")
