"""YAML with its places: every scalar is text, and everything is where an editor says it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.places import DEEPEST, LONGEST, read

AWKWARD = ["YES", "NO", "on", "0123", "12:30", "~", "null", "1e3", "0x1F", "true", "2026-11-24", ".inf", "=", "<<"]


@pytest.mark.parametrize("word", AWKWARD)
def test_a_scalar_stays_the_text_that_was_written(word):
    assert read(f"{word}: [{word}]").data == {word: [word]}


@pytest.mark.parametrize(
    ("source", "path", "place"),
    [
        ("a: b", ("a",), (1, 4)),
        ("a:\n  b: c\n", ("a", "b"), (2, 6)),
        ("a: [x, yy, z]", ("a", 2), (1, 12)),
        ("- a\n- b: c\n", (1, "b"), (2, 6)),
        ("é: 'ê'", ("é",), (1, 4)),
        ("☕: 🙏 x\nb: c", ("b",), (2, 4)),
        ("a: 1\r\nb: 2\r\n", ("b",), (2, 4)),
        ("\ufeffa: 1", ("a",), (1, 4)),
        ("a: >-\n  folded\n  text\nb: c", ("b",), (4, 4)),
        ("a: >-\n  folded\n", ("a",), (1, 4)),
        ("a:\n", ("a",), (1, 3)),
    ],
)
def test_a_value_stands_where_an_editor_says(source, path, place):
    assert place == read(source).at(path)


def test_a_key_stands_where_an_editor_says():
    document = read("a:\n  b: {c: d}\n")

    assert [document.at_key(path) for path in (("a",), ("a", "b"), ("a", "b", "c"))] == [(1, 1), (2, 3), (2, 7)]


def test_what_is_not_there_is_told_where_it_should_be():
    document = read("a:\n  b: plain\n")

    assert [document.at(path) for path in (("a", "x"), ("a", "b", 0), ("y", "z"))] == [(1, 1), (2, 6), (1, 1)]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_hashtag_is_found_whatever_ends_the_lines(line_end):
    faults = read(f"a: été 🙏{line_end}b: vois #tag # and a comment{line_end}").faults

    assert [(fault.place, fault.rule) for fault in faults] == [((2, 9), "cut-by-hash")]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("[" * 100_000, f"nested more than {DEEPEST} deep"),
        ("- " * 100_000, f"nested more than {DEEPEST} deep"),
        ("{a: " * 100_000, f"nested more than {DEEPEST} deep"),
        ("a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]", "& at the beginning of a value means something else in YAML"),
        ("a" * (LONGEST + 1), "the file has 1,000,001 characters, more than 1,000,000"),
        ("a: b\0c", "an invisible character, U+0000"),
        ("a: \ud800", "an invisible character, U+D800"),
        ("a: \x1b[31m", "an invisible character, U+001B"),
    ],
)
def test_what_would_hurt_a_parser_is_a_fault_with_a_place(source, message):
    document = read(source)

    assert message == document.faults[0].message


def test_the_second_of_two_equal_keys_is_left_out():
    document = read("a: 1\nb: {c: 1, c: {d: 2}}\na: 2\n")

    assert document.data == {"a": "1", "b": {"c": "1"}}
    assert [fault.place for fault in document.faults] == [(2, 11), (3, 1)]


@given(st.text(st.sampled_from("ab:- \n\t#[]{}&*!|>'\"%@`,?~0é☕\0\ufeff\r"), max_size=60))
def test_no_text_makes_it_raise(source):
    document = read(source)

    assert document.faults or document.data is not None
