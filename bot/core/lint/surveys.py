"""Surveys: questions that can be answered, with answers that can be told apart and from STOP."""

from __future__ import annotations

from bot.core.lint.sheet import Sheet, questions
from bot.core.places import Path
from bot.core.schema import QuestionPart, SurveyPart
from bot.core.text import fold, normalise
from bot.core.understanding import Intent
from bot.core.words import key_of

MANY = 4
"""Answers that people read to their end, and that fit into one message."""

MOST = 9
"""Answers that one digit can name."""


def check(sheet: Sheet) -> None:
    """Check every survey, and that somebody asks it."""
    used = {part.survey for part in sheet.shape.programs.values()}
    used |= {part.survey for part in sheet.shape.replies.values()}
    for key, survey in sheet.shape.surveys.items():
        path: Path = ("surveys", key)
        if survey.questions and survey.question:
            message = f"survey '{key}' has a question and 'questions': only the latter are asked"
            sheet.findings.error((*path, "question"), "survey-twice", message, "move it into 'questions'", key=True)
        elif not survey.questions and not survey.question:
            sheet.findings.error(
                path, "missing-key", f"survey '{key}' has no 'question'", "add the line: question: …", key=True
            )
        if key not in used:
            hint = f"write survey: {key} at a program or a reply"
            sheet.findings.warning(path, "survey-unused", f"survey '{key}' is never asked", hint, key=True)
        for where, step in questions(key, survey):
            _check_answers(sheet, where, key, step)


def _check_answers(sheet: Sheet, path: Path, key: str, step: SurveyPart | QuestionPart) -> None:
    count = len(step.answers)
    where = (*path, "answers")
    if not count and not step.free_text:
        message = f"survey '{key}' has neither answers nor free_text: nobody can answer it"
        sheet.findings.error(path, "no-answers", message, "add answers:, or free_text: true", key=True)
    elif count > MOST:
        message = f"survey '{key}' has {count} answers, and one digit names no more than {MOST}"
        sheet.findings.error(where, "too-many-answers", message, f"keep {MANY}", key=True)
    elif count > MANY:
        message = f"survey '{key}' has {count} answers, more than the {MANY} that people read"
        sheet.findings.warning(where, "too-many-answers", message, "leave the rest to free_text: true", key=True)
    seen: dict[tuple[str, str], str] = {}
    for text in sheet.texts:
        if text.kind == "answer" and text.path[:-1] == where:
            for language, label in text.words.items():
                words = fold(normalise(label))
                _check_label(sheet, sheet.place(text, language), label, words)
                first = seen.setdefault((language, words), text.key)
                if first != text.key and words:
                    message = f"answer '{text.key}' reads as '{first}' does in '{language}': {label}"
                    sheet.findings.error(
                        sheet.place(text, language), "answer-twice", message, "word one of them differently"
                    )


def _check_label(sheet: Sheet, path: Path, label: str, words: str) -> None:
    meant = sheet.meanings.get(key_of(label))
    if meant and meant.intent in (Intent.STOP, Intent.STOP_ALL, Intent.HELP):
        name = "help" if meant.intent is Intent.HELP else "stop"
        message = f"answer '{label}' means {name.upper()}, which comes first: it would never be counted"
        sheet.findings.error(path, f"answer-is-{name}", message, "say it in other words")
    elif words.isdigit() and len(words) == 1:
        message = f"answer '{label}' is a digit, and digits name the answers in their order"
        sheet.findings.warning(path, "answer-is-digit", message, "say it in letters")
