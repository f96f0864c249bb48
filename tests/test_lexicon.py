"""The words by language: each is understood as what it is listed for, and no false friend is corrected into one."""

import re

import pytest

from bot.core.grammars import grammar_of
from bot.core.lexicon import UNIVERSAL, languages, lexicon, parse
from bot.core.typos import near
from bot.core.understand import understand
from bot.core.understanding import Intent, Question
from bot.core.vocabulary import vocabulary
from bot.core.words import key_of, reserved

FILES = (UNIVERSAL, *languages())
STOPS = {"stop", "stop_all"}


@pytest.mark.parametrize("name", FILES)
def test_every_word_is_understood_as_it_is_listed(name):
    own = vocabulary([] if name == UNIVERSAL else [name])
    listed = [(word, intent) for intent, word, _ in lexicon(name).intent_words()]

    understood = {word: str(understand(word, own, Question(confirm=True)).intent) for word, _ in listed}

    differ = [
        (word, intent, understood[word])
        for word, intent in listed
        if understood[word] != intent and not {intent, understood[word]} <= STOPS
    ]
    assert differ == []


@pytest.mark.parametrize("name", FILES)
def test_a_false_friend_is_never_corrected(name):
    own = vocabulary([] if name == UNIVERSAL else [name])
    friends = [word for word in lexicon(name).listed("false_friends") if key_of(word) not in own.words]

    corrected = [word for word in friends if understand(word, own, Question(confirm=True)).rule == "typo"]

    assert corrected == []


@pytest.mark.parametrize("name", FILES)
def test_every_phrase_compiles_and_every_part_is_used(name):
    file = lexicon(name)
    written = " ".join(
        [*(p for deed in type(file.phrases).model_fields if deed != "source" for p in file.phrases.of(deed)),
         *(entry for entries in file.parts.values() for entry in entries)]
    )  # fmt: skip
    unused = [part for part in file.parts if not re.search(rf"\b{part}\b", written)]

    assert grammar_of(name).last
    assert unused == []


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ({"language": "xx", "name": "X", "words": {"stopp": []}}, "words.stopp"),
        ({"language": "xx", "name": "X", "words": {"stop": [{"words": ["a"]}]}}, "words.stop.0.source"),
        ({"name": "X", "words": {}}, "language"),
    ],
)
def test_a_fault_in_a_file_is_told_with_its_place(raw, told):
    with pytest.raises(ValueError, match=re.escape(f"lexicon/xx.yaml: {told}")):
        parse(raw, "lexicon/xx.yaml")


def test_reserved_words_are_those_no_keyword_may_take():
    words = reserved(["fr", "xx"])

    taken = {
        word: words.get(word)
        for word in ("stop", "arret", "unsubscribe", "fin", "aide", "reabonner", "oui", "subscribe")
    }
    assert taken == {
        "stop": ("stop", None),
        "arret": ("stop", "fr"),
        "unsubscribe": ("stop", "en"),
        "fin": ("stop", "fr"),
        "aide": ("help", "fr"),
        "reabonner": ("start", "fr"),
        "oui": None,
        "subscribe": None,
    }


@pytest.mark.parametrize(
    ("word", "nearest"),
    [
        ("shop", "stop"),
        ("stopp", "stop"),
        ("top", "stop"),
        ("tsop", "stop"),
        ("stop", None),
        ("shops", None),
        ("", None),
    ],
)
def test_near_is_one_slip_and_not_none(word, nearest):
    assert near(word, ["stop"]) == nearest


def test_a_stop_word_of_one_language_wins_over_another_meaning_in_the_next():
    both = vocabulary(
        ["en", "fr"], extra={"en": [("confirm", ["zou"])], "fr": [("decline", ["zou"]), ("stop", ["go"])]}
    )

    seen = [understand(text, both, Question(confirm=True)).intent for text in ("go", "zou")]

    assert seen == [Intent.STOP, Intent.UNKNOWN]


def test_words_that_mean_opposite_things_in_two_languages_are_few_and_looked_at():
    """A new clash fails here: take the word out of one language, or write it down with a reason."""
    said: dict[str, dict[str, str]] = {}
    for name in languages():
        for intent, word, _ in lexicon(name).intent_words():
            said.setdefault(key_of(word), {}).setdefault(name, "stop" if intent in STOPS else intent)
    clashing = {
        word: means
        for word, means in said.items()
        if any({one, other} in OPPOSITE for one in means.values() for other in means.values())
    }

    assert set(clashing) == CLASHES


OPPOSITE = ({"stop", "confirm"}, {"stop", "start"}, {"confirm", "decline"}, {"start", "decline"})
CLASHES = {
    "jo",    # yes in Swedish, Finnish, Czech; no in Albanian: where both are spoken it is neither
    "nak",   # I want, in Malay; no, in Slovene
    "pari",  # stop, in Catalan; a good one, in Estonian: a stop
    "ابدا",  # begin, in Arabic; never, in Persian: neither
}  # fmt: skip
