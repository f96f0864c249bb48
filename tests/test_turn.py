"""What a transcript cannot show of a turn: that it is pure and total, and what holds in whatever order things come."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from catalogs import CLUB, NUMBER, catalog, program
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.catalog import Number, Reply
from bot.core.effects import CancelQueued, DropWake, Enter, KeepForPerson, Send, SetWake
from bot.core.ledger import Event, first_break
from bot.core.messages import MO, Flag, Purpose
from bot.core.state import PENDING, SUBSCRIBED, UNSUBSCRIBED, Snapshot, dump, load
from bot.draft import ASKS_PER_DAY, DAY, LOOP_LIMIT, LOOP_WINDOW, Cause
from bot.turn import take_block, take_opt_out, take_read, take_turn, take_wake

ANNA = "+33639980001"
OTHER, GONE = "+33644600001", "+33644600009"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

MARKET = catalog(
    numbers={
        NUMBER: Number(NUMBER, "Affiche", "simulator", ("club", "jobs")),
        OTHER: Number(OTHER, "Ticket", "simulator", ("brunch",)),
    },
    programs={
        "club": program("club", "Club Lumière", "CLUB", survey="leaving", remind_after=timedelta(hours=20)),
        "jobs": program("jobs", "Emplois", "EMPLOI"),
        "brunch": program("brunch", "Brunch", "BRUNCH", opt_in="single"),
    },
)

TEXTS = ("CLUB", "EMPLOI", "BRUNCH", "OUI", "yes", "non", "STOP", "ARRET", "STOP CLUB", "STOP ALL", "START", "HELP",
         "AIDE", "1", "4", "trop cher", "HORAIRES", "j'arrête ou pas ?", "")  # fmt: skip
STOPS = ("STOP", "ARRET", "STOP ALL")
WAYS_BACK = ("CLUB", "EMPLOI", "BRUNCH", "START")

untimed = partial(settings, deadline=None)
texts = st.tuples(st.sampled_from(TEXTS), st.sampled_from((NUMBER, NUMBER, OTHER)))
waits = st.sampled_from((MINUTE, 30 * MINUTE, timedelta(hours=21), timedelta(days=2), timedelta(days=8)))
stories = st.lists(texts | waits | st.sampled_from(("block", "read")), max_size=25)


@dataclass
class Story:
    """One person from the beginning: whatever is done, what she is then and all that came of it."""

    catalog: object = MARKET
    person: Snapshot = field(default_factory=lambda: Snapshot(ANNA))
    now: datetime = NOW
    effects: list = field(default_factory=list)
    wakes: dict = field(default_factory=dict)
    count: int = 0

    def play(self, story):
        """Do one thing after another."""
        for act in story:
            if isinstance(act, timedelta):
                self.wait(act)
            elif isinstance(act, tuple):
                self.text(*act)
            elif act == "block":
                self.took(take_block(NUMBER, "says so", self.person, self.catalog, self.now))
            else:
                self.took(take_read(NUMBER, self.person, self.catalog, self.now))
        return self

    def text(self, text, number=NUMBER, flag=None):
        """Take the turn of a text; return it."""
        self.count += 1
        self.now += timedelta(seconds=1)
        mo = MO("http", str(self.count), ANNA, number, text, self.now, flag)
        return self.took(take_turn(mo, self.person, self.catalog, self.now))

    def wait(self, time):
        """Let time pass and timers ring; return their turns."""
        until, turns = self.now + time, []
        while due := sorted((wake.at, key) for key, wake in self.wakes.items() if wake.at <= until):
            self.now, key = due[0]
            wake = self.wakes.pop(key)
            turn = take_wake(wake.program, wake.kind, wake.number, self.person, self.catalog, self.now)
            turns.append(self.took(turn))
        self.now = until
        return turns

    def took(self, turn):
        """Keep what a turn came to."""
        self.person = turn.snapshot
        self.effects += turn.effects
        for effect in turn.effects:
            if isinstance(effect, SetWake):
                self.wakes[effect.program, effect.kind] = effect
            elif isinstance(effect, DropWake):
                self.wakes = {key: wake for key, wake in self.wakes.items() if key[0] != effect.program}
        return turn

    @property
    def mts(self):
        """Every MT, in order."""
        return [effect.mt for effect in self.effects if isinstance(effect, Send)]

    @property
    def rows(self):
        """Every ledger row, in order."""
        return [effect.row for effect in self.effects if isinstance(effect, Enter)]

    def state(self, key):
        """Name her state in a program."""
        return self.person.subscriptions[key].state


def said(turn):
    return [(effect.mt.text_key, effect.mt.purpose) for effect in turn.effects if isinstance(effect, Send)]


def cancels(turn):
    return [effect for effect in turn.effects if isinstance(effect, CancelQueued)]


# ---- whatever happens -------------------------------------------------------------------------------------


@untimed()
@given(stories, texts)
def test_a_turn_is_a_pure_function_of_its_arguments(story, last):
    person = Story().play(story).person
    before = dump(person)
    mo = MO("http", "last", ANNA, last[1], last[0], NOW)

    first = take_turn(mo, person, MARKET, NOW)
    second = take_turn(mo, load(before), MARKET, NOW)

    assert first == second
    assert dump(person) == before


@untimed()
@given(stories, st.text(), st.sampled_from((NUMBER, OTHER, GONE)), st.none() | st.sampled_from(Flag))
def test_a_turn_is_total(story, text, number, flag):
    tale = Story().play(story)

    turn = tale.text(text, number, flag)

    assert turn.trace.intent
    assert turn.trace.rule


@untimed()
@given(stories)
def test_a_person_is_read_back_as_she_was_written(story):
    person = Story().play(story).person

    assert load(dump(person)) == person


@untimed()
@given(stories)
def test_the_ledgers_chain_verifies_and_nothing_in_it_can_be_changed(story):
    tale = Story().play(story)

    assert first_break(tale.rows, tale.person.ledger_head) is None
    assert tale.person.ledger_rows == len(tale.rows)
    assert not tale.rows or first_break(tale.rows[:-1], tale.person.ledger_head) == len(tale.rows)


@untimed()
@given(stories)
def test_nobody_is_in_without_a_yes_in_the_ledger(story):
    tale = Story().play(story)

    for key, place in tale.person.subscriptions.items():
        own = [row.event for row in tale.rows if row.program == key]
        moves = [event for event in own if event not in (Event.ASKED, Event.REASON)]
        assert (place.state == SUBSCRIBED) == (moves[-1:] == [Event.OPTED_IN])


@untimed()
@given(stories)
def test_the_first_yes_to_a_double_opt_in_follows_its_question_and_cites_it(story):
    tale = Story().play(story)
    sent = {mt.id: mt for mt in tale.mts}

    for key in ("club", "jobs"):
        own = [row for row in tale.rows if row.program == key]
        first = next((row for row in own if row.event is Event.OPTED_IN), None)
        if first is None:
            continue
        asked = [row for row in own if row.event is Event.ASKED and row.seq < first.seq]
        assert asked
        assert (first.mt_id, first.shown) == (asked[-1].mt_id, asked[-1].shown)
        assert (sent[first.mt_id].text_key, sent[first.mt_id].text) == ("ask_confirm", first.shown)


@untimed()
@given(stories, st.sampled_from(STOPS), waits)
def test_after_a_stop_nothing_comes_but_one_farewell_until_she_asks_to_return(story, stop, wait):
    tale = Story().play(story)

    farewell = tale.text(stop)
    later = tale.wait(wait)
    again = tale.text("STOP")

    assert [tale.state(key) for key in ("club", "jobs")] == [UNSUBSCRIBED, UNSUBSCRIBED]
    assert {purpose for _, purpose in said(farewell)} <= {Purpose.FAREWELL}
    assert len(said(farewell)) <= 1
    assert [said(turn) for turn in later] == [[]] * len(later)
    assert len(said(farewell)) + len(said(again)) <= 1 + (wait >= DAY)


@untimed()
@given(stories, st.lists(texts.filter(lambda text: text[0] not in WAYS_BACK) | waits, max_size=15))
def test_after_stop_all_no_word_but_a_keyword_or_start_lets_her_in_again(story, after):
    tale = Story().play(story)
    tale.text("STOP ALL")

    tale.play(after)

    assert {place.state for place in tale.person.subscriptions.values()} == {UNSUBSCRIBED}
    assert tale.person.suppressed_at is not None
    assert all(mt.purpose in (Purpose.REPLY, Purpose.FAREWELL) for mt in tale.mts if mt.at > tale.person.suppressed_at)


@untimed()
@given(stories, st.sampled_from(STOPS), st.sampled_from((NUMBER, OTHER)))
def test_a_stop_cancels_what_is_queued_in_the_same_turn_before_it_says_anything(story, stop, number):
    turn = Story().play(story).text(stop, number)

    kinds = [type(effect) for effect in turn.effects if isinstance(effect, CancelQueued | Send)]
    assert kinds[:1] == [CancelQueued]
    assert CancelQueued not in kinds[1:]


@untimed(max_examples=50)
@given(st.lists(texts | st.just(MINUTE), min_size=20, max_size=60))
def test_never_more_than_ten_texts_in_ten_minutes_on_one_number(story):
    tale = Story().play(story)

    for number in (NUMBER, OTHER):
        moments = [mt.at for mt in tale.mts if mt.number == number]
        crowded = [at for at in moments if sum(at <= each < at + LOOP_WINDOW for each in moments) > LOOP_LIMIT]
        assert crowded == []


@untimed()
@given(st.lists(st.sampled_from(("CLUB", "EMPLOI", "non", "STOP", "START")) | waits, max_size=40))
def test_never_more_than_three_questions_in_a_day(story):
    tale = Story().play([(act, NUMBER) if isinstance(act, str) else act for act in story])

    moments = [row.at for row in tale.rows if row.event is Event.ASKED]
    crowded = [at for at in moments if sum(at <= each < at + DAY for each in moments) > ASKS_PER_DAY]
    assert crowded == []


@untimed()
@given(stories)
def test_ids_of_texts_sort_as_they_were_made_and_none_comes_twice(story):
    ids = [mt.id for mt in Story().play(story).mts]

    assert ids == sorted(set(ids))


@untimed()
@given(stories)
def test_an_open_question_always_has_its_end_set(story):
    tale = Story().play(story)

    waiting = {key for key, place in tale.person.subscriptions.items() if place.state == PENDING}
    assert waiting == {program for program, kind in tale.wakes if kind == "expire"}


# ---- what a STOP cancels ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("STOP", CancelQueued(NUMBER, ("club", "jobs"))),
        ("STOP CLUB", CancelQueued(None, ("club",))),
        ("STOP ALL", CancelQueued(everything=True)),
    ],
)
def test_a_stop_cancels_as_far_as_it_reaches(text, expected):
    assert cancels(Story().text(text)) == [expected]


def test_with_stop_scope_all_a_stop_cancels_everything():
    story = Story(catalog(stop_scope="all"))

    assert cancels(story.text("STOP")) == [CancelQueued(everything=True)]


@pytest.mark.parametrize(("text", "number"), [("CLUB", NUMBER), ("BRUNCH", OTHER), ("START", OTHER)])
def test_suppressed_until_she_asks_to_come_back(text, number):
    story = Story().play([("STOP ALL", NUMBER), ("OUI", NUMBER)])
    before = story.person.suppressed_at

    story.text(text, number)

    assert before is not None
    assert story.person.suppressed_at is None


# ---- without a word to her --------------------------------------------------------------------------------


def test_an_opt_out_from_elsewhere_is_recorded_with_its_source_and_says_nothing():
    story = Story().play([("CLUB", NUMBER), ("OUI", NUMBER)])

    turn = story.took(take_opt_out(NUMBER, Cause("console", "x", "console"), story.person, MARKET, story.now))

    assert (story.state("club"), said(turn)) == (UNSUBSCRIBED, [])
    assert [(row.event, row.source) for row in story.rows[-2:]] == [(Event.OPTED_OUT, "console")] * 2


def test_a_carriers_block_is_recorded_and_says_nothing():
    story = Story().play([("CLUB", NUMBER), ("OUI", NUMBER), ("EMPLOI", NUMBER)])

    turn = story.took(take_block(NUMBER, "error 21610", story.person, MARKET, story.now))

    assert (story.state("club"), story.state("jobs"), said(turn)) == (UNSUBSCRIBED, UNSUBSCRIBED, [])
    assert [(row.event, row.source) for row in story.rows[-2:]] == [(Event.CARRIER_BLOCKED, "provider")] * 2
    assert story.wakes == {}


def test_what_may_be_a_stop_holds_until_a_person_has_read_it():
    story = Story().play([("CLUB", NUMBER)])
    turn = story.text("j'arrête ou pas ?")

    held = story.person.hold
    story.took(take_read(NUMBER, story.person, MARKET, story.now))

    assert [each for each in turn.effects if isinstance(each, KeepForPerson)] == [KeepForPerson("stop")]
    assert (held, story.person.hold) == (True, False)


def test_a_number_that_the_file_no_longer_has_still_obeys_a_stop():
    story = Story().play([("CLUB", NUMBER), ("OUI", NUMBER)])
    story.catalog = catalog(numbers={OTHER: MARKET.numbers[OTHER]}, programs=MARKET.programs)

    story.text("arrêtez")

    assert story.state("club") == UNSUBSCRIBED


def test_a_stop_twice_on_a_number_without_programs_is_answered_once():
    story = Story(catalog(numbers={NUMBER: Number(NUMBER, "Horaires", "simulator", ())}))

    answers = [said(story.text("STOP")) for _ in range(2)]

    assert answers == [[("farewell", Purpose.FAREWELL)], []]


# ---- what is kept -----------------------------------------------------------------------------------------


def test_a_trace_tells_which_rule_won_and_which_line_spoke():
    turn = Story(catalog()).text("club!")

    assert (turn.trace.intent, turn.trace.rule, turn.trace.words) == ("keyword", "keyword", "club")
    assert turn.trace.keyword == {"keyword": "CLUB", "line": CLUB.line}
    assert (turn.trace.before, turn.trace.after) == ({"club": "stranger"}, {"club": "pending"})
    assert [spoken["text"] for spoken in turn.trace.spoke] == ["ask_confirm"]


def test_a_loop_guarded_poll_is_not_open():
    poll = Reply("poll", ("SONDAGE",), None, survey="leaving")
    story = Story(catalog(replies={"poll": poll})).play([("HELP", NUMBER)] * LOOP_LIMIT)

    turn = story.text("SONDAGE")

    assert said(turn) == []
    assert story.person.conversations[NUMBER].survey is None
