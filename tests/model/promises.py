"""What must hold of a person after every step: of what the database says of her, beside the model or by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from bot.core.delivery import LADDER
from bot.core.ledger import Event, LedgerRow, first_break
from bot.core.messages import Status
from bot.core.state import SUBSCRIBED, Snapshot
from bot.records import Wake
from bot.store.store import Store
from model.people import Person
from model.versions import VERSIONS

DOUBLE = {key for key, program in VERSIONS["full"].programs.items() if program.opt_in == "double"}


@dataclass(frozen=True)
class Look:
    """All that is kept of a person; `before`: the last look, `arrived`: by an MO's ref, when it came in."""

    person: Snapshot
    mos: list[Mapping[str, Any]]
    mts: list[Mapping[str, Any]]
    ledger: list[LedgerRow]
    timers: list[Wake]
    before: Look | None
    arrived: Mapping[str, int]


async def look(store: Store, msisdn: str, before: Look | None, arrived: Mapping[str, int]) -> Look:
    """Read it."""
    rows = await store.timeline(msisdn)
    return Look(
        await store.person(msisdn) or Snapshot(msisdn),
        [row for row in rows if row["direction"] == "mo"],
        sorted((row for row in rows if row["direction"] == "mt"), key=lambda row: str(row["ref"])),
        await store.ledger(msisdn),
        await store.timers(msisdn),
        before,
        arrived,
    )


def she_is_where_the_model_says(told: Look, expected: Person) -> None:
    """In every program, and as to STOP ALL and what a person has yet to read."""
    assert {key: place.state for key, place in told.person.subscriptions.items()} == {
        key: place.state for key, place in expected.places.items()
    }
    assert (told.person.suppressed_at is not None, told.person.hold) == (expected.suppressed, expected.hold)


def every_mo_is_taken_once_and_in_order_of_arrival(told: Look, expected: Person) -> None:
    """Whatever is repeated, and in whatever batches."""
    assert [(row["ref"], row["status"]) for row in told.mos] == list(expected.mos.items())
    arrivals = [told.arrived[ref] for ref in expected.mos]
    assert all(one < next_one for one, next_one in pairwise(arrivals))


def she_is_told_what_the_model_says(told: Look, expected: Person) -> None:
    """No more, no less, in that order, in the words of the file that was in force."""
    keys = ("ref", "text_key", "number", "purpose", "status", "lease_until")
    assert [tuple(row[key] for key in keys) for row in told.mts] == [
        (mt.id, mt.key, mt.number, mt.purpose, mt.status, mt.leased_until) for mt in expected.mts
    ]
    assert all(mt.words in row["text"] for row, mt in zip(told.mts, expected.mts, strict=True))


def what_became_of_an_mt_is_never_taken_back(told: Look, expected: Person) -> None:
    """Its status only moves up."""
    before = {row["ref"]: LADDER[Status(row["status"])] for row in told.before.mts} if told.before else {}
    assert all(LADDER[Status(row["status"])] >= before.get(row["ref"], 0) for row in told.mts)


def her_timers_are_those_of_her_open_questions(told: Look, expected: Person) -> None:
    """Each is there once, or has rung."""
    timers = {(timer.program, str(timer.kind), timer.number, timer.at) for timer in told.timers}
    assert timers == set(expected.timers.values())


def her_chain_holds_and_only_grows(told: Look, expected: Person) -> None:
    """Every row as it was, cited from the file that was in force, each sealed to the one before."""
    assert [(row.event, row.program, row.catalog) for row in told.ledger] == expected.ledger
    before = told.before.ledger if told.before else []
    assert told.ledger[: len(before)] == before
    assert first_break(told.ledger, told.person.ledger_head, told.person.salt) is None


def nobody_is_in_without_having_said_yes(told: Look, expected: Person) -> None:
    """The chain's last word on it is that she opted in; the first time after a question, where one is to be asked."""
    for key, place in told.person.subscriptions.items():
        own = [row for row in told.ledger if row.program == key and row.event is not Event.REASON]
        if place.state == SUBSCRIBED:
            assert own[-1].event is Event.OPTED_IN
        first = next((row for row in own if row.event is Event.OPTED_IN), None)
        if first and key in DOUBLE:
            asked = [row for row in own if row.event is Event.ASKED and row.seq < first.seq]
            assert (asked[-1].mt_id, asked[-1].shown) == (first.mt_id, first.shown)


def a_reminder_comes_once_to_a_question(told: Look, expected: Person) -> None:
    """There are never more of them than questions."""
    reminded = sum(row["text_key"] == "reminder" for row in told.mts)
    assert reminded <= sum(row["text_key"] == "ask_confirm" for row in told.mts)


PROMISES = (
    she_is_where_the_model_says, every_mo_is_taken_once_and_in_order_of_arrival, she_is_told_what_the_model_says,
    what_became_of_an_mt_is_never_taken_back, her_timers_are_those_of_her_open_questions,
    her_chain_holds_and_only_grows, nobody_is_in_without_having_said_yes, a_reminder_comes_once_to_a_question,
)  # fmt: skip
