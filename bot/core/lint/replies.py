"""Keywords that only answer: with a text or with a survey."""

from __future__ import annotations

from bot.core.lint.programs import check_survey
from bot.core.lint.sheet import Sheet
from bot.core.places import Path


def check(sheet: Sheet) -> None:
    """Check that every reply has exactly one answer."""
    for key, part in sheet.shape.replies.items():
        path: Path = ("replies", key)
        check_survey(sheet, path, part.survey)
        if not part.text and not part.survey and "text" not in sheet.findings.names("replies", key):
            hint = "add the line: text: … (or survey: …)"
            sheet.findings.error(path, "missing-key", f"reply '{key}' has no 'text'", hint, key=True)
        elif part.text and part.survey:
            message = f"reply '{key}' has a text and a survey: only the survey is sent"
            sheet.findings.warning((*path, "text"), "reply-twice", message, "keep one of the two", key=True)
