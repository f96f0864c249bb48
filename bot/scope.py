"""How far a STOP reaches: which programs it ends, and which a START returns to.

Rule: what the file has dropped or moved to another number is ended all the same.
"""

from __future__ import annotations

from bot.core.state import UNSUBSCRIBED
from bot.draft import Draft


def ends_here(draft: Draft) -> tuple[str, ...]:
    """Name the number's programs, and those she is in through this number although the file has moved them."""
    moved = sorted(p for p, place in draft.subscriptions.items() if place.number == draft.number)
    return tuple(dict.fromkeys((*draft.programs_here, *moved)))


def ends_everywhere(draft: Draft) -> tuple[str, ...]:
    """Name every program there is, and those she is in although the file has dropped them."""
    return tuple(dict.fromkeys((*draft.catalog.programs, *sorted(draft.subscriptions))))


def ended_last(draft: Draft) -> list[str]:
    """Name, in the file's order, what the last STOP on this number ended and she has not come back to."""
    places = map(draft.subscription, draft.catalog.programs)
    left = [place for place in places if place.state == UNSUBSCRIBED and place.left_on == draft.number]
    moments = [place.left_at for place in left if place.left_at]
    return [place.program for place in left if place.left_at == max(moments)]
