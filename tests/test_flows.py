"""The charts: every event is known wherever it can arrive, and the library does what flows/chart.py pins."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from catalogs import NUMBER, catalog
from hypothesis import given, settings
from hypothesis import strategies as st
from statemachine import State, StateChart
from statemachine.exceptions import TransitionNotAllowed

from bot.core.effects import DropWakes, Note, Say, WakeIn, WakeKind
from bot.core.errors import FlowChanged
from bot.core.ledger import Event
from bot.core.messages import MO
from bot.core.state import Snapshot, Subscription
from bot.turn import take_turn, take_wake
from flows import FLOWS, Chart, SubscriptionFacts, SurveyFacts, step
from flows import Subscription as SubscriptionFlow
from flows import Survey as SurveyFlow

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
STATES = ("stranger", "pending", "subscribed", "unsubscribed")
ANYTIME = ("join", "start", "stop", "block", "remind", "expire")
FACTS = st.builds(
    SubscriptionFacts,
    double=st.booleans(),
    confirmed=st.booleans(),
    left=st.booleans(),
    may_ask=st.booleans(),
    remind_after=st.none() | st.just(timedelta(hours=20)),
)


# ---- subscription -----------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.sampled_from(STATES), st.sampled_from(ANYTIME), FACTS)
def test_what_she_time_and_the_carrier_do_is_known_in_every_state(state, event, facts):
    taken = step(SubscriptionFlow, state, event, facts)

    assert taken.state in STATES


@pytest.mark.parametrize(
    ("state", "event"), [("pending", "confirm"), ("subscribed", "confirm"), ("pending", "decline")]
)
def test_yes_and_no_are_known_where_a_turn_lets_them_through(state, event):
    taken = step(SubscriptionFlow, state, event, SubscriptionFacts())

    assert taken.effects


@settings(deadline=None)
@given(st.sampled_from(STATES), st.sampled_from((*ANYTIME, "confirm", "decline")), FACTS)
def test_a_remembered_step_is_what_a_fresh_one_is(state, event, facts):
    try:
        fresh = SubscriptionFlow().take(state, event, facts)
    except TransitionNotAllowed:
        with pytest.raises(TransitionNotAllowed):
            step(SubscriptionFlow, state, event, facts)
        return

    assert fresh == step(SubscriptionFlow, state, event, facts) == step(SubscriptionFlow, state, event, facts)


@settings(deadline=None)
@given(st.sampled_from(STATES), FACTS)
def test_stop_leads_out_of_every_state_and_says_nothing_itself(state, facts):
    taken = step(SubscriptionFlow, state, "stop", facts)

    assert taken.state == "unsubscribed"
    assert not any(isinstance(symbol, Say) for symbol in taken.effects)


@settings(deadline=None)
@given(st.sampled_from(STATES), st.sampled_from((*ANYTIME, "confirm", "decline")), FACTS)
def test_nobody_gets_in_by_a_double_opt_in_but_from_a_question_or_back_after_a_yes(state, event, facts):
    try:
        taken = step(SubscriptionFlow, state, event, replace(facts, double=True))
    except TransitionNotAllowed:
        return

    came_in = taken.state == "subscribed" and state != "subscribed"
    assert not came_in or state == "pending" or (event == "start" and facts.confirmed and state == "unsubscribed")


@settings(deadline=None)
@given(st.sampled_from(STATES), st.sampled_from(("remind", "expire")), FACTS)
def test_a_timer_that_rings_late_changes_nothing(state, event, facts):
    taken = step(SubscriptionFlow, state, event, facts)

    assert state == "pending" or (taken.state, taken.effects) == (state, ())


def test_the_question_sets_both_timers_and_asking_again_only_the_end():
    facts = SubscriptionFacts(remind_after=timedelta(hours=20))
    asked = (Say("ask_confirm"), Note(Event.ASKED), WakeIn(WakeKind.EXPIRE, timedelta(hours=48)))

    first = step(SubscriptionFlow, "stranger", "join", facts).effects
    again = step(SubscriptionFlow, "pending", "join", facts).effects

    assert first == (*asked, WakeIn(WakeKind.REMIND, timedelta(hours=20)))
    assert again == asked


@pytest.mark.parametrize("event", ["confirm", "decline", "stop", "block", "expire"])
def test_whatever_ends_a_question_drops_its_timers(event):
    assert DropWakes() in step(SubscriptionFlow, "pending", event, SubscriptionFacts()).effects


# ---- survey -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "reason", "state", "effects"),
    [
        (False, True, "answered", (Note(Event.REASON), Say("thanks"))),
        (False, False, "answered", (Note(Event.ANSWERED), Say("thanks"))),
        (True, True, "asking", (Note(Event.REASON), Say("question"))),
        (True, False, "asking", (Note(Event.ANSWERED), Say("question"))),
    ],
)
def test_an_answer_is_kept_and_leads_to_the_next_question_or_to_thanks(more, reason, state, effects):
    taken = SurveyFlow().take("asking", "answer", SurveyFacts(more, reason))

    assert (taken.state, taken.effects) == (state, effects)


def test_a_survey_that_ended_leaves_the_next_one_free():
    # A chart of the library takes no event after a final state; one kept for all would answer one survey only.
    ends = [step(SurveyFlow, "asking", "answer", SurveyFacts(more, reason)).state
            for more, reason in product((False, True), repeat=2)]  # fmt: skip

    assert ends == ["answered", "answered", "asking", "asking"]


def test_nobody_answers_twice():
    with pytest.raises(TransitionNotAllowed):
        step(SurveyFlow, "answered", "answer", SurveyFacts())


# ---- the base, and the library's own ways -----------------------------------------------------------------


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_a_state_of_another_version_is_told(flow):
    with pytest.raises(FlowChanged, match="has no state 'paused'"):
        step(flow, "paused", "stop", None)


@pytest.mark.parametrize(("text", "after"), [("CLUB", "pending"), ("STOP", "unsubscribed"), ("START", "pending")])
def test_a_person_in_a_state_of_another_version_starts_over(text, after):
    person = Snapshot("+33639980001", {"club": Subscription("club", "paused", NUMBER)})

    turn = take_turn(MO("http", "1", person.msisdn, NUMBER, text, NOW), person, catalog(), NOW)

    assert turn.snapshot.subscriptions["club"].state == after
    assert "Subscription has no state 'paused': started over" in turn.trace.notes


def test_starting_over_is_kept_also_where_nothing_else_comes_of_it():
    person = Snapshot("+33639980001", {"club": Subscription("club", "paused", NUMBER)})

    turn = take_wake("club", WakeKind.REMIND, NUMBER, person, catalog(), NOW)

    assert (turn.snapshot.subscriptions["club"].state, turn.effects) == ("stranger", ())


def charts(**flags):
    """Make one small chart on the library's base with our flags or its own, to see what each does."""

    class Small(StateChart):
        one = State(initial=True)
        two = State(final=True)

        go = one.to(two, on="fail")
        stay = one.to.itself(internal=True)

        def fail(self):
            raise RuntimeError("a bug of ours")

        def on_enter_one(self):
            self.entered = getattr(self, "entered", 0) + 1

    for name, value in flags.items():
        setattr(Small, name, value)
    return Small()


def test_our_base_pins_the_librarys_three_flags():
    pinned = (
        Chart.catch_errors_as_events, Chart.allow_event_without_transition, Chart.enable_self_transition_entries,
    )  # fmt: skip

    assert pinned == (False, False, False)


def test_a_bug_in_a_callback_is_raised_and_by_default_swallowed():
    with pytest.raises(RuntimeError, match="a bug of ours"):
        charts(catch_errors_as_events=False).go()

    charts(catch_errors_as_events=True).go()


def test_an_event_that_a_state_does_not_know_is_raised_and_by_default_ignored():
    with pytest.raises(TransitionNotAllowed):
        charts(allow_event_without_transition=False).send("leave")

    assert charts(allow_event_without_transition=True).send("leave") is None


@pytest.mark.parametrize(("flag", "entered"), [(False, 1), (True, 2)])
def test_an_internal_transition_enters_its_state_again_only_with_the_librarys_default(flag, entered):
    chart = charts(enable_self_transition_entries=flag)

    chart.stay()

    assert chart.entered == entered


def test_an_effect_that_is_returned_is_lost_and_one_that_is_recorded_is_not():
    class Small(Chart):
        one = State(initial=True, value="one")

        go = one.to.itself(internal=True, on="speak")

        def speak(self):
            self.effect(Say("recorded"))
            return Say("returned")

    assert Small().take("one", "go", None).effects == (Say("recorded"),)
