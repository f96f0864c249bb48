"""The right words, in her language, with values that are data."""

from dataclasses import replace

import pytest
from catalogs import CLUB, HOURS, LEAVING, NUMBER, catalog, program, text
from hypothesis import given
from hypothesis import strategies as st

from bot.core.catalog import Number, Survey, SurveyStep
from bot.core.phrases import TEXTS
from bot.core.render import LONGEST_FIELD, Said, ask, at_its_longest, reply, reply_at_its_longest, say
from bot.core.templates import template

CHOICES = "1 Trop de SMS, 2 Pas pour moi, 3 Besoins changés, 4 Plus intéressé"
CHOICES_EN = "1 Too many texts, 2 Not relevant, 3 My needs changed, 4 Lost interest"


def said(key, language="fr", *, of=None, number=NUMBER, survey=None, program="club", **fields):
    return say(of or catalog(), key, language, program=program, number=number, survey=survey, fields=fields)


def speaking(**texts):
    """A catalog whose club has these texts of its own."""
    return catalog(programs={"club": replace(CLUB, texts=texts)})


# ---- which text speaks --------------------------------------------------------------------------------------


def test_the_programs_text_beats_the_files_and_that_beats_the_phrasebook():
    own, everyones = text(fr="à nous"), text(fr="à tous")
    all_three = replace(speaking(welcome=own), texts={"welcome": everyones})

    assert Said("à nous", "fr", own.lines["fr"]) == said("welcome", of=all_three)
    assert Said("à tous", "fr", everyones.lines["fr"]) == said("welcome", of=catalog(texts={"welcome": everyones}))
    assert said("welcome").text.startswith("Café Lumière : bienvenue")
    assert said("welcome").line is None


@pytest.mark.parametrize(
    ("asked", "words", "spoken"),
    [
        ("en", {"fr": "A", "en": "B"}, "en"),
        ("fr-CA", {"en": "A", "fr": "B"}, "fr"),
        ("fr-CA", {"fr": "A", "fr-CA": "B"}, "fr-CA"),
        ("de", {"en": "A", "fr": "B"}, "fr"),  # the file's first language
        ("de", {"es": "A", "it": "B"}, "es"),  # any, the first there is
    ],
)
def test_a_text_speaks_her_language_or_the_nearest(asked, words, spoken):
    welcome = text(**words)

    assert Said(words[spoken], spoken, welcome.lines[spoken]) == said("welcome", asked, of=speaking(welcome=welcome))


@pytest.mark.parametrize(
    ("asked", "languages", "spoken"),
    [("en", ("fr", "en"), "en"), ("fr-CA", ("en",), "fr"), ("tlh", ("fr", "en"), "fr"), ("tlh", ("tlh",), "en")],
)
def test_a_built_in_text_speaks_her_language_else_the_files_first_else_english(asked, languages, spoken):
    assert spoken == said("unknown", asked, of=catalog(languages=languages)).language


# ---- placeholders -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("{brand}/{program}/{support}", "Café Lumière/Club Lumière/aide@lumiere.example"),
        ("{frequency} {keyword} {number}", "4 SMS/mois max CLUB +33644600000"),
        ("{keywords}", "CLUB, HORAIRES"),
        ("{ brand }", "Café Lumière"),
        ("Bonjour {first_name} !", "Bonjour Zoé !"),
        ("Bonjour {prénom}, ça va ?", "Bonjour, ça va ?"),
        ("Du café[[ pour {prénom}]]. Merci.", "Du café. Merci."),
        ("Du café[[ pour {first_name}]].", "Du café pour Zoé."),
        ("Oui ({no_such_place}) et non.", "Oui et non."),
        ("[PUB] {brand} {} [[deux]] {1}", "[PUB] Café Lumière {} [[deux]] {1}"),
    ],
)
def test_placeholders_are_filled_and_the_empty_left_out(words, expected):
    assert expected == said("welcome", of=speaking(welcome=text(fr=words)), first_name="Zoé").text


def test_a_contacts_field_never_passes_for_one_of_ours():
    spoof = speaking(welcome=text(fr="{brand} {first_name}"))

    assert said("welcome", of=spoof, brand="Evil", first_name="{support}[[x]]").text == "Café Lumière {support}[[x]]"


@given(st.text(), st.text())
def test_a_value_stands_in_the_text_as_it_is(before, value):
    filled = template(before.translate(dict.fromkeys(map(ord, "[]{}"))) + "{name}").fill({"name": value})

    assert not value or filled.endswith(value)


@given(st.text(st.sampled_from("{}[] ab.,()_-1é")), st.dictionaries(st.sampled_from(["a", "b", "ab"]), st.text()))
def test_any_text_of_a_marketer_can_be_filled(words, values):
    parts = template(words)

    assert isinstance(parts.fill(values), str)
    assert parts.names or words == parts.fill(values)


def test_where_no_single_program_is_meant_the_brand_stands_in_for_it():
    general = catalog(texts={"unknown": text(fr="{program}[[ ({frequency})]] : pardon ?")})

    assert said("unknown", of=general, program=None).text == "Café Lumière : pardon ?"


def test_a_program_the_file_has_dropped_is_spoken_of_as_the_brand():
    assert said("farewell", program=None) == said("farewell", program="gone")


# ---- help ---------------------------------------------------------------------------------------------------


def test_help_for_a_program_tells_of_it_and_help_for_several_lists_the_keywords():
    several = catalog(
        numbers={NUMBER: Number(NUMBER, "", "simulator", ("club", "jobs"))},
        programs={"club": CLUB, "jobs": program("jobs", "Emplois", "JOBS", "EMPLOI")},
    )

    assert "Club Lumière (4 SMS/mois max)" in said("help", of=several).text
    assert "CLUB, JOBS, HORAIRES" in said("help", of=several, program=None).text


def test_the_files_own_help_answers_for_several_programs_too():
    own = catalog(texts={"help": text(fr="Voir lumiere.example")})

    assert said("help", of=own, program=None).text == "Voir lumiere.example"


# ---- the reason question ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Au revoir.", f"Au revoir. Pourquoi ? {CHOICES}"),
        ("{survey} Au revoir.", f"Pourquoi ? {CHOICES} Au revoir."),
        ("Au revoir.[[ {survey}]]", f"Au revoir. Pourquoi ? {CHOICES}"),
    ],
)
def test_a_farewell_asks_its_question_once_in_its_place_or_at_the_end(words, expected):
    assert expected == said("farewell", of=speaking(farewell=text(fr=words)), survey="leaving").text


def test_a_farewell_without_a_survey_asks_nothing():
    assert said("farewell").text.endswith("START.")
    assert said("farewell", survey="leaving").text == f"{said('farewell').text} Pourquoi ? {CHOICES}"


def test_the_question_is_put_in_the_language_of_the_farewell_around_it():
    french_only = speaking(farewell=text(fr="Au revoir."))

    assert f"Au revoir. Pourquoi ? {CHOICES}" == said("farewell", "en", of=french_only, survey="leaving").text


def test_a_question_numbers_its_answers_in_her_language():
    assert Said(f"Why? {CHOICES_EN}", "en", LEAVING.steps[0].question.lines["en"]) == ask(catalog(), "leaving", 0, "en")


def test_a_question_may_call_her_by_her_name():
    poll = Survey("poll", (SurveyStep(text(fr="{first_name}, ça va ?"), (), (), free_text=True),))
    by_keyword = catalog(surveys={"poll": poll}, replies={"hi": replace(HOURS, key="hi", text=None, survey="poll")})
    leaving = replace(by_keyword, programs={"club": replace(CLUB, survey="poll")})

    assert reply(by_keyword, "hi", "fr", number=NUMBER, fields={"first_name": "Zoé"}).text == "Zoé, ça va ?"
    assert at_its_longest(leaving, "farewell", "fr", "club").text.endswith(f"{LONGEST_FIELD}, ça va ?")


def test_a_question_without_choices_is_itself_and_may_have_placeholders():
    poll = Survey("poll", (LEAVING.steps[0], SurveyStep(text(fr="Un mot pour {brand} ?"), (), (), free_text=True)))

    assert ask(catalog(surveys={"poll": poll}), "poll", 1, "fr").text == "Un mot pour Café Lumière ?"


# ---- keywords that only answer ------------------------------------------------------------------------------


def test_a_reply_speaks_from_its_line_of_the_file():
    expected = Said("Open 8am-8pm daily.", "en", HOURS.text.lines["en"])

    assert expected == reply(catalog(), "hours", "en", number=NUMBER, fields={})


def test_a_reply_without_a_text_puts_its_question():
    vote = catalog(replies={"vote": replace(HOURS, key="vote", text=None, survey="leaving")})

    assert ask(vote, "leaving", 0, "fr") == reply(vote, "vote", "fr", number=NUMBER, fields={})


# ---- at its longest -----------------------------------------------------------------------------------------


def test_a_programs_text_is_longest_with_its_survey_and_a_field_of_20_letters():
    spoken = speaking(farewell=text(fr="{first_name}, au revoir."))

    expected = f"{LONGEST_FIELD}, au revoir. Pourquoi ? {CHOICES}"

    assert expected == at_its_longest(spoken, "farewell", "fr", "club").text
    assert len(LONGEST_FIELD) == 20


def test_a_text_for_all_is_longest_with_the_dearest_program_and_number():
    short, long = NUMBER, "+447700900123456"
    many = catalog(
        numbers={
            short: Number(short, "", "simulator", ("club", "jobs")),
            long: Number(long, "", "simulator", ("club",)),
        },
        programs={"club": CLUB, "jobs": program("jobs", "Emplois saisonniers", "JOBS")},
        texts={"welcome": text(fr="{program}"), "unknown": text(fr="{number}")},
    )

    assert at_its_longest(many, "welcome", "fr", None).text == "Emplois saisonniers"
    assert long == at_its_longest(many, "unknown", "fr", None).text


def test_the_dearest_is_not_the_longest_but_the_one_that_costs_most():
    many = catalog(
        numbers={NUMBER: Number(NUMBER, "", "simulator", ("club", "fete"))},
        programs={"club": CLUB, "fete": program("fete", "Fête", "FETE")},
        texts={"welcome": text(fr="{program}")},
    )

    assert at_its_longest(many, "welcome", "fr", None).text == "Fête"


def test_a_reply_is_longest_with_the_longest_field():
    hello = catalog(replies={"hello": replace(HOURS, key="hello", text=text(fr="{first_name} {keyword}"))})

    assert f"{LONGEST_FIELD} HORAIRES" == reply_at_its_longest(hello, "hello", "fr").text


@pytest.mark.parametrize("key", TEXTS)
def test_every_default_text_can_be_measured_without_a_number_or_program(key):
    nothing = catalog(numbers={}, programs={}, replies={}, surveys={})

    assert at_its_longest(nothing, key, "fr", None).text.startswith("Café Lumière")
