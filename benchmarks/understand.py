"""How long it takes to understand a short text, once warm: `python benchmarks/understand.py [languages…]`.

Reads every case of tests/corpus and prints, by what the text means, the mean, median and worst of the
best of five, in µs. `every language` is what `ouistop explain` pays without a number.
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

CASES = Path(__file__).parent.parent / "tests" / "corpus"


def cases(languages: list[str]) -> Iterator[tuple[str, str]]:
    """Yield every case of the languages as (intent, text)."""
    for language in languages:
        for line in (CASES / f"{language}.tsv").read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                intent, text = line.split("\t")
                yield intent, text.encode("latin-1", "backslashreplace").decode("unicode-escape")


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


if __name__ == "__main__":
    main(sys.argv[1:] or ["en", "fr"])
