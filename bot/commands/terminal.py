"""How commands draw: colours and tables on a terminal, plain text elsewhere, and NO_COLOR is respected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDE = 200  # columns where nobody looks: a line of a pipe is not folded


def paper() -> Console:
    """Return where to draw. What is printed is taken literally: texts of people are no markup."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, emoji=False, width=WIDE, no_color=True)
    return console


def table(*headings: str, right: Sequence[str] = ()) -> Table:
    """Make a table with these headings; those named in `right` hold figures."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for heading in headings:
        made.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    return made


def draw(console: Console, made: Table) -> None:
    """Print a table; in a pipe no line ends in spaces."""
    if console.is_terminal:
        console.print(made)
        return
    with console.capture() as caught:
        console.print(made)
    console.file.writelines(f"{line.rstrip()}\n" for line in caught.get().splitlines())


def pairs(console: Console, rows: Sequence[tuple[str, str]], indent: int = 2) -> None:
    """Print names and what they are, in two columns."""
    wide = max((len(name) for name, _ in rows), default=0)
    for name, value in rows:
        console.print(Text.assemble(" " * indent, (f"{name:<{wide}}", "dim"), "  ", value), soft_wrap=True)


def moment(at: datetime | str | None) -> str:
    """Write a moment for people, to the second and in UTC; a text is ISO 8601.

    >>> moment("2026-03-01T09:30:00.123456+00:00")
    '2026-03-01 09:30:00 UTC'
    """
    if at is None:
        return "never"
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def count(number: int, what: str) -> str:
    """Write a count.

    >>> count(1, "number"), count(2, "number")
    ('1 number', '2 numbers')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"
