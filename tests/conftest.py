"""No variable of the machine reaches a test: settings are what the test says."""

from __future__ import annotations

import os

import pytest

from bot.settings import describe

KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")


@pytest.fixture(autouse=True)
def _scrubbed(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {name for row in describe() for name in (row.name, row.from_file) if name}
    for name in names & set(os.environ):
        monkeypatch.delenv(name)
