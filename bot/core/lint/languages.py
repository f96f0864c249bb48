"""Languages and the country: whether they exist, and whether we have words in them."""

from __future__ import annotations

from bot.core.findings import did_you_mean
from bot.core.lint.sheet import Sheet
from bot.core.phrases import FALLBACK, speaks
from bot.core.phrases import languages as phrasebooks
from bot.core.places import Path
from bot.core.regions import is_country, is_language, language_called
from bot.core.render import FILLERS

_OFTEN = {"UK": "GB", "EN": "GB", "EL": "GR"}
_RULE = "unknown-language"


def check(sheet: Sheet) -> None:
    """Check `country`, `languages`, and the languages of each program and text."""
    _check_country(sheet)
    for at, name in enumerate(sheet.shape.languages):
        _check_language(sheet, ("languages", at), name, known=phrasebooks())
    for key, program in sheet.shape.programs.items():
        for at, name in enumerate(program.languages):
            path: Path = ("programs", key, "languages", at)
            if _check_language(sheet, path, name, known=sheet.catalog.languages):
                _check_listed(sheet, path, name, f"program '{key}'")
    for text in sheet.texts:
        for name in text.spoken:
            _check_text_language(sheet, (*text.path, name), name, text.key)


def _check_country(sheet: Sheet) -> None:
    country = sheet.shape.country
    if country and not is_country(country):
        meant = _OFTEN.get(country)
        hint = f"did you mean '{meant}'?" if meant else "write two letters, as FR or US (ISO 3166)"
        sheet.findings.error(("country",), "unknown-country", f"'{country}' is no country", hint)


def _check_language(sheet: Sheet, path: Path, name: str, known: tuple[str, ...]) -> bool:
    if not is_language(name):
        called = language_called(name)
        hint = f"did you mean '{called}'?" if called else did_you_mean(name, known)
        sheet.findings.error(path, _RULE, f"'{name}' is no language", hint)
        return False
    if not speaks(name):
        message = f"there are no built-in texts in '{name}': what the file does not say is said in '{FALLBACK}'"
        sheet.findings.warning(path, "no-phrasebook", message, "write every text of a program in it")
    return True


def _check_listed(sheet: Sheet, path: Path, name: str, what: str) -> None:
    listed = sheet.catalog.languages
    if name not in listed and name.partition("-")[0] not in listed:
        hint = f"write languages: [{', '.join((*listed, name))}]"
        sheet.findings.warning(path, _RULE, f"'{name}' of {what} is not among the file's languages", hint, key=True)


def _check_text_language(sheet: Sheet, path: Path, name: str, what: str) -> None:
    if path not in sheet.findings.document.keys:
        return  # a plain text
    if not is_language(name):
        hint = did_you_mean(name, sheet.catalog.languages)
        if name in FILLERS:
            hint = f'put the text in quotes: "{{{name}}} …"'
        sheet.findings.error(path, _RULE, f"'{name}' of '{what}' is no language", hint, key=True)
    else:
        _check_listed(sheet, path, name, f"'{what}'")
