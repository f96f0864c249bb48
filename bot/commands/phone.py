"""A person's phone in the terminal: her texts, our replies, what was recorded, and why.

Rule: but for the reasons, what is shown is what a transcript says, line by line.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from rich.text import Text

from bot.commands.diary import Diary, Entry, why
from bot.commands.terminal import paper
from bot.core.durations import EXAMPLES, read_duration
from bot.core.e164 import e164
from bot.core.errors import ConfigError
from bot.providers.simulator import Simulator, SimulatorConfig
from bot.service.reload import Keywords
from bot.service.sandbox import Sandbox
from bot.store.store import SqliteStore
from bot.transcripts import Cast, head, texted, time_passed
from bot.transcripts.writing import answered, written

HELP = """\
  /wait 3 hours      let time pass; timers ring on the way (minutes, hours, days, weeks)
  /number            which numbers there are; /number N texts another one
  /trace on|off      show or hide why each reply came
  /quit              leave (so does Ctrl-D)
  Everything else is a text; one that begins with "/" is written with two."""

STYLES = {">": "bold", "~": "bold", "<": "green", "*": "yellow", "(": "dim"}


class Phone:
    """One msisdn in a sandbox of its own."""

    def __init__(self, keywords: Keywords, msisdn: str, number: str) -> None:
        self._keywords = keywords
        self._store = SqliteStore()
        self._sandbox = Sandbox(lambda: self._store, Simulator(SimulatorConfig()), keywords)
        self._diary = Diary(self._store, msisdn)
        self._cast = Cast(number, msisdn)
        self._number = number
        self._trace = True
        self._paper = paper()
        self._transcript: list[str] = []

    async def open(self) -> None:
        """Switch it on."""
        await self._sandbox.start()

    async def close(self) -> None:
        """Switch it off."""
        await self._sandbox.close()

    def greet(self) -> None:
        """Say who texts whom, and what may be texted."""
        self._say(f"You are {self._cast.msisdn}. /help says what else this phone can do.", "dim")
        self._say_number()

    def save(self, path: Path, *, name_file: bool) -> None:
        """Write what was said as a transcript, which names its keywords file if that is not the usual one.

        Raise ConfigError if it cannot be written.
        """
        named = os.path.relpath(self._keywords.path, path.parent) if name_file else None
        first = next((line[2:] for line in self._transcript if line.startswith("> ")), "nothing was texted")
        lines = [*head(f"Begun with {first}", named, self._cast), *self._transcript]
        try:
            path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        except OSError as error:
            raise ConfigError([f"{path}: cannot be written ({error.strerror})"]) from None

    # ---- what is typed ----------------------------------------------------------------------------------------

    async def take(self, line: str) -> None:
        """Take a line: a text, or one of the phone's own commands."""
        if line.startswith("/") and not line.startswith("//"):
            await self._command(*line.partition(" ")[::2])
        elif line.strip():
            await self._text(line.removeprefix("/") if line.startswith("//") else line)

    async def _command(self, name: str, given: str) -> None:
        given = given.strip()
        match name:
            case "/help" | "/?":
                self._say(HELP)
            case "/wait":
                await self._wait(given)
            case "/number":
                self._change_number(given)
            case "/trace" if given in ("on", "off"):
                self._trace = given == "on"
            case _:
                self._say(f"{name} {given}".rstrip() + " is nothing this phone can do: /help lists what is", "red")

    async def _text(self, text: str) -> None:
        await self._reload()
        self._type(texted(text, self._cast.msisdn, self._number, self._cast))
        await self._sandbox.text(self._cast.msisdn, self._number, text)
        entry = await self._diary.fresh()
        self._show(entry, answered(entry.found, self._cast))

    async def _wait(self, given: str) -> None:
        try:
            delta = read_duration(given)
        except ValueError as error:
            self._say(f"{error}: write {', '.join(EXAMPLES)}", "red")
            return
        await self._reload()
        self._type(time_passed(delta))
        await self._sandbox.advance(delta)
        entry = await self._diary.fresh()
        self._show(entry, [line for moment in entry.moments() for line in written(moment, self._cast)])

    def _change_number(self, given: str) -> None:
        numbers = self._keywords.catalog().numbers
        if not given:
            for each in numbers.values():
                self._say(f"  {each.number}  {each.label}", "bold" if each.number == self._number else "")
        elif (e164(given) or given) in numbers:
            self._number = e164(given) or given
            self._say_number()
        else:
            self._say(f"{given} is none of {', '.join(numbers)}", "red")

    async def _reload(self) -> None:
        """Let the next text find what was edited; a file with errors is told, and the last good one stays."""
        before = self._keywords.problems
        if await self._keywords.reload(_nothing_more):
            self._say("  keywords.yaml was changed, and is in force", "dim")
        elif self._keywords.stale and self._keywords.problems != before:
            for problem in self._keywords.problems:
                self._say(str(problem), "red")
            self._say("The last good file stays.", "red")

    # ---- what is shown ----------------------------------------------------------------------------------------

    def _type(self, lines: list[str]) -> None:
        """Show what was typed, unless it stands on the screen already."""
        self._transcript += lines
        if not sys.stdin.isatty():
            self._say_lines(lines)

    def _show(self, entry: Entry, lines: list[str]) -> None:
        self._transcript += lines
        if self._trace:
            for trace in entry.traces:
                for line in why(trace):
                    self._say(f"  {line}", "dim")
        if entry.failure:
            self._say(f"This turn failed, which is a bug of ours:\n{entry.failure.rstrip()}", "red")
        self._say_lines(lines)

    def _say_number(self) -> None:
        catalog = self._keywords.catalog()
        keywords = ", ".join(catalog.keywords_on(self._number))
        label = catalog.numbers[self._number].label
        self._say(f"You text {self._number}{f' ({label})' if label else ''}. Keywords there: {keywords}", "dim")

    def _say_lines(self, lines: list[str]) -> None:
        style = ""
        for line in lines:
            style = STYLES.get(line[:1], style)
            self._say(line, style)

    def _say(self, line: str, style: str = "") -> None:
        self._paper.print(Text(line, style=style), soft_wrap=True)
        self._paper.file.flush()


async def _nothing_more(_: Any) -> None:
    """Nobody else has to know of a new file."""
