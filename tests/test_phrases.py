"""What we say by default holds what the law and the carriers want, and stays cheap."""

from dataclasses import replace

import pytest
import yaml
from catalogs import ANSWERS, CLUB, NUMBER, catalog

from bot.core.phrases import BESIDES, FALLBACK, GLUE, TEXTS, languages, parse, phrase, phrasebook, speaks
from bot.core.render import FAREWELLS, FILLERS, at_its_longest, say
from bot.core.segments import measure
from bot.core.templates import template

SAYS = {  # by language: its YES and its HELP as printed, and "no more messages" in the two farewells
    "ar": ("نعم", "مساعدة", ("لن تصلك", "لن تصلك")),
    "bg": ("ДА", "ПОМОЩ", ("няма да пишем", "спряхме")),
    "cs": ("ANO", "POMOC", ("žádné další zprávy", "žádné další zprávy")),
    "da": ("JA", "HJÆLP", ("ikke flere sms", "ikke flere sms")),
    "de": ("JA", "HILFE", ("keine Nachrichten mehr", "keine Nachrichten mehr")),
    "el": ("ΝΑΙ", "ΒΟΗΘΕΙΑ", ("δεν θα λάβετε άλλα μηνύματα", "τέλος τα μηνύματα")),
    "en": ("YES", "HELP", ("no more messages", "no more messages")),
    "es": ("SI", "AYUDA", ("no le enviaremos mensajes", "no le enviaremos mensajes")),
    "fa": ("بله", "راهنما", ("دیگر پیامی نمی", "لغو شد")),
    "fi": ("KYLLÄ", "APUA", ("et saa enää viestejä", "et saa siitä enää viestejä")),
    "fr": ("OUI", "AIDE", ("plus aucun message", "plus aucun message")),
    "he": ("כן", "עזרה", ("לא יישלחו עוד הודעות", "לא יישלחו עוד הודעות")),
    "hi": ("हाँ", "मदद", ("कोई संदेश नहीं", "संदेश बंद हैं")),
    "hr": ("DA", "POMOĆ", ("poruka više nema", "više ne piše")),
    "hu": ("IGEN", "SEGÍTSÉG", ("nem küldünk több üzenetet", "nem küldünk több üzenetet")),
    "id": ("YA", "BANTUAN", ("tidak ada pesan lagi", "tidak ada pesan lagi")),
    "it": ("SI", "AIUTO", ("nessun altro messaggio", "nessun altro messaggio")),
    "ja": ("はい", "ヘルプ", ("配信しません", "配信しません")),
    "ko": ("네", "도움말", ("보내지 않", "보내지 않")),
    "nb": ("JA", "HJELP", ("ikke flere meldinger", "ikke flere meldinger")),
    "nl": ("JA", "HULP", ("geen berichten meer", "geen berichten meer")),
    "pl": ("TAK", "POMOC", ("Nie otrzymasz kolejnych SMS", "Nie otrzymasz kolejnych SMS")),
    "pt": ("SIM", "AJUDA", ("mais nenhuma mensagem", "mais nenhuma mensagem")),
    "ro": ("DA", "AJUTOR", ("niciun mesaj", "niciun mesaj")),
    "ru": ("ДА", "ПОМОЩЬ", ("больше не пишем", "больше не пишет")),
    "sk": ("ÁNO", "POMOC", ("žiadne ďalšie správy", "žiadne ďalšie správy")),
    "sv": ("JA", "HJÄLP", ("inga fler sms", "inga fler sms")),
    "tr": ("EVET", "YARDIM", ("artık mesaj almayacaksınız", "artık mesaj almayacaksınız")),
    "uk": ("ТАК", "ДОПОМОГА", ("більше не пишемо", "більше не пише")),
    "vi": ("CÓ", "TRỢ GIÚP", ("không gửi tin nữa", "không gửi")),
    "zh-Hans": ("是", "帮助", ("不再发送", "不再发送")),
    "zh-Hant": ("是", "幫助", ("不再傳送", "不再傳送")),
}
YES = {language: says[0] for language, says in SAYS.items()}
HELP = {language: says[1] for language, says in SAYS.items()}
NO_MORE = {
    (language, key): words
    for language, says in SAYS.items()
    for key, words in zip(("farewell", "farewell_one"), says[2], strict=True)
}
IN_GSM7 = ("da", "de", "en", "es", "fi", "fr", "id", "it", "nb", "nl", "pl", "pt", "ro", "sv")
"""Those that can be written in GSM-7 without a mistake, with words chosen for it."""
BROKEN = ("()", "( ", "  ", " .", " ,", "..", "{", "}", "[[", "]]", ": .")
EVERY_TEXT = pytest.mark.parametrize(
    ("language", "key", "country"),
    [(language, key, country) for language in languages() for key in TEXTS for country in ("FR", "US", "CA")],
)
EVERY_TEXT_IN_GSM7 = pytest.mark.parametrize(
    ("language", "key", "country"),
    [(language, key, country) for language in IN_GSM7 for key in TEXTS for country in ("FR", "US", "CA")],
)
IN_EVERY_LANGUAGE = pytest.mark.parametrize("language", languages())


def test_the_laws_words_are_known_here_for_every_language_we_speak():
    assert set(languages()) == set(SAYS)
    assert len(SAYS) >= 20


@EVERY_TEXT
def test_a_default_text_takes_two_segments_at_most_at_usual_lengths(language, key, country):
    bare = catalog(country=country, programs={"club": replace(CLUB, survey=None)})  # the question is not ours
    size = measure(at_its_longest(bare, key, language, "club").text)

    assert size.encoding == "GSM-7" or language not in IN_GSM7
    assert size.segments <= 2


@EVERY_TEXT_IN_GSM7
def test_in_gsm7_a_default_text_takes_two_segments_at_most_with_long_names_too(language, key, country):
    club = replace(CLUB, name="Les Nouvelles de la Brasserie", survey="leaving")
    dear = catalog(country=country, brand="La Grande Brasserie Lumière", programs={"club": club})

    assert measure(at_its_longest(dear, key, language, "club").text).segments <= 2


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

    assert NO_MORE[language, key] in words
    assert "START" in words
    assert words.endswith("[[ {survey}]]")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_farewell_with_four_usual_answers_costs_one_segment(language):
    said = at_its_longest(catalog(), "farewell", language, "club")

    assert all(answer.words[language] in said.text for answer in ANSWERS.values())
    assert measure(said.text).segments == 1


@IN_EVERY_LANGUAGE
def test_a_farewell_without_a_question_costs_one_segment(language):
    bare = catalog(programs={"club": replace(CLUB, survey=None)})

    assert measure(at_its_longest(bare, "farewell", language, "club").text).segments == 1


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
