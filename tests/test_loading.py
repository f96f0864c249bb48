"""From the text of keywords.yaml to a catalog: defaults, places, versions, and no text that makes it raise."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.catalog import Keyword, Number, Program, Text
from bot.core.loading import load_catalog
from bot.core.problems import Level
from bot.core.understanding import Choice

SHIPPED = (Path(__file__).parent.parent / "keywords.yaml").read_text("utf-8")
MINIMAL = """\
version: 1
brand: Lumen
numbers:
  "+33644600000":
programs:
  club_bleu:
    keywords: [CLUB]
"""


def load(source):
    return load_catalog(source, "keywords.yaml", ("simulator", "http", "twilio"))


def catalog(source=MINIMAL, **changes):
    for old, new in changes.pop("change", {}).items():
        assert source.count(old) == 1
        source = source.replace(old, new)
    loaded = load(source)
    assert loaded.catalog, "\n".join(map(str, loaded.problems))
    return loaded.catalog


def test_a_minimal_file_has_a_default_for_everything_else():
    made = catalog()

    assert made.numbers == {"+33644600000": Number("+33644600000", "", "simulator", ("club_bleu",), "us", 4)}
    assert made.programs == {"club_bleu": Program("club_bleu", "Club bleu", ("CLUB",), ("fr",), line=6)}
    assert (made.country, made.languages, made.stop_scope, made.support) == ("FR", ("fr",), "number", "")
    assert made.keywords == {"+33644600000": {"CLUB": Keyword("CLUB", "program", "club_bleu", 7)}}
    assert load(MINIMAL).problems == ()


@pytest.mark.parametrize(
    ("number", "country", "languages", "spoken"),
    [
        ("+33644600000", "", ("fr",), ("fr",)),
        ("+14165550100", "", ("en",), ("en", "fr")),
        ("+14155550100", "", ("en",), ("en",)),
        ("+14155550100", "CA", ("en",), ("en", "fr")),
        ("+447700900000", "", ("en",), ("en",)),
        ("+81312345678", "", None, None),
        ("+80012345678", "FR", ("fr",), ("fr",)),
        ("+41791234567", "FR", ("fr",), ("fr", "de", "gsw", "it")),
    ],
)
def test_languages_come_from_the_country_and_words_count_in_those_of_the_number(number, country, languages, spoken):
    made = catalog(change={"+33644600000": number, "brand: Lumen": f"brand: Lumen\ncountry: {country}"})

    if languages is None:  # Japan's own language, if we have texts in it by now
        languages, spoken = (("ja",), ("ja",)) if made.languages == ("ja",) else (("en",), ("en", "ja"))
    assert languages == made.languages
    assert {number: spoken} == made.spoken


def test_a_plain_text_is_said_in_the_first_language_and_knows_its_line():
    made = catalog(
        MINIMAL + "    languages: [fr, en]\n    texts:\n      thanks: Merci\n      help: {en: STOP, fr: STOP}\n"
    )

    assert made.programs["club_bleu"].texts == {
        "thanks": Text({"fr": "Merci"}, {"fr": 10}),
        "help": Text({"en": "STOP", "fr": "STOP"}, {"en": 11, "fr": 11}),
    }


@pytest.mark.parametrize(
    ("written", "duration"),
    [
        ("48 hours", timedelta(hours=48)),
        ("1 hour", timedelta(hours=1)),
        ("2 days", timedelta(days=2)),
        ("90 minutes", timedelta(minutes=90)),
        ("1 week", timedelta(weeks=1)),
        ("2Days", timedelta(days=2)),
    ],
)
def test_a_duration_reads_as_it_is_spoken(written, duration):
    made = catalog(MINIMAL + f"    confirm_within: {written}\n")

    assert duration == made.programs["club_bleu"].confirm_within


def test_replies_count_on_every_number_and_programs_on_their_own():
    made = catalog(SHIPPED)

    assert {number: list(words) for number, words in made.keywords.items()} == {
        "+33644600000": ["CLUB", "CAFE", "HORAIRES", "HOURS"],
        "+33644600001": ["BRUNCH", "HORAIRES", "HOURS"],
    }


def test_a_survey_is_one_question_or_several():
    one = catalog(SHIPPED).surveys["leaving"].steps
    poll = "replies: {vote: {keywords: VOTE, survey: l}}\nsurveys:\n  l:\n    questions:\n"
    several = (
        catalog(MINIMAL + poll + "      - {question: Quoi ?, answers: {a: ceci, b: cela}}\n" * 2).surveys["l"].steps
    )

    assert [Choice("too_many", ("Trop de SMS", "Too many texts"))] == [step.choices[0] for step in one]
    assert [tuple(choice.key for choice in step.choices) for step in several] == [("a", "b"), ("a", "b")]
    assert [step.free_text for step in (*one, *several)] == [True, False, False]


def test_words_that_yaml_would_take_for_something_else_are_words():
    made = catalog(change={"keywords: [CLUB]": "keywords: [0123, ON1, 1.50, null]"})

    assert made.programs["club_bleu"].keywords == ("0123", "ON1", "1.50", "null")


def test_the_version_is_the_hash_of_the_bytes():
    windows = SHIPPED.replace("\n", "\r\n")

    assert hashlib.sha256(SHIPPED.encode()).hexdigest()[:12] == catalog(SHIPPED).digest
    assert hashlib.sha256(windows.encode()).hexdigest()[:12] == catalog(windows).digest


def test_the_vocabulary_of_a_number_knows_the_words_of_the_file():
    made = catalog(SHIPPED)

    assert "club" in made.vocabulary("+33644600000").keywords
    assert "club" not in made.vocabulary("+33644600001").keywords


def test_numbers_that_are_not_in_the_file_share_one_vocabulary_however_many_are_texted():
    made = catalog()
    heard = {id(made.vocabulary(f"+3364460{each:04d}")) for each in range(1, 50)}

    assert heard == {id(made.vocabulary(None))}


def test_a_warning_does_not_keep_a_file_from_being_used():
    loaded = load(MINIMAL + "    languages: [fr, en]\n    frequency: 1 SMS\n")

    assert [Level.WARNING] * len(loaded.problems) == [problem.level for problem in loaded.problems]
    assert loaded.catalog
    assert loaded.problems


@pytest.mark.parametrize(
    "source", ["", "\0", "\ufeff", "- a", "a", "1", "[]", "{}", "a: *b", "? ? a", "version: [", "\ud800"]
)
def test_what_is_no_such_file_is_an_error_with_a_place(source):
    loaded = load(source)

    assert loaded.catalog is None
    assert loaded.problems[0].level is Level.ERROR
    assert (loaded.problems[0].line, loaded.problems[0].column) >= (1, 1)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"brand: Lumen": "brand: " + "x" * 1601}, (2, 8)),
        ({"[CLUB]": "[CLUB, " + "x" * 900_000 + "]"}, (7, 22)),
        ({"[CLUB]": '[CLUB]\n    texts: {welcome: "' + "[[{" * 300_000 + '"}'}, (8, 22)),
    ],
)
def test_what_no_provider_would_take_is_told_once_and_read_no_further(change, place):
    source = MINIMAL
    for old, new in change.items():
        source = source.replace(old, new)

    assert [("too-long", *place)] == [(each.rule, each.line, each.column) for each in load(source).problems]


LINES = SHIPPED.splitlines(keepends=True)
SLIPS = st.lists(
    st.tuples(
        st.integers(0, len(SHIPPED) - 1),
        st.integers(0, 6),
        st.text(st.sampled_from("aé: []{},-\"'#\n\tYES0"), max_size=4),
    ),
    min_size=1,
    max_size=4,
)


@settings(deadline=None, max_examples=60)
@given(SLIPS)
def test_no_slip_of_the_hand_makes_it_raise_and_only_errors_keep_the_catalog_back(slips):
    source = SHIPPED
    for at, gone, new in slips:
        source = source[:at] + new + source[at + gone :]
    loaded = load(source)

    assert (loaded.catalog is None) == any(problem.level is Level.ERROR for problem in loaded.problems)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(LINES), max_size=40))
def test_no_order_of_lines_makes_it_raise(lines):
    loaded = load("".join(lines))

    assert (loaded.catalog is None) == any(problem.level is Level.ERROR for problem in loaded.problems)
