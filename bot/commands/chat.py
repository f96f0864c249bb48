"""`ouistop chat`: the phone, in the terminal.

Rule: it is the simulator's sandbox, with the same inbox, turn, store and outbox as the server; real data are never
touched. keywords.yaml is read again before each text, so that an edit can be tried at once.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands.given import keywords_file, keywords_option, settings_with

if TYPE_CHECKING:
    from bot.commands.phone import Phone
    from bot.settings import Settings

SOMEBODY = "+33639980001"  # of the numbers that Arcep keeps for fiction


@click.command
@click.option("--number", metavar="N", show_default="the file's first", help="Which of your numbers to text.")
@click.option("--as", "who", metavar="MSISDN", default=SOMEBODY, help="Whose phone it is.")
@keywords_option
@click.option("--save", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
              help="Write the conversation as a transcript for `ouistop test`.")  # fmt: skip
def command(number: str | None, who: str, keywords: str | None, save: Path | None) -> None:
    """Text your keywords from this terminal, and see why each reply came.

    Each line is a text. What is said in reply stands behind "<", what is recorded behind "*", and between them why.
    Lines that begin with "/" are for the phone: /help lists them. Nothing is sent and nothing is kept; edit
    keywords.yaml meanwhile, and the next text finds it changed.

    \b
    Example:
      ouistop chat
      ouistop chat --number +33644600001 --save tests/transcripts/brunch.txt
      printf 'club\\noui\\n/wait 3 days\\nstop\\n' | ouistop chat

    \b
    Exit codes:
      0  you have left it
      1  keywords.yaml cannot be used, or the transcript not be written
      2  the command was written wrongly
    """
    import structlog

    if save and not save.parent.is_dir():
        raise click.BadParameter(f"{save.parent} is no folder.", param_hint="--save")
    settings = settings_with(keywords=keywords)
    keywords_file(settings)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with asyncio.Runner() as runner:
        phone = _phone(settings, number, who)
        runner.run(phone.open())
        try:
            _talk(runner, phone)
        finally:
            runner.run(phone.close())
    if save:
        phone.save(save, name_file=keywords is not None)


def _phone(settings: Settings, number: str | None, who: str) -> Phone:
    from bot.commands.numbers import msisdn_of, number_of
    from bot.commands.phone import Phone
    from bot.providers import REGISTRY
    from bot.service.reload import Keywords

    msisdn = msisdn_of(who, "--as")
    keywords = Keywords(Path(settings.keywords), tuple(REGISTRY))
    keywords.load()
    return Phone(keywords, msisdn, number_of(keywords.catalog(), number).number)


def _talk(runner: asyncio.Runner, phone: Phone) -> None:
    """Take one line after another, until there are no more."""
    for line in _lines(phone):
        if line in ("/quit", "/q", "/exit"):
            return
        runner.run(phone.take(line))


def _lines(phone: Phone) -> Iterator[str]:
    """Read lines: behind a prompt from a person, else without a word from a pipe."""
    if not sys.stdin.isatty():
        yield from (line.rstrip("\r\n") for line in sys.stdin)
        return
    import readline  # noqa: F401, gives the prompt its history and its arrow keys

    phone.greet()
    while True:
        try:
            yield input("> ")
        except (EOFError, KeyboardInterrupt):
            click.echo()
            return
