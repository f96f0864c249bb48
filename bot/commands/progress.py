"""How long work tells on standard error how far it is: a bar on a terminal, elsewhere a line at every tenth."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from bot.commands.terminal import WIDE

TENTHS = 10


class Told:
    """One thing after another; `begin` names it and says how many rows it has, or None where nobody knows."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._what, self._total, self._done = "", 0, 0
        if self._console.is_terminal:
            columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), MofNCompleteColumn()
            self._bar = Progress(*columns, console=self._console, transient=True)
        else:
            self._console = Console(stderr=True, highlight=False, markup=False, emoji=False, width=WIDE, no_color=True)

    def __enter__(self) -> Told:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar:
            self._bar.stop()

    def begin(self, what: str, total: int | None) -> None:
        """Begin the next thing."""
        self._what, self._total, self._done = what, total or 0, 0
        if self._bar:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task = self._bar.add_task(what, total=total)
        else:
            self._console.print(f"{what}…", soft_wrap=True)

    def forward(self, rows: int) -> None:
        """Say that so many more rows are done."""
        before, self._done = self._done, self._done + rows
        if self._bar and self._task is not None:
            self._bar.advance(self._task, rows)
        elif self._total and before * TENTHS // self._total < self._done * TENTHS // self._total:
            share = self._done * 100 // self._total
            told = f"{self._what}: {self._done:,} of {self._total:,} rows, {share} %"
            self._console.print(told, soft_wrap=True)
