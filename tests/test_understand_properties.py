"""What holds for every text: `understand` is total, a dressed-up STOP is a STOP, and no work is without bound."""

from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core.lexicon import UNIVERSAL, languages, lexicon
from bot.core.text import LONGEST, normalise
from bot.core.understand import understand
from bot.core.understanding import NOTHING_OPEN, Choice, Intent, Question
from bot.core.vocabulary import everything, vocabulary

CLUB = vocabulary(["fr", "en"], ["CLUB", "SHOP", "1"], {"club": ("Club", "CLUB")})
BOTH = vocabulary(["fr", "en"])
SURVEY = Question(choices=(Choice("a", ("Trop de SMS",)), Choice("b", ("Non",))), free_text=True)
QUESTIONS = st.sampled_from([NOTHING_OPEN, Question(confirm=True), SURVEY])
PIECES = st.sampled_from(
    [
        "stop",
        "STOP",
        "don't",
        "oui",
        "yes",
        "1",
        "\n",
        "> ",
        '"',
        "liked",
        ":",
        "club",
        " ",
        ", ",
        "on 3 may a wrote:",
        "sent from my ",
        "les",
        "sms",
        "n'",
        "ê",
        "👍",
        "-- ",
        "ﷺ",
        "İ",
        "stоp",
        "Ã©",
        "\u200b",
    ]
)
ANY_TEXT = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=12).map("".join))
STOP_WORDS = sorted(
    {
        (name, word)
        for name in (UNIVERSAL, *languages())
        for intent, word, group in lexicon(name).intent_words()
        if intent in ("stop", "stop_all") and not group.alone
    }
)
INVISIBLE = st.text("\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe0f\u200e", max_size=3)
AROUND = st.text(" \t\n.!*\"'()[]…“”«»-_~#🙏🛑👍😡", max_size=5)


@cache
def _alone(language):
    return vocabulary([] if language == UNIVERSAL else [language])


@given(ANY_TEXT, QUESTIONS)
@settings(max_examples=400)
def test_understand_answers_any_text(text, question):
    seen = understand(text, CLUB, question)

    assert normalise(text) == seen.words
    assert (seen.intent is Intent.ANSWER) == (seen.answer is not None)
    assert (seen.intent is Intent.KEYWORD) == (seen.keyword is not None)


@given(st.sampled_from(STOP_WORDS), AROUND, AROUND, st.data())
@settings(max_examples=400, deadline=None)  # a language is compiled when it is first asked for
def test_a_stop_is_a_stop_however_it_is_dressed(said, before, after, data):
    language, word = said
    case = data.draw(st.sampled_from([str.upper, str.lower, str.title, str.swapcase]))
    letters = [letter + data.draw(INVISIBLE) for letter in case(word)]
    if data.draw(st.booleans()):
        letters = [chr(ord(c[0]) + 0xFEE0) + c[1:] if "!" <= c[0] <= "~" else c for c in letters]

    seen = understand(before + "".join(letters) + after, _alone(language), Question(confirm=True))

    assert seen.intent in (Intent.STOP, Intent.STOP_ALL)


@given(ANY_TEXT)
@settings(max_examples=400)
@example('- liked "stop')
@example("0;SENT FROM  MY")
@example("0;SENT FROM MY;" + "0" * 83 + ":")
@example("ﷺ" * 200)
@example("a" * (LONGEST + 5))
def test_normalising_twice_changes_nothing(text):
    once = normalise(text)

    assert once == normalise(once)


@pytest.mark.parametrize(
    "piece",
    ["stop ", "x", "on 1 ", 'liked "', "👍", "ê", "can you stop me ", "\n> ", "а", "s t o p ", ". ", "ﷺ", "wrote: "],
)
def test_only_the_first_characters_of_a_long_text_are_read(piece):
    long = piece * (10_000 // len(piece))

    read = [understand(text, CLUB, NOTHING_OPEN) for text in (long, long[:LONGEST])]

    assert read[0] == read[1]
    assert len(read[0].words) <= LONGEST


def test_every_language_has_its_stop_and_its_yes():
    silent = [
        name
        for name in languages()
        for intent in ("stop", "start", "confirm", "decline", "help")
        if not lexicon(name).words.of(intent)
    ]

    assert silent == []


def test_every_stop_word_of_every_language_is_one_in_all_of_them():
    wrong = [
        (name, word)
        for name in languages()
        for intent, word, _ in lexicon(name).intent_words()
        if intent in ("stop", "stop_all") and not understand(word, everything(), NOTHING_OPEN).intent.startswith("stop")
    ]

    assert wrong == []
