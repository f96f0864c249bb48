"""`ouistop schema`: the JSON Schema of keywords.yaml."""

from __future__ import annotations

import json

import click


@click.command
def command() -> None:
    """Print the JSON Schema with which editors complete and check keywords.yaml.

    It is keywords.schema.json, which the first line of keywords.yaml names; an editor with a YAML language server needs
    nothing else.

    \b
    Example:
      ouistop schema > keywords.schema.json

    \b
    Exit codes:
      0  always
    """
    from bot.core.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
