"""What a text was taken for: the words `understand` answers with."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum

from bot.core.values import dataclass


class Intent(StrEnum):
    """What she wants. The order of precedence is the turn's, not this list's."""

    STOP = "stop"
    STOP_ALL = "stop_all"
    START = "start"
    CONFIRM = "confirm"
    DECLINE = "decline"
    HELP = "help"
    KEYWORD = "keyword"
    ANSWER = "answer"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of an open survey question: its key in the file and its labels in every language."""

    key: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What is open in this conversation when the text arrives.

    `confirm`: a double opt-in waits for YES or NO. `choices`: the survey's answers in their order, so that
    "2" is the second; `free_text`: any other words are an answer too (only where nothing else was understood).
    """

    confirm: bool = False
    choices: tuple[Choice, ...] = ()
    free_text: bool = False


NOTHING_OPEN = Question()


@dataclass(frozen=True, slots=True)
class Understanding:
    """The answer of `understand`.

    `language` is the language whose own word matched (ARRÊT → fr) and None where the word is everybody's
    (STOP). `program` is set by a scoped STOP ("STOP CLUB"), `keyword` by a keyword (as the file writes it),
    `answer` by a survey answer (the choice's key, or "" for free text). `maybe` tells what an unknown text
    could have been. `words` is the text as normalised; `steps` the path to the answer, for people.
    """

    intent: Intent
    rule: str
    words: str
    language: str | None = None
    confidence: float = 1.0
    keyword: str | None = None
    program: str | None = None
    answer: str | None = None
    maybe: Intent | None = None
    steps: tuple[str, ...] = field(default=(), compare=False)
