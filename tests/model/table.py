"""The table of joining and leaving, as data: in this state, at this event, if this holds, she is there, is told that,
and the ledger gets this. The first row that fits counts; where none does, nothing happens."""

from __future__ import annotations

from typing import NamedTuple

from bot.core.ledger import Event
from bot.core.state import PENDING, STRANGER, SUBSCRIBED, UNSUBSCRIBED


class Row(NamedTuple):
    """One line. `when`, all of them: `single`, the program asks no question; `room`, she may be asked one more;
    `left`, she has said STOP and not come back; `confirmed`, she has been in before."""

    states: str
    events: str
    when: str
    to: str
    says: str
    notes: Event | None


OUT = f"{STRANGER} {UNSUBSCRIBED}"
ANY_BUT_OUT = f"{STRANGER} {PENDING} {SUBSCRIBED}"

TABLE = (
    Row(UNSUBSCRIBED, "start", "confirmed", SUBSCRIBED, "welcome_back", Event.OPTED_IN),
    Row(UNSUBSCRIBED, "join", "single", SUBSCRIBED, "welcome_back", Event.OPTED_IN),
    Row(OUT, "join start", "single", SUBSCRIBED, "welcome", Event.OPTED_IN),
    Row(OUT, "join start", "room", PENDING, "ask_confirm", Event.ASKED),
    Row(PENDING, "join", "room", PENDING, "ask_confirm", Event.ASKED),
    Row(PENDING, "confirm start", "", SUBSCRIBED, "welcome", Event.OPTED_IN),
    Row(PENDING, "decline", "left", UNSUBSCRIBED, "declined", Event.DECLINED),
    Row(PENDING, "decline", "", STRANGER, "declined", Event.DECLINED),
    Row(PENDING, "expire", "left", UNSUBSCRIBED, "", Event.EXPIRED),
    Row(PENDING, "expire", "", STRANGER, "", Event.EXPIRED),
    Row(PENDING, "remind", "", PENDING, "reminder", None),
    Row(SUBSCRIBED, "join confirm start", "", SUBSCRIBED, "already_subscribed", None),
    Row(ANY_BUT_OUT, "stop", "", UNSUBSCRIBED, "", Event.OPTED_OUT),
    Row(ANY_BUT_OUT, "block", "", UNSUBSCRIBED, "", Event.CARRIER_BLOCKED),
)


def row_for(state: str, event: str, holds: dict[str, bool]) -> Row | None:
    """Find the row that counts."""
    fits = (
        row
        for row in TABLE
        if state in row.states.split() and event in row.events.split() and all(holds[name] for name in row.when.split())
    )
    return next(fits, None)
