"""What docs/understanding.md says of a text is what `understand` says of it."""

from pathlib import Path

import pytest

from bot.core.understand import understand
from bot.core.understanding import Question
from bot.core.vocabulary import vocabulary

PAGE = Path(__file__).parent.parent / "docs" / "understanding.md"
BOTH = vocabulary(["en", "fr"])


def examples():
    awaited = False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if len(cells) == 2 and cells[1] == "is":
            awaited = "awaited" in cells[0]
        elif len(cells) == 2 and not cells[0].startswith("---"):
            text = cells[0].replace("\\n", "\n").replace("\\u0302", "\u0302")
            yield text, awaited, cells[1]


@pytest.mark.parametrize(("text", "awaited", "intent"), list(examples()))
def test_the_page_is_right(text, awaited, intent):
    assert understand(text, BOTH, Question(confirm=awaited)).intent == intent


def test_the_page_has_its_examples():
    assert len(list(examples())) > 30
