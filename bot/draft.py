"""The sheet a turn writes on: what changes, what is asked for, and why.

A `Draft` starts from a snapshot and collects; `finish` gives the new snapshot, the effects and the trace. It knows
which language answers, when to be silent (the loop guard) and how the ledger grows. What is decided, and in which
order, is turn.py's; what a flow's symbols mean is moves.py's.
"""

from __future__ import annotations

from dataclasses import dataclass as open_dataclass
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any

from bot.core.catalog import Catalog
from bot.core.effects import CancelQueued, Effect, Enter, KeepForPerson, Send
from bot.core.ledger import Event, LedgerRow, digest, private_digest, seal
from bot.core.messages import MT, Purpose, mt_id
from bot.core.phrases import speaks
from bot.core.render import Said, reply, say
from bot.core.state import PENDING, Conversation, OpenSurvey, Snapshot, Subscription
from bot.core.understanding import Understanding
from bot.core.values import dataclass, replace

DAY = timedelta(hours=24)
MICROSECOND = timedelta(microseconds=1)

ASKS_PER_DAY = 3
"""Double opt-in questions one person may get in 24 hours, over all programs: no stranger is pestered with more."""

LOOP_LIMIT = 10
LOOP_WINDOW = timedelta(minutes=10)
"""More MTs than this to one msisdn on one number in this time is a machine talking to a machine."""


@open_dataclass(slots=True)
class Trace:
    """Why a turn came out as it did, for people. Plain values: it is stored as JSON beside the message."""

    cause: str
    catalog: str
    intent: str | None = None
    language: str | None = None
    rule: str = ""
    confidence: float = 1.0
    words: str = ""
    maybe: str | None = None
    keyword: dict[str, Any] | None = None
    steps: tuple[str, ...] = ()
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    spoke: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def understood(self, seen: Understanding) -> None:
        """Write down what her text was taken for, and why."""
        self.intent, self.language, self.rule = str(seen.intent), seen.language, seen.rule
        self.confidence, self.words, self.steps = seen.confidence, seen.words, seen.steps
        self.maybe = str(seen.maybe) if seen.maybe else None


@dataclass(frozen=True, slots=True)
class Turn:
    """What one MO, timer or carrier's notice comes to: the person afterwards, what is to be done, and why."""

    snapshot: Snapshot
    effects: tuple[Effect, ...]
    trace: Trace


@dataclass(frozen=True, slots=True)
class Cause:
    """What set the turn off: `kind` mo, wake or provider; `ref` names it; `source` is the ledger's word for it."""

    kind: str
    ref: str
    source: str
    mo_ref: str | None = None


class Draft:
    """Collects one turn. Not reused: one draft, one turn."""

    def __init__(self, snapshot: Snapshot, catalog: Catalog, number: str, now: datetime, cause: Cause) -> None:
        self.person = snapshot
        self.catalog = catalog
        self.number = number
        self.cause = cause
        self.subscriptions = dict(snapshot.subscriptions)
        self.talk = snapshot.conversations.get(number) or Conversation(number)
        sent = self.talk.sent
        # The server that wrote her last may have another clock, and her texts leave in the order of their moments.
        self.now = now if not sent or now > sent[-1] else sent[-1] + MICROSECOND
        self.asks = tuple(at for at in snapshot.asks if now - at < DAY)
        self.suppressed_at = snapshot.suppressed_at
        self.hold = snapshot.hold
        self.effects: list[Effect] = []
        self.trace = Trace(cause.kind, catalog.digest)
        self._word_language: str | None = None
        self._rows = snapshot.ledger_rows
        self._head = snapshot.ledger_head
        self._sent = 0

    # ---- what is known --------------------------------------------------------------------------------

    @property
    def programs_here(self) -> tuple[str, ...]:
        """Name the programs of this number; none if the file no longer has the number."""
        number = self.catalog.numbers.get(self.number)
        return tuple(number.programs) if number else ()

    def subscription(self, program: str) -> Subscription:
        """Return her place in a program, a stranger's if she has none."""
        return self.subscriptions.get(program) or Subscription(program)

    def state_of(self, program: str) -> str:
        """Name the state of her place in a program."""
        return self.subscription(program).state

    def asked_last(self) -> str | None:
        """Name the program whose double opt-in question is open on this number; if several, the one asked last."""
        open_here = [
            place
            for place in self.subscriptions.values()
            if place.state == PENDING and place.number == self.number and place.program in self.catalog.programs
        ]
        # A START can ask two questions in one turn: then the MTs' ids tell which came last.
        last = max(open_here, key=lambda place: (place.asked_at or self.now, place.asked_mt), default=None)
        return last.program if last else None

    def language(self, program: str | None = None) -> str:
        """Choose the reply's language: the matched word's own, else the conversation's, else the program's first."""
        heard = self._word_language or self.talk.language
        if heard:
            return heard
        settings = self.catalog.programs.get(program) if program else None
        return ((settings and settings.languages) or self.catalog.languages)[0]

    def too_many_texts(self) -> bool:
        """Tell whether the loop guard keeps us quiet on this number."""
        return sum(self.now - at < LOOP_WINDOW for at in self.talk.sent) >= LOOP_LIMIT

    # ---- what is written ------------------------------------------------------------------------------

    def hear(self, language: str | None) -> None:
        """Answer in the language of her word; keep it for the conversation if it is one of the file's."""
        if language and (speaks(language) or language in self.catalog.languages):
            self._word_language = language
            if language in self.catalog.languages and language != self.talk.language:
                self.talk = replace(self.talk, language=language)

    def say(
        self, key: str, program: str | None = None, *, survey: str | None = None, purpose: Purpose = Purpose.REPLY
    ) -> MT | None:
        """Queue one of the texts; None if the loop guard keeps us quiet."""
        language = self.language(program)
        said = say(
            self.catalog, key, language, program=program, number=self.number, survey=survey, fields=self.person.fields
        )
        return self.send(said, key, program, purpose)

    def reply(self, name: str) -> MT | None:
        """Queue the text of a keyword that only answers; None if the loop guard keeps us quiet."""
        said = reply(self.catalog, name, self.language(), number=self.number, fields=self.person.fields)
        return self.send(said, f"replies.{name}", None)

    def send(self, said: Said, key: str, program: str | None, purpose: Purpose = Purpose.REPLY) -> MT | None:
        """Queue a rendered text; None if the loop guard keeps us quiet."""
        if self.too_many_texts():
            self.trace.notes.append(f"silent: {LOOP_LIMIT} messages in {LOOP_WINDOW.seconds // 60} minutes already")
            return None
        mt = MT(
            mt_id(self.now, self.cause.ref, self._sent), self.person.msisdn, self.number, said.text, self.now, purpose,
            program, key,
        )  # fmt: skip
        self._sent += 1
        self.talk = replace(self.talk, sent=(*self.talk.sent[1 - LOOP_LIMIT :], self.now))
        self.effects.append(Send(mt))
        self.trace.spoke.append(
            {"text": key, "program": program, "language": said.language, "line": said.line, "mt": mt.id}
        )
        return mt

    def note(self, event: Event, program: str | None, *, shown: str | None = None, mt: str | None = None,
             detail: str = "") -> None:  # fmt: skip
        """Append to the consent ledger; the row is sealed to the one before."""
        self._rows += 1
        row = LedgerRow(
            self.person.msisdn, self._rows, event, program, self.now, self.cause.source, self.number,
            self.cause.mo_ref, mt, shown, digest(shown), detail, self.catalog.digest, self._head,
        )  # fmt: skip
        row = replace(row, private_digest=private_digest(row, self.person.salt))
        self._head = seal(row)
        self.effects.append(Enter(replace(row, hash=self._head)))

    def cancel_queued(self, programs: tuple[str, ...], *, number: str | None = None, everything: bool = False) -> None:
        """Cancel what is still queued for her, farewells excepted."""
        self.effects.append(CancelQueued(number, programs, everything))

    def keep_for_person(self, maybe: str | None) -> None:
        """Keep the text for a person to read; if it may have been a STOP, hold the unasked until someone has looked."""
        self.effects.append(KeepForPerson(maybe))
        self.hold = self.hold or maybe is not None

    def open_survey(self, survey: str, program: str | None, *, reason: bool) -> None:
        """Leave a survey open on this number: the next text may answer it."""
        self.talk = replace(self.talk, survey=OpenSurvey(survey, program, self.now, reason=reason))

    def finish(self) -> Turn:
        """Close the sheet."""
        after = Snapshot(
            self.person.msisdn,
            self.subscriptions,
            {**self.person.conversations, self.number: self.talk},
            self.asks,
            self.suppressed_at,
            self.hold,
            self.person.fields,
            self._rows,
            self._head,
            self.person.salt,
        )
        return Turn(after, tuple(self.effects), self.trace)
