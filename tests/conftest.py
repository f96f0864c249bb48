"""No variable of the machine reaches a test: settings are what the test says."""

from __future__ import annotations

import os
from pathlib import Path

import boards
import pytest
from postgres import fresh_database

from bot.settings import describe

KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")


@pytest.fixture(autouse=True)
def _scrubbed(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {name for row in describe() for name in (row.name, row.from_file) if name}
    for name in names & set(os.environ):
        monkeypatch.delenv(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database on each engine: what the store promises it promises on both."""
    return fresh_database() if request.param == "postgresql" else str(tmp_path / "test.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def each_engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test on both engines: `board()` opens a fresh database of either."""
    if request.param == "postgresql":
        monkeypatch.setattr(boards, "new_database", fresh_database)
