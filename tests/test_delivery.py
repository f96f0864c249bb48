"""Statuses move up only, retries come later and later, and what is too old stays."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.delivery import DEADLINES, FINAL, LADDER, MOST_ATTEMPTS, deadline, moves, retry_after
from bot.core.errors import Misconfigured, OptedOutAtProvider, Rejected, Throttled, Unreachable
from bot.core.messages import Purpose, Status

JITTER = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (Status.QUEUED, Status.WIRED, True),
        (Status.QUEUED, Status.DELIVERED, True),
        (Status.QUEUED, Status.CANCELLED, True),
        (Status.QUEUED, Status.EXPIRED, True),
        (Status.WIRED, Status.SENT, True),
        (Status.WIRED, Status.FAILED, True),
        (Status.SENT, Status.DELIVERED, True),
        (Status.SENT, Status.FAILED, True),
        (Status.WIRED, Status.QUEUED, False),
        (Status.SENT, Status.WIRED, False),
        (Status.SENT, Status.SENT, False),
        (Status.DELIVERED, Status.SENT, False),
        (Status.DELIVERED, Status.FAILED, False),
        (Status.FAILED, Status.SENT, False),
        (Status.EXPIRED, Status.FAILED, False),
        (Status.CANCELLED, Status.WIRED, False),
    ],
)
def test_a_status_only_moves_forward(old, new, expected):
    assert expected == moves(old, new)


@pytest.mark.parametrize("old", sorted(FINAL - {Status.DELIVERED}))
def test_a_receipt_from_the_handset_tops_a_failure(old):
    assert moves(old, Status.DELIVERED)


def test_reports_end_alike_in_whatever_order_they_come():
    def last(reports):
        status = Status.QUEUED
        for report in reports:
            status = report if moves(status, report) else status
        return status

    for final in FINAL:
        assert {final} == {last(order) for order in permutations((Status.WIRED, Status.SENT, Status.SENT, final))}


def test_every_status_has_its_place():
    assert set(Status) == set(LADDER)


@pytest.mark.parametrize("error", [Rejected("no"), OptedOutAtProvider("no")])
def test_what_will_not_pass_is_not_tried_again(error):
    assert retry_after(error, 1, 0.0) is None


@pytest.mark.parametrize(
    ("attempt", "jitter", "seconds"),
    [(1, 0.0, 1), (1, 0.5, 1.5), (2, 0.0, 2), (3, 0.5, 6), (10, 0.0, 512), (12, 0.0, 1800), (59, 0.5, 2700)],
)
def test_waits_double_up_to_an_hour(attempt, jitter, seconds):
    assert seconds == retry_after(Unreachable("gone"), attempt, jitter)


def test_after_the_last_attempt_we_give_up():
    assert retry_after(Unreachable("gone"), MOST_ATTEMPTS, 0.0) is None


def test_what_a_person_must_mend_is_tried_less_often():
    assert retry_after(Misconfigured("token"), 1, 0.0) == 30


@given(st.integers(1, MOST_ATTEMPTS - 1), JITTER, st.none() | st.floats(0, 86_400))
def test_we_never_come_back_before_the_provider_wants_us(attempt, jitter, after):
    wait = retry_after(Throttled("too fast", after=after), attempt, jitter)

    assert wait is not None
    assert wait >= (after or 0)
    assert wait >= retry_after(Unreachable("gone"), attempt, 0.0)


def test_the_attempts_outlast_every_deadline():
    shortest = sum(retry_after(Unreachable("gone"), attempt, 0.0) for attempt in range(1, MOST_ATTEMPTS))

    assert shortest > max(DEADLINES.values()).total_seconds()


def test_a_farewell_is_tried_several_times_in_its_five_minutes():
    waits = [retry_after(Unreachable("gone"), attempt, 0.99) for attempt in range(1, 8)]

    assert sum(waits) < deadline(Purpose.FAREWELL).total_seconds()


def test_a_farewell_leaves_within_five_minutes_or_never():
    assert deadline(Purpose.FAREWELL) == timedelta(minutes=5)


def test_every_purpose_has_its_deadline():
    assert set(Purpose) == set(DEADLINES)
