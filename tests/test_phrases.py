"""What we say by default holds what the law and the carriers want, and stays cheap."""

from dataclasses import replace

import pytest
import yaml
from catalogs import ANSWERS, CLUB, LEAVING, NUMBER, catalog

from bot.core.phrases import BESIDES, FALLBACK, GLUE, TEXTS, languages, parse, phrase, phrasebook, speaks
from bot.core.render import FAREWELLS, FILLERS, at_its_longest, say
from bot.core.segments import measure
from bot.core.templates import template

YES = {"en": "YES", "fr": "OUI"}
HELP = {"en": "HELP", "fr": "AIDE"}
NO_MORE = {"en": "no more messages", "fr": "plus aucun message"}
BROKEN = ("()", "( ", "  ", " .", " ,", "..", "{", "}", "[[", "]]", ": .")
EVERY_TEXT = pytest.mark.parametrize(
    ("language", "key", "country"),
    [(language, key, country) for language in languages() for key in TEXTS for country in ("FR", "US", "CA")],
)
IN_EVERY_LANGUAGE = pytest.mark.parametrize("language", languages())


def test_the_laws_words_are_known_here_for_every_language_we_speak():
    assert set(languages()) == set(YES) == set(HELP) == set(NO_MORE)


@EVERY_TEXT
def test_a_default_text_stays_in_gsm7_and_in_two_segments(language, key, country):
    answers = LEAVING.steps[0]
    club = replace(CLUB, name="Les Nouvelles de la Brasserie", survey="leaving")
    dear = catalog(country=country, brand="La Grande Brasserie Lumière", programs={"club": club})
    sizes = [measure(at_its_longest(each, key, language, "club").text) for each in (catalog(country=country), dear)]

    assert len(answers.choices) == 4
    assert {"GSM-7"} == {size.encoding for size in sizes}
    assert max(size.segments for size in sizes) <= 2


@EVERY_TEXT
def test_a_default_text_says_who_speaks(language, key, country):
    assert phrase(language, key, country).startswith("{brand}")


@EVERY_TEXT
def test_a_default_text_has_only_placeholders_that_can_be_filled(language, key, country):
    assert set(template(phrase(language, key, country)).names) <= set(FILLERS)


@EVERY_TEXT
def test_what_is_empty_leaves_no_trace(language, key, country):
    bare = catalog(country=country, support="", programs={"club": replace(CLUB, frequency={})}, keywords={})
    program = None if key == "help_which" else "club"
    text = say(bare, key, language, program=program, number=NUMBER, survey=None, fields={}).text

    assert text == text.strip()
    assert not [broken for broken in BROKEN if broken in text]


@IN_EVERY_LANGUAGE
@pytest.mark.parametrize("key", ["ask_confirm", "reminder"])
def test_the_question_says_how_to_confirm_to_get_help_and_to_stop(language, key):
    words = phrase(language, key)

    assert all(part in words for part in ("{brand}", "{program}", YES[language], HELP[language], "STOP"))


@IN_EVERY_LANGUAGE
@pytest.mark.parametrize("key", ["ask_confirm", "welcome", "welcome_back", "help"])
def test_program_frequency_and_stop_are_told_and_rates_in_north_america(language, key):
    assert {"program", "frequency"} <= set(template(phrase(language, key)).names)
    assert "STOP" in phrase(language, key)
    for country in ("US", "CA"):
        assert phrase(language, "rates", country) in phrase(language, key, country)
        assert phrase(language, "rates", country)


@IN_EVERY_LANGUAGE
@pytest.mark.parametrize("key", ["welcome", "welcome_back", "already_subscribed", "unknown"])
def test_whoever_is_in_is_told_of_help_and_stop(language, key):
    assert HELP[language] in phrase(language, key)
    assert "STOP" in phrase(language, key)


def test_the_american_words_for_rates_are_the_carriers():
    assert "Msg & data rates may apply" in phrase("en", "ask_confirm", "US")
    assert "rates" not in phrase("en", "ask_confirm", "FR")


@IN_EVERY_LANGUAGE
@pytest.mark.parametrize("key", sorted(FAREWELLS))
def test_a_farewell_ends_it_says_how_to_return_and_asks_why(language, key):
    words = phrase(language, key)

    assert NO_MORE[language] in words
    assert "START" in words
    assert words.endswith("[[ {survey}]]")


@IN_EVERY_LANGUAGE
def test_a_farewell_with_four_usual_answers_costs_one_segment(language):
    said = at_its_longest(catalog(), "farewell", language, "club")

    assert all(answer.words[language] in said.text for answer in ANSWERS.values())
    assert measure(said.text).segments == 1


@IN_EVERY_LANGUAGE
def test_help_names_program_support_and_stop_or_lists_the_keywords(language):
    assert {"brand", "program", "frequency", "support"} <= set(template(phrase(language, "help")).names)
    assert {"brand", "keywords", "support"} <= set(template(phrase(language, "help_which")).names)
    assert "STOP" in phrase(language, "help_which")


@IN_EVERY_LANGUAGE
def test_where_the_file_tells_no_frequency_north_america_is_told_that_it_varies(language):
    bare = catalog(country="US", programs={"club": replace(CLUB, frequency={})})
    said = say(bare, "ask_confirm", language, program="club", number=NUMBER, survey=None, fields={})

    assert f"({phrase(language, 'frequency', 'US')})" in said.text
    assert phrase(language, "frequency", "FR") == ""


@pytest.mark.parametrize(("language", "expected"), [("fr", True), ("fr-CA", True), ("tlh", False), ("", False)])
def test_a_language_is_spoken_if_it_or_a_broader_one_has_a_book(language, expected):
    assert expected == speaks(language)


@pytest.mark.parametrize("key", [*TEXTS, *GLUE, *BESIDES])
def test_without_a_book_we_speak_english(key):
    assert phrase(FALLBACK, key, "US") == phrase("tlh", key, "US")


def test_a_key_that_no_book_has_is_an_error():
    with pytest.raises(KeyError, match="greeting"):
        phrase("en", "greeting")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"texts": {"welcome": "Hi"}}, r"phrasebook/en\.yaml: texts\.ask_confirm: Field required"),
        ({"language": "fr"}, "language: is 'fr'"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
    ],
)
def test_a_faulty_book_is_told_by_its_file_and_key(change, told):
    with pytest.raises(ValueError, match=told):
        parse({**phrasebook("en").model_dump(), **change}, "en")


def test_a_book_is_data_only():
    written = yaml.safe_dump(phrasebook("fr").model_dump(), allow_unicode=True)

    assert phrasebook("fr") == parse(yaml.safe_load(written), "fr")
