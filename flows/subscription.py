"""Joining and leaving one program: asked once, welcomed once, gone at the first word.

One per (program, msisdn). Events are what the contact does (join, confirm, decline, stop, start), what time does
(remind, expire) and what the carrier does (block). Every event is known in every state in which it can arrive;
a timer that rings late changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from statemachine import State

from bot.core.effects import DropWakes, Note, Say, WakeIn, WakeKind
from bot.core.ledger import Event
from flows.chart import Chart


@dataclass(frozen=True, slots=True)
class SubscriptionFacts:
    """What the chart may know. `confirmed`: she once said yes. `may_ask`: the limit on questions leaves room."""

    double: bool = True
    confirmed: bool = False
    left: bool = False
    may_ask: bool = True
    confirm_within: timedelta = timedelta(hours=48)
    remind_after: timedelta | None = None


class Subscription(Chart):
    """Joining and leaving one program."""

    stranger = State(initial=True, value="stranger")
    pending = State(value="pending")
    subscribed = State(value="subscribed")
    unsubscribed = State(value="unsubscribed")

    join = (
        stranger.to(pending, cond="double and may_ask", on="ask")
        | stranger.to.itself(internal=True, cond="double")
        | stranger.to(subscribed, on="welcome")
        | pending.to.itself(internal=True, cond="may_ask", on="ask_again")
        | pending.to.itself(internal=True)
        | subscribed.to.itself(internal=True, on="already")
        | unsubscribed.to(pending, cond="double and may_ask", on="ask")
        | unsubscribed.to.itself(internal=True, cond="double")
        | unsubscribed.to(subscribed, on="welcome_back")
    )
    confirm = pending.to(subscribed, on="welcome") | subscribed.to.itself(internal=True, on="already")
    decline = pending.to(unsubscribed, cond="left", on="regret") | pending.to(stranger, on="regret")
    # START: the phone itself asked, so a person who once confirmed is back at once; anybody else joins.
    start = (
        pending.to(subscribed, on="welcome")
        | subscribed.to.itself(internal=True, on="already")
        | unsubscribed.to(subscribed, cond="confirmed", on="welcome_back")
        | unsubscribed.to(pending, cond="double and may_ask", on="ask")
        | unsubscribed.to.itself(internal=True, cond="double")
        | unsubscribed.to(subscribed, on="welcome")
        | stranger.to(pending, cond="double and may_ask", on="ask")
        | stranger.to.itself(internal=True, cond="double")
        | stranger.to(subscribed, on="welcome")
    )
    stop = (
        stranger.to(unsubscribed, on="leave")
        | pending.to(unsubscribed, on="leave")
        | subscribed.to(unsubscribed, on="leave")
        | unsubscribed.to.itself(internal=True)
    )
    block = (
        stranger.to(unsubscribed, on="blocked")
        | pending.to(unsubscribed, on="blocked")
        | subscribed.to(unsubscribed, on="blocked")
        | unsubscribed.to.itself(internal=True)
    )
    remind = (
        pending.to.itself(internal=True, on="nudge")
        | stranger.to.itself(internal=True)
        | subscribed.to.itself(internal=True)
        | unsubscribed.to.itself(internal=True)
    )
    expire = (
        pending.to(unsubscribed, cond="left", on="lapse")
        | pending.to(stranger, on="lapse")
        | stranger.to.itself(internal=True)
        | subscribed.to.itself(internal=True)
        | unsubscribed.to.itself(internal=True)
    )

    facts: SubscriptionFacts

    def double(self) -> bool:
        """Ask before subscribing."""
        return self.facts.double

    def confirmed(self) -> bool:
        """She said yes once, before she left."""
        return self.facts.confirmed

    def left(self) -> bool:
        """She had left before this question; a NO or silence brings her back there, not to stranger."""
        return self.facts.left

    def may_ask(self) -> bool:
        """The limit on double opt-in questions leaves room for one."""
        return self.facts.may_ask

    def ask(self) -> None:
        """Put the question, and set the timers."""
        self.ask_again()
        if self.facts.remind_after is not None:
            self.effect(WakeIn(WakeKind.REMIND, self.facts.remind_after))

    def ask_again(self) -> None:
        """Put the question again; the time to answer begins anew, the one reminder does not."""
        self.effect(Say("ask_confirm"), Note(Event.ASKED), WakeIn(WakeKind.EXPIRE, self.facts.confirm_within))

    def welcome(self) -> None:
        """She is in."""
        self.effect(DropWakes(), Say("welcome"), Note(Event.OPTED_IN))

    def welcome_back(self) -> None:
        """She is in again."""
        self.effect(DropWakes(), Say("welcome_back"), Note(Event.OPTED_IN))

    def already(self) -> None:
        """Nothing changes: a second keyword never un-confirms."""
        self.effect(Say("already_subscribed"))

    def regret(self) -> None:
        """She said no: acknowledged once."""
        self.effect(DropWakes(), Say("declined"), Note(Event.DECLINED))

    def leave(self) -> None:
        """She is out. The farewell is the turn's: one for all the programs that a STOP ends."""
        self.effect(DropWakes(), Note(Event.OPTED_OUT))

    def blocked(self) -> None:
        """The carrier says that she is out; nothing can be said to her."""
        self.effect(DropWakes(), Note(Event.CARRIER_BLOCKED))

    def nudge(self) -> None:
        """Remind her, once."""
        self.effect(Say("reminder"))

    def lapse(self) -> None:
        """No answer is a no, without a word."""
        self.effect(DropWakes(), Note(Event.EXPIRED))
