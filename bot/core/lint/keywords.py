"""Keywords: whether they can be typed, and whether they can be told from each other and from everybody's words."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.lint.sheet import Sheet
from bot.core.places import Path
from bot.core.text import fold, normalise
from bot.core.typos import SHORTEST, near
from bot.core.understanding import Intent
from bot.core.words import key_of

LONGEST = 30
"""Characters of a keyword; some providers (AWS) take no more."""

NAMES = {
    Intent.STOP: "STOP", Intent.STOP_ALL: "STOP ALL", Intent.HELP: "HELP", Intent.START: "START",
    Intent.CONFIRM: "YES", Intent.DECLINE: "NO",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spot:
    """A keyword where it is written. `owner`: the program or reply; `numbers`: those it counts on."""

    path: Path
    word: str
    words: str
    key: str
    owner: str
    numbers: frozenset[str]
    line: int


def check(sheet: Sheet) -> None:
    """Check every keyword by itself, then against all that stand before it in the file."""
    spots = sorted(_spots(sheet), key=lambda spot: sheet.findings.document.at(spot.path))
    usable = [spot for spot in spots if _check_typable(sheet, spot)]
    free = [spot for spot in usable if _check_reserved(sheet, spot)]
    _check_taken(sheet, usable)
    _check_near(sheet, free)


def _spots(sheet: Sheet) -> Iterator[Spot]:
    numbers = sheet.catalog.numbers
    for kind, group in (("programs", sheet.shape.programs), ("replies", sheet.shape.replies)):
        for name, part in group.items():
            here = frozenset(n for n, each in numbers.items() if kind == "replies" or name in each.programs)
            for at, word in enumerate(part.keywords):
                path: Path = (kind, name, "keywords", at)
                words = normalise(word)
                line = sheet.findings.document.at(path).line
                yield Spot(path, word, words, fold(words), name, here, line)


# ---- by itself ----------------------------------------------------------------------------------------------


def _check_typable(sheet: Sheet, spot: Spot) -> bool:
    """Tell whether a keyword can be used at all, and note what makes it hard to type."""
    name, rule = f"keyword {spot.word} of '{spot.owner}'", "keyword-not-typable"
    if not spot.key:
        hint = "write letters or digits"
        sheet.findings.error(spot.path, rule, f"'{spot.word}' of '{spot.owner}' is no keyword", hint)
        return False
    if len(spot.word) > LONGEST:
        message = f"{name} has {len(spot.word)} characters, more than {LONGEST}"
        sheet.findings.error(spot.path, rule, message, "choose a shorter one")
        return False
    odd = next((char for char in spot.word if not _on_a_keyboard(char)), None)
    if " " in spot.words:
        hint = "write one word; in a list, put commas between the keywords"
        sheet.findings.warning(spot.path, rule, f"{name} has a space, which people forget", hint)
    elif odd:
        called = unicodedata.name(odd, f"U+{ord(odd):04X}").lower()
        message = f"{name} has a character that is hard to type: {odd} ({called})"
        sheet.findings.warning(spot.path, rule, message, "write letters and digits only")
    if len(spot.key) == 1 and spot.key.isdigit():
        message = f"{name} is also how an answer to a survey is given, which wins while one is open"
        sheet.findings.warning(spot.path, "keyword-is-digit", message, "choose a word")
    return True


def _on_a_keyboard(char: str) -> bool:
    """Tell whether every telephone of a place has a character: letters of any script, their marks, digits, spaces."""
    return char == " " or unicodedata.category(char)[0] in "LM" or unicodedata.category(char) == "Nd"


def _check_reserved(sheet: Sheet, spot: Spot) -> bool:
    """Tell whether a keyword is its own; everybody's words come before it, so it would never be heard."""
    meant = sheet.meanings.get(key_of(spot.word))
    if meant is None or meant.intent not in NAMES:
        return True
    where = f" in '{meant.language}'" if meant.language else ""
    message = f"keyword {spot.word} of '{spot.owner}' means {NAMES[meant.intent]}{where}"
    if meant.intent is Intent.DECLINE or meant.asked:
        hint = "choose another word: while a question is open, it is an answer"
        sheet.findings.warning(spot.path, "keyword-reserved", message, hint)
    else:
        sheet.findings.error(spot.path, "keyword-reserved", message, "choose another word: that meaning comes first")
    return False


# ---- against the others -------------------------------------------------------------------------------------


def _check_taken(sheet: Sheet, spots: list[Spot]) -> None:
    before: dict[str, list[Spot]] = defaultdict(list)
    for spot in spots:
        for other in before[spot.key]:
            if _note_clash(sheet, spot, other):
                break
        before[spot.key].append(spot)


def _note_clash(sheet: Sheet, spot: Spot, other: Spot) -> bool:
    """Note that a word stands in the file before, if it counts on one of the same numbers."""
    ours = f"keyword {spot.word} of '{spot.owner}'"
    same = spot.words == other.words
    if spot.path[:2] == other.path[:2]:
        if same:
            message = f"{ours} stands there already as {other.word}: capitals and accents make no difference"
            sheet.findings.warning(spot.path, "keyword-twice", message, "keep one of the two")
        return same
    if not spot.numbers & other.numbers:
        return False
    theirs = f"'{other.owner}' (line {other.line})"
    if same:
        hint = "choose another word, or offer the two on different numbers"
        sheet.findings.error(spot.path, "keyword-taken", f"{ours} is taken by {theirs}", hint)
    else:
        message = f"{ours} differs from {other.word} of {theirs} by an accent only, which telephones add and drop"
        sheet.findings.warning(spot.path, "accent-only", message, "choose another word")
    return True


def _check_near(sheet: Sheet, spots: list[Spot]) -> None:
    """Note keywords one slip from a guarded word or from somebody else's keyword."""
    before: dict[Path, dict[str, Spot]] = {}
    for spot in spots:
        ours = f"keyword {spot.word} of '{spot.owner}'"
        slip = near(spot.key, sheet.guarded) if len(spot.key) >= SHORTEST else None
        if slip:
            named = NAMES[sheet.meanings[slip].intent]
            meaning = "" if named == slip.upper() else f", which means {named}"
            hint = "choose a word that nobody can mistype into it"
            message = f"{ours} is one slip from {slip.upper()}{meaning}"
            sheet.findings.warning(spot.path, "keyword-near-reserved", message, hint)
        theirs = {
            key: other for owner, words in before.items() if owner != spot.path[:2]
            for key, other in words.items() if spot.numbers & other.numbers and key != spot.key
        }  # fmt: skip
        slip = near(spot.key, sorted(theirs)) if len(spot.key) >= SHORTEST else None
        if slip:
            other = theirs[slip]
            message = f"{ours} is one slip from {other.word} of '{other.owner}' (line {other.line})"
            sheet.findings.warning(spot.path, "keywords-near", message, "choose words that look less alike")
        before.setdefault(spot.path[:2], {}).setdefault(spot.key, spot)
