"""The one base of our statecharts, and the memoised step through which everybody uses them.

A flow is data plus a few sync methods: it records symbolic effects with `self.effect(...)` (what a callback returns
is lost by the library), knows no clock, no words and no phone number, and its state is one plain text.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache

from statemachine import StateChart

from bot.core.effects import Symbol
from bot.core.errors import FlowChanged


@dataclass(slots=True)
class Place:
    """Where the chart keeps its state: the library reads and writes `state` here."""

    state: str | None = None


class Chart(StateChart[Place]):
    """A statechart whose surprises are errors. Subclass once: states, events, and what each transition says."""

    # A bug inside a callback must roll the turn back; by default the library swallows it and completes the move.
    catch_errors_as_events = False
    # An event that a state does not know is our bug; by default the library answers None and goes on.
    allow_event_without_transition = False
    # `internal=True` must not enter the state again, or every nudge would repeat what entering says.
    enable_self_transition_entries = False

    def __init__(self) -> None:
        self.effects: list[Symbol] = []
        self.facts: Hashable = None
        super().__init__(Place())

    def effect(self, *symbols: Symbol) -> None:
        """Record what the conversation asks for, in order."""
        self.effects.extend(symbols)

    def take(self, state: str, event: str, facts: Hashable) -> Step:
        """Go from a stored state through one event; raise FlowChanged if the state is none of ours."""
        if state not in self.states_map:
            raise FlowChanged(f"{type(self).__name__} has no state {state!r}")
        self.effects, self.facts, self.model.state = [], facts, state
        self.send(event)
        return Step(str(self.model.state), tuple(self.effects))


@dataclass(frozen=True, slots=True)
class Step:
    """Where an event led and what it asked for."""

    state: str
    effects: tuple[Symbol, ...]


@lru_cache(maxsize=4096)
def step(flow: type[Chart], state: str, event: str, facts: Hashable) -> Step:
    """Take one step. A step is a pure function of its arguments, so the answer is remembered.

    Each has a chart of its own: one that has reached a final state, or whose callback raised, takes no event any more.
    """
    return flow().take(state, event, facts)
