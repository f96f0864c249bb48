"""Asking a question, or several, and taking each answer once: the reason survey and polls.

The question itself is sent by whoever opens the survey (the reason question stands inside the farewell); the chart
takes the answers. A survey that nobody answers lapses without a word.
"""

from __future__ import annotations

from dataclasses import dataclass

from statemachine import State

from bot.core.effects import Note, Say
from bot.core.ledger import Event
from flows.chart import Chart


@dataclass(frozen=True, slots=True)
class SurveyFacts:
    """What the chart may know. `more`: another question follows. `reason`: it asks why she left."""

    more: bool = False
    reason: bool = True


class Survey(Chart):
    """Asking a question, or several, and taking each answer once."""

    asking = State(initial=True, value="asking")
    answered = State(final=True, value="answered")
    lapsed = State(final=True, value="lapsed")

    answer = asking.to.itself(internal=True, cond="more", on="next_question") | asking.to(answered, on="thank")
    lapse = asking.to(lapsed)

    facts: SurveyFacts

    def more(self) -> bool:
        """Another question follows."""
        return self.facts.more

    def next_question(self) -> None:
        """Keep the answer and put the next question."""
        self._keep()
        self.effect(Say("question"))

    def thank(self) -> None:
        """Keep the answer and thank her; the file decides whether thanks are sent."""
        self._keep()
        self.effect(Say("thanks"))

    def _keep(self) -> None:
        self.effect(Note(Event.REASON if self.facts.reason else Event.ANSWERED))
