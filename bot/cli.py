"""The command line: which commands there are, and how each of them fails.

Rule: this file imports no machinery. A command is `bot/commands/<name>.py` with a click command called `command`, and
is imported when it is asked for, so that `ouistop --help` is there at once. What a person can mend is told on standard
error, one line for each problem, and ends with exit code 1 (2: the command was written wrongly), never in a traceback.
"""

# ruff: noqa: ARG002, the methods of a group have click's signatures

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from bot.core.errors import ConfigError, Unavailable

COMMANDS: dict[str, dict[str, str]] = {
    "Run": {
        "serve": "Answer texts, and show the console and a phone to try it on.",
        "migrate": "Bring the database up to date.",
        "copy": "Copy everything into another database, SQLite or PostgreSQL, and check it.",
        "doctor": "Look whether everything it needs is there and well.",
    },
    "Write keywords.yaml": {
        "check": "Say what is wrong with the file, where, and what the texts cost.",
        "chat": "Text your keywords from this terminal, and see why each reply came.",
        "test": "Play conversations and compare what was said.",
        "explain": "Say what one text means, and why.",
        "schema": "Print the JSON Schema with which editors help you write.",
    },
    "Look": {
        "contact": "Everything about one person: states, consent with its proof, messages.",
        "diagram": "Draw how joining, leaving and surveys go.",
    },
    "Keep and erase": {
        "backup": "Copy the database to a file while it is in use, and check the copy.",
        "forget": "Erase one person, and keep no more than that she must be left alone.",
    },
}

EXAMPLE = """\
Example:
  ouistop check               is the file good?
  ouistop chat                text it, without a phone or an account
  ouistop serve               open http://localhost:8080/
  ouistop serve --help        all about one command
"""


class Commands(click.Group):
    """The commands by name, each imported when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name them in the order of the page."""
        return [name for section in COMMANDS.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"bot.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the page's middle without importing any of them."""
        for section, commands in COMMANDS.items():
            with formatter.section(section):
                formatter.write_dl(list(commands.items()))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Put the commands before the two options that every program has."""
        self.format_commands(ctx, formatter)
        click.Command.format_options(self, ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """End with an example."""
        formatter.write_paragraph()
        formatter.write(EXAMPLE)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; tell what a person can mend."""
        try:
            return super().invoke(ctx)
        except (ConfigError, Unavailable) as error:
            for line in str(error).splitlines():
                click.echo(line, err=True)
            ctx.exit(1)


@click.group(
    cls=Commands,
    no_args_is_help=False,
    invoke_without_command=True,
    context_settings={"show_default": True, "max_content_width": 100, "help_option_names": ["-h", "--help"]},
)
@click.version_option(None, "-V", "--version", package_name="ouistop", message="ouistop %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """A two-way SMS keyword chatbot on your own server: OUI to join, STOP to leave."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main() -> None:
    """Run the command that was written."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # Texts are Unicode whatever the terminal's locale; what it cannot show must not stop a command.
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    cli(prog_name="ouistop")
