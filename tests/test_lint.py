"""The linter's rules: tables of cases in tests/cases/lint, each with the exact lines a marketer reads."""

import pytest
from cases.lint.runner import BASE, cases, source, told


@pytest.mark.parametrize("case", cases())
def test_every_slip_is_told_with_its_place_and_a_way_to_mend_it(case):
    assert case["problems"] == told(source(case))


def test_the_file_that_the_cases_change_has_no_problem():
    assert told(BASE) == ""


def test_every_problem_but_one_hints_at_a_way_to_mend_it():
    told_lines = [line for case in cases() for line in case.values[0]["problems"].splitlines()]

    assert [line for line in told_lines if "] hint: " not in line] == []


def test_problems_stand_in_the_order_of_the_file():
    places = [
        [tuple(map(int, line.split(":")[:2])) for line in case.values[0]["problems"].splitlines()] for case in cases()
    ]

    assert [sorted(each) for each in places] == places
