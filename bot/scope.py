"""How far a STOP reaches: which programs it ends, and which a START returns to.

Rule: what the file has dropped or moved to another number is ended all the same.
"""

from __future__ import annotations

from bot.core.state import PENDING, SUBSCRIBED, UNSUBSCRIBED
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


def about(draft: Draft) -> str | None:
    """Name the program that a reply is about: the one she is in on this number, else the number's only one."""
    here, mine = draft.programs_here, in_here(draft)
    return mine[0] if len(mine) == 1 else here[0] if len(here) == 1 else None


def in_here(draft: Draft) -> list[str]:
    """List what she is in on this number, or has been asked to confirm."""
    return [program for program in draft.programs_here if draft.state_of(program) in (SUBSCRIBED, PENDING)]
