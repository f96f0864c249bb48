"""How long it takes to understand a text, once warm: `python benchmarks/understand.py [languages…]`.

Reads the rows of tests/corpus in these languages (English and French if none is named) and prints, by what the text
means, the mean, median and worst of the best of five, in µs; then the worst of texts of 10,000 characters made to be
slow. `every language` is what `ouistop explain` pays without a number.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bot.core.understand import understand
from bot.core.understanding import NOTHING_OPEN
from bot.core.vocabulary import Vocabulary, everything, vocabulary

CORPUS = Path(__file__).parent.parent / "tests" / "corpus"
PIECES = ("stop ", "x", "x ", "on 1 ", 'liked "', "👍", "ê", "can you stop me ", "\n> ", "а", "s t o p ", ". ", "ﷺ",
          "wrote: ", "please stop the ", "no ", "stopp", "退订", "请", "no quiero ", "я не хочу ", "a1", '"',
          '"a" ')  # fmt: skip


def cases(languages: list[str]) -> Iterator[tuple[str, str]]:
    """Yield every row of the languages as (class, text)."""
    for language in languages:
        for line in (CORPUS / f"{language}.tsv").read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                intent, text = line.split("\t")
                yield intent, text.encode("latin-1", "backslashreplace").decode("unicode-escape")


def slowest(known: Vocabulary) -> tuple[float, str]:
    """Return the slowest text of 10,000 characters, in µs, and the piece it is made of."""
    return max((microseconds(piece * (10_000 // len(piece)), known), piece) for piece in PIECES)


def microseconds(text: str, known: Vocabulary) -> float:
    """Return the best of five."""
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        understand(text, known, NOTHING_OPEN)
        best = min(best, time.perf_counter() - begun)
    return best * 1e6


def table(name: str, known: Vocabulary, texts: list[tuple[str, str]]) -> None:
    """Print one line for each intent, and one for all."""
    taken: dict[str, list[float]] = {}
    for intent, text in texts:
        taken.setdefault(intent, []).append(microseconds(text, known))
    taken["all"] = [each for times in taken.values() for each in times]
    print(f"\n{name}: µs a text{'':6}texts   mean  median  worst")
    for intent, times in taken.items():
        print(
            f"  {intent:22}{len(times):6}{statistics.mean(times):7.0f}{statistics.median(times):8.0f}{max(times):7.0f}"
        )


def main(languages: list[str]) -> None:
    """Measure one number's vocabulary, then every language at once."""
    texts = list(cases(languages))
    begun = time.perf_counter()
    number = vocabulary(languages, ["CLUB", "CAFE", "HORAIRES"], {"club": ("Club Lumière", "CLUB", "CAFE")})
    print(f"compiling {', '.join(languages)}: {time.perf_counter() - begun:.2f} s")
    table(f"a number with {', '.join(languages)}", number, texts)
    table("every language", everything(), texts)
    for name, known in (("a number", number), ("every language", everything())):
        spent, piece = slowest(known)
        print(f"\n{name}: the slowest text of 10,000 characters takes {spent / 1000:.1f} ms: {piece!r} again and again")


if __name__ == "__main__":
    main(sys.argv[1:] or ["en", "fr"])
