"""Programs: whether they can be joined at all, and whether their times and surveys fit."""

from __future__ import annotations

from datetime import timedelta

from bot.core.durations import say_duration
from bot.core.findings import did_you_mean
from bot.core.lint.sheet import Sheet
from bot.core.places import Path
from bot.core.schema import ProgramPart

SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=30)
"""How long a YES may count. Shorter and she is asleep; longer and nobody can say what it answers."""


def check(sheet: Sheet) -> None:
    """Check every program."""
    named = {*sheet.findings.names("programs"), *sheet.findings.names("replies")}
    if not named and "programs" in sheet.findings.names():
        hint = "write one below it, indented: club: {keywords: [CLUB]}"
        sheet.findings.error(("programs",), "empty", "there is no program and no reply: nothing can be texted", hint)
    offered = {key for number in sheet.catalog.numbers.values() for key in number.programs}
    for key, part in sheet.shape.programs.items():
        path: Path = ("programs", key)
        if key not in offered and sheet.shape.numbers:
            hint = f"write programs: [{key}] at one of the numbers"
            message = f"program '{key}' is on no number: nobody can join it"
            sheet.findings.warning(path, "program-nowhere", message, hint, key=True)
        _check_times(sheet, path, part)
        check_survey(sheet, path, part.survey)


def check_survey(sheet: Sheet, path: Path, survey: str) -> None:
    """Check that the survey of a program or reply exists."""
    known = sheet.findings.names("surveys")
    if survey and survey not in known:
        hint = did_you_mean(survey, known) or "write it under surveys:"
        message = f"unknown survey '{survey}' of '{path[-1]}'"
        sheet.findings.error((*path, "survey"), "unknown-survey", message, hint)


def _check_times(sheet: Sheet, path: Path, part: ProgramPart) -> None:
    within, remind = part.confirm_within, part.remind_after
    if not SHORTEST <= within <= LONGEST:
        message = f"'confirm_within' of program '{path[-1]}' is {say_duration(within)}"
        hint = f"write {say_duration(SHORTEST)} to {say_duration(LONGEST)}"
        sheet.findings.error((*path, "confirm_within"), "confirm-within", message, hint)
    if remind is None:
        return
    where = (*path, "remind_after")
    if not timedelta() < remind < within:
        message = f"'remind_after' of program '{path[-1]}' does not lie within its 'confirm_within'"
        sheet.findings.error(where, "remind-after", message, f"write less than {say_duration(within)}")
    elif part.opt_in == "single":
        message = f"program '{path[-1]}' asks nobody for a YES, so it never reminds"
        sheet.findings.warning(where, "remind-after", message, "remove the line, or write opt_in: double", key=True)
