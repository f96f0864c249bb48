"""Bring a database to the shape this version expects, step by step, in one transaction.

Rule: one command does it (`ouistop migrate`, and `serve` on SQLite); a database of a newer version is left alone.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

HEAD = "0002"
"""The newest step in migrations/versions: a start that finds it does not load Alembic at all."""


class NotUpToDate(Exception):
    """The database and this program are not of one version; nothing was changed."""


def revision(connection: Connection) -> str | None:
    """Tell how far a database is; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(text("SELECT version_num FROM alembic_version")).fetchone()
    return str(row[0]) if row else None


def migrate(connection: Connection) -> list[str]:
    """Run the steps that are missing and name them; raise NotUpToDate if this program is too old."""
    before = revision(connection)
    if before == HEAD:
        return []
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    steps = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()][::-1]
    if before is not None and before not in steps:
        raise NotUpToDate(f"it is at step {before}, which this version does not know: update Ouistop")
    command.upgrade(config, "head")
    return steps[steps.index(before) + 1 :] if before else steps
