"""Runs the real commands, in this process or in one of their own, in a folder of the test's own."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import structlog
from click.testing import CliRunner, Result

from bot.cli import cli

ROOT = Path(__file__).parents[1]
NUMBER, OTHER = "+33644600000", "+33644600001"
ANNA = "+33639980001"
TOKEN = "a-token-of-24-characters"

KEYWORDS = f"""\
version: 1
brand: Le Zinc
support: aide@zinc.example
country: FR
languages: [fr, en]
numbers:
  "{NUMBER}": {{provider: http, programs: [club], label: Affiche}}
  "{OTHER}": {{provider: http, programs: [brunch]}}
programs:
  club:
    name: Club Zinc
    keywords: [CLUB]
    frequency: {{fr: "4 SMS/mois max", en: "max 4 msgs/month"}}
    remind_after: 20 hours
    survey: leaving
  brunch:
    name: Brunch
    keywords: [BRUNCH]
    opt_in: single
    frequency: {{fr: "1 SMS/semaine", en: "1 msg/week"}}
surveys:
  leaving:
    question: {{fr: "Pourquoi ?", en: "Why?"}}
    answers:
      too_many: {{fr: Trop de SMS, en: Too many texts}}
      lost_interest: {{fr: "Plus intéressé", en: Lost interest}}
"""


def write(folder: Path, text: str = KEYWORDS) -> Path:
    """Write keywords.yaml; return the folder."""
    (folder / "keywords.yaml").write_text(text, "utf-8")
    return folder


def run(folder: Path, *words: str, typed: str | bytes | None = None, **environ: str) -> Result:
    """Run a command here, with `typed` on its standard input; whatever it raises is an error of the test."""
    with contextlib.chdir(folder):
        try:
            return CliRunner(env=environ).invoke(cli, words, input=typed, catch_exceptions=False, prog_name="ouistop")
        finally:
            structlog.reset_defaults()  # a command has its process for itself, and quiets the log as it likes


def spawn(folder: Path, *words: str, typed: str | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, whose environment has only `environ`."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *words], cwd=folder, env=scrubbed(environ), input=typed, capture_output=True,
        text=True, encoding="utf-8", timeout=30, check=False,
    )  # fmt: skip


def scrubbed(environ: dict[str, str]) -> dict[str, str]:
    """Make an environment of what a process needs and what the test says."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **environ}


@contextlib.contextmanager
def serving(folder: Path, *words: str, ends: int = 0, **environ: str):
    """Run `ouistop serve` until the block ends; gives its address and what it said. A SIGTERM must end it well.

    `ends`: the exit code it must end with.
    """
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve", "--port", "0", *words], cwd=folder, env=scrubbed(environ),
            stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8", start_new_session=True,
        )  # fmt: skip
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("  provider") or "reports" in line:
                break
        assert len(said) > 1, (folder / "log").read_text("utf-8")
        yield SimpleNamespace(address=said[1].split()[-1].rstrip("/"), said="".join(said), process=process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        code = process.wait(10)
        process.stdout.close()
    assert code == ends, (folder / "log").read_text("utf-8")
