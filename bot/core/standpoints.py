"""Where whoever texts may stand, and what is open to her there: for people who ask what a text would mean."""

from __future__ import annotations

from bot.core.catalog import Catalog
from bot.core.understanding import NOTHING_OPEN, Question

STATES = ("stranger", "pending", "subscribed", "unsubscribed")

ANYWHERE = dict.fromkeys(STATES, NOTHING_OPEN) | {"pending": Question(confirm=True)}
"""Where no number is named: only a YES or NO can be awaited."""


def on_number(catalog: Catalog, number: str) -> dict[str, Question]:
    """Return what is open by state on a number: its survey of leavers, too, to somebody who has left."""
    programs = catalog.numbers[number].programs
    asked = [survey for program in programs if (survey := catalog.programs[program].survey)]
    if not asked:
        return ANYWHERE
    first = catalog.surveys[asked[0]].steps[0]
    return ANYWHERE | {"unsubscribed": Question(False, first.choices, first.free_text)}
