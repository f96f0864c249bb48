"""Plays the linter's cases: `<subject>.yaml`, each a change to base.yaml (or a whole file) and the problems told."""

from pathlib import Path

import pytest
import yaml

from bot.core.loading import load_catalog

FOLDER = Path(__file__).parent
BASE = (FOLDER / "base.yaml").read_text("utf-8")
PROVIDERS = ("simulator", "http", "twilio")


def cases():
    """Load every case of every subject, as pytest parameters."""
    files = sorted(file for file in FOLDER.glob("*.yaml") if file.name != "base.yaml")
    loaded = [(file.stem, case) for file in files for case in yaml.load(file.read_text("utf-8"), yaml.BaseLoader)]
    return [pytest.param(case, id=f"{subject}: {case['case']}") for subject, case in loaded]


def source(case):
    """Write the file of a case: `file`, or base.yaml with the texts under `change` replaced and `add` at its end."""
    text = case.get("file", BASE)
    for old, new in case.get("change", {}).items():
        assert text.count(old) == 1, f"{old!r} is not there exactly once"
        text = text.replace(old, new)
    return text + case.get("add", "")


def told(text):
    """Load a file and say its problems, line by line, without the file's name."""
    problems = load_catalog(text, "keywords.yaml", PROVIDERS).problems
    return "".join(f"{problem}\n".removeprefix("keywords.yaml:") for problem in problems)
