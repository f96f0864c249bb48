"""How well we understand: every row of tests/corpus read and judged, by language and class.

`python tests/scores.py de nl` prints the misses and the score of some languages, each by itself and together with
English; without a language it scores all of them at once, as `ouistop explain` understands without a number, and prints
the tables of docs/understanding.md: of the corpus, and of the strangers' rows.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.core.understand import understand
from bot.core.understanding import NOTHING_OPEN, Intent, Question, Understanding
from bot.core.vocabulary import Vocabulary, everything, vocabulary

CORPUS = Path(__file__).parent / "corpus"
STRANGERS = Path(__file__).parent / "strangers"
"""Rows by somebody who had seen neither our words nor the corpus: a measure, not to be mended by."""
CLASSES = ("stop", "stop_all", "start", "confirm", "decline", "help", "none", "ambiguous")
STOPS = (Intent.STOP, Intent.STOP_ALL)
PENDING = Question(confirm=True)
_ESCAPE = re.compile(r"\\(?:n|r|t|\\|u[0-9a-fA-F]{4})")
_PLAIN = {r"\n": "\n", r"\r": "\r", r"\t": "\t", "\\\\": "\\"}


@dataclass(frozen=True)
class Row:
    """A text, what it means to a reasonable person, and in which language."""

    language: str
    meant: str
    text: str
    yet: bool = True
    """False below the line `# not understood yet`: counted in the score, and no test wants each of them right."""


def languages(folder: Path = CORPUS) -> list[str]:
    """Name every language of the corpus, or of another folder of rows."""
    return sorted(path.stem for path in folder.glob("*.tsv"))


def rows(language: str, folder: Path = CORPUS) -> Iterator[Row]:
    r"""Yield a language's rows, `class<tab>text`; \n, \r, \t, \\ and \uXXXX stand for what they name."""
    yet = True
    lines = (folder / f"{language}.tsv").read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("# "):
            yet = yet and not line.startswith("# not understood yet")
            continue
        meant, split, text = line.partition("\t")
        if not split or meant not in CLASSES or not text:
            raise ValueError(f"{language}.tsv:{number}: not class<tab>text: {line!r}")
        plain = _ESCAPE.sub(lambda found: _PLAIN.get(found[0]) or chr(int(found[0][2:], 16)), text)
        yield Row(language, meant, plain, yet)


def understood(row: Row, known: Vocabulary) -> Understanding:
    """Understand a row; a YES or NO while one is awaited, as an ambiguous one too."""
    asked = row.meant in ("confirm", "decline", "ambiguous")
    return understand(row.text, known, PENDING if asked else NOTHING_OPEN)


def right(row: Row, found: Understanding) -> bool:
    """Tell whether what was understood does her justice: chat ends nothing, and a doubt begins nothing."""
    match row.meant:
        case "stop":
            return found.intent in STOPS
        case "none":
            return found.intent not in STOPS
        case "ambiguous":
            return found.intent is not Intent.CONFIRM
        case _:
            return found.intent == row.meant


def score(listed: Iterable[Row], known: Vocabulary, *, loud: bool = False) -> dict[str, tuple[int, int]]:
    """Return, by class, how many rows were understood, and of how many."""
    counts = {name: [0, 0] for name in CLASSES}
    for row in listed:
        found = understood(row, known)
        good = right(row, found)
        counts[row.meant][0] += good
        counts[row.meant][1] += 1
        if loud and not good:
            print(f"  {row.language}  {row.meant:9} {row.text!r} -> {found.intent} by {found.rule}: {found.steps[-1]}")
        elif loud and row.meant == "none" and found.intent is not Intent.UNKNOWN:
            print(f"  {row.language}  (none)    {row.text!r} -> {found.intent} by {found.rule}")
    return {name: (good, all_) for name, (good, all_) in counts.items() if all_}


def table(scored: dict[str, dict[str, tuple[int, int]]]) -> str:
    """Write the table of docs/understanding.md: understood of how many, by language and class, and the sums."""
    sums = {
        name: tuple(sum(each.get(name, (0, 0))[at] for each in scored.values()) for at in (0, 1)) for name in CLASSES
    }
    lines = [f"| language | {' | '.join(CLASSES)} |", "|---" * (len(CLASSES) + 1) + "|"]
    for language, counts in [*scored.items(), ("**all**", sums)]:
        cells = (f"{counts[name][0]}/{counts[name][1]}" if name in counts else "" for name in CLASSES)
        lines.append(f"| {language} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _print(title: str, scored: dict[str, tuple[int, int]]) -> None:
    print(title, " · ".join(f"{name} {good}/{all_}" for name, (good, all_) in scored.items()))


def main(chosen: list[str]) -> None:
    """Print misses and scores."""
    for language in chosen:
        listed = list(rows(language))
        _print(f"{language} alone:", score(listed, vocabulary([language]), loud=True))
        _print(f"{language} with en:", score(listed, vocabulary([language, "en"]), loud=True))
    if not chosen:
        for folder in (CORPUS, STRANGERS):
            known = languages(folder)
            print(table({language: score(rows(language, folder), everything(), loud=True) for language in known}))


if __name__ == "__main__":
    main(sys.argv[1:])
