"""What is wrong with a file that can be read: whether its parts make sense together, to people and to the law.

One file, one subject; each has a `check` that takes a sheet and notes what it finds. The names of the rules are public.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from bot.core.catalog import Catalog
from bot.core.findings import Findings
from bot.core.lint import keywords, languages, law, numbers, programs, replies, size, surveys, texts, words
from bot.core.lint.sheet import Sheet
from bot.core.schema import KeywordsFile

CHECKS: tuple[Callable[[Sheet], None], ...] = (
    languages.check,
    numbers.check,
    programs.check,
    keywords.check,
    replies.check,
    texts.check,
    law.check,
    size.check,
    surveys.check,
    words.check,
)


def lint(shape: KeywordsFile, catalog: Catalog, providers: Collection[str], findings: Findings) -> None:
    """Apply every rule. `catalog` is what `shape` makes, faulty parts left out."""
    sheet = Sheet(shape, catalog, tuple(providers), findings)
    for check in CHECKS:
        check(sheet)
