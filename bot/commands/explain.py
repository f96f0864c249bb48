"""`ouistop explain`: what one text means, and why; or many texts, one JSON object a line.

Rule: it asks the same `understand` as every turn does, so what it says is what would happen.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from bot.commands.given import keywords_file, keywords_option, settings_with
from bot.core.standpoints import STATES

if TYPE_CHECKING:
    from bot.core.understanding import Question, Understanding
    from bot.core.vocabulary import Vocabulary

Read = Callable[[str, str], "Understanding"]
"""Says what a text means, written by somebody in a state."""


@click.command
@click.argument("text", nargs=-1)
@click.option("--number", metavar="N", help="One of your numbers: its languages, keywords and survey count.")
@click.option("--state", type=click.Choice(STATES), default="stranger", help="Where whoever texts stands.")
@click.option("--jsonl", is_flag=True, help="Read JSON objects from standard input, and answer each on a line.")
@keywords_option
def command(text: tuple[str, ...], number: str | None, state: str, jsonl: bool, keywords: str | None) -> None:
    """Say what TEXT means, and why.

    Without --number every language is understood and no keywords.yaml is needed. "pending" has a question open, so that
    YES and NO count; "unsubscribed" has, on a number, its survey of leavers open.

    With --jsonl each line is {"text": "...", "state": "pending"} (the state may be left out) and is answered, in order
    and at once, by {"intent", "language", "rule", "confidence"} and, where there is one, "keyword", "program", "answer"
    or "maybe"; a line that cannot be read is answered by {"error"}.

    \b
    Example:
      ouistop explain "merci d'arreter"
      ouistop explain 2 --number +33644600000 --state unsubscribed
      ouistop explain --jsonl < replies.jsonl > understood.jsonl

    \b
    Exit codes:
      0  explained
      1  a line could not be read, or keywords.yaml not be used
      2  the command was written wrongly
    """
    if bool(text) == jsonl:
        raise click.UsageError("With --jsonl the texts come from standard input." if jsonl else "Give a TEXT.")
    read = _reader(number, keywords)
    if not jsonl:
        _print(read(" ".join(text), state))
    elif not answer_lines(sys.stdin.buffer, sys.stdout.buffer, read, state):
        click.get_current_context().exit(1)


def _reader(number: str | None, keywords: str | None) -> Read:
    """Make what reads texts: the vocabulary is put together once."""
    from bot.core.messages import storable
    from bot.core.understand import understand

    vocabulary, questions = _on_number(number, keywords) if number or keywords else _anywhere()
    return lambda text, state: understand(storable(text), vocabulary, questions[state])


def _anywhere() -> tuple[Vocabulary, dict[str, Question]]:
    from bot.core.standpoints import ANYWHERE
    from bot.core.vocabulary import everything

    return everything(), ANYWHERE


def _on_number(number: str | None, keywords: str | None) -> tuple[Vocabulary, dict[str, Question]]:
    """Take the words of a number of the file (without one, of its first), and what may be open there."""
    from bot.core.standpoints import on_number

    settings = settings_with(keywords=keywords)
    keywords_file(settings)
    from bot.commands.numbers import load, number_of

    catalog = load(settings)
    ours = number_of(catalog, number).number
    return catalog.vocabulary(ours), on_number(catalog, ours)


# ---- many ---------------------------------------------------------------------------------------------------


def answer_lines(lines: Iterable[bytes], out: BinaryIO, read: Read, state: str) -> bool:
    """Answer each line with a line; return whether all could be read."""
    import orjson

    good = True
    for values in answers(lines, read, state):
        good = good and "error" not in values
        out.write(orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE))
        out.flush()
    return good


def answers(lines: Iterable[bytes], read: Read, state: str) -> Iterator[dict[str, Any]]:
    """Say what each line means, or what is wrong with it."""
    for at, line in enumerate(lines, 1):
        try:
            text, said = _line(line, state)
            yield values_of(read(text, said))
        except ValueError as error:
            yield {"error": f"line {at}: {error}"}


def _line(line: bytes, state: str) -> tuple[str, str]:
    """Read one line; raise ValueError saying what is wrong with it."""
    # Not orjson: a text cut in the middle of an emoji has half a surrogate pair, which orjson refuses.
    try:
        got = json.loads(line)
    except ValueError as error:
        told = f"{error.msg} at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else "not UTF-8"
        raise ValueError(f"this is not JSON ({told})") from None
    except RecursionError:
        raise ValueError("this is nested too deeply") from None
    if not isinstance(got, dict):
        raise ValueError('this is not a JSON object: write {"text": "..."}')
    text, said = got.get("text"), got.get("state", state)
    if not isinstance(text, str):
        raise ValueError("text is missing" if "text" not in got else "text is not a text")
    if said not in STATES:
        raise ValueError(f"state is none of {', '.join(STATES)}")
    return text, said


def values_of(seen: Understanding) -> dict[str, Any]:
    """Return the plain values of an answer."""
    values: dict[str, Any] = {
        "intent": str(seen.intent), "language": seen.language, "rule": seen.rule, "confidence": seen.confidence,
    }  # fmt: skip
    more = {"keyword": seen.keyword, "program": seen.program, "answer": seen.answer, "maybe": seen.maybe}
    return values | {name: str(value) for name, value in more.items() if value is not None}


# ---- one ----------------------------------------------------------------------------------------------------


def _print(seen: Understanding) -> None:
    from bot.commands.terminal import pairs, paper

    values = values_of(seen)
    rows = [(name, str(value)) for name, value in values.items() if value is not None]
    if seen.language is None:
        rows.insert(1, ("language", "none of its own: everybody's word, or none we know"))
    rows += [("read as", seen.words)]
    rows += [("step" if at == 0 else "", step) for at, step in enumerate(seen.steps)]
    pairs(paper(), rows, indent=0)
