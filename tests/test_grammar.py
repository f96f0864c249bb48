"""A grammar reads a message only if every word of it has its place; several phrases may follow one another."""

import pytest

from bot.core.grammar import BITS, PROGRAM, Grammar, units_of
from bot.core.grammars import compiled
from bot.core.lexicon import parse

SPACED = {
    "language": "xx",
    "name": "Test",
    "words": {
        "stop": [{"source": "test", "words": ["halt", "basta ya"]}, {"source": "test", "words": ["q"], "alone": True}],
        "confirm": [{"source": "test", "words": ["si"]}],
    },
    "polite": {"source": "test", "words": ["please", "thank you"]},
    "parts": {"TEXTS": ["texts", "text [message|note]"], "SEND": ["sending TEXTS"], "DONT": ["don't"]},
    "phrases": {
        "source": "test",
        "stop": ["HALTING [the|my] TEXTS [now]", "HALTING SEND", "STOP PROGRAM"],
        "unclear": ["no|too more TEXTS", "DONT"],
    },
}
SPACED["parts"]["HALTING"] = ["halting", "halt"]
UNSPACED = {
    "language": "yy",
    "name": "Test",
    "spaced": False,
    "words": {"stop": [{"source": "test", "words": ["停止"]}]},
    "polite": {"source": "test", "words": ["請"]},
    "parts": {"TEXTS": ["簡訊", "訊息"]},
    "phrases": {"source": "test", "stop": ["STOP [傳送] TEXTS", "回 NUMBER 停"]},
}


def grammar(raw) -> Grammar:
    return compiled([parse(raw, "lexicon/test.yaml")])


def deeds(grammar, text, programs=None):
    units = grammar.units(text.split())
    return {frozenset(d for d, bit in BITS.items() if p.deeds & bit) for p in grammar.read(units, programs or {})}


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("halt", [{"stop_bare"}]),
        ("basta ya", [{"stop_bare"}]),
        ("please halt thank you", [{"stop_bare"}]),
        ("halt si halt", [{"stop_bare", "confirm"}]),
        ("halting texts", [{"stop"}]),
        ("halting the text note please now", [{"stop"}]),
        ("halting sending text message", [{"stop"}]),
        ("no more texts halt", [{"unclear", "stop_bare"}]),
        ("dont", [{"unclear"}]),
        ("don t", [{"unclear"}]),
        ("halt now", []),
        ("halting", []),
        ("halting the", []),
        ("halt bus", []),
        ("basta", []),
        ("please", []),
        ("q", []),
        ("", []),
    ],
)
def test_every_word_must_have_its_place(text, done):
    assert deeds(grammar(SPACED), text) == set(map(frozenset, done))


def test_a_stop_that_names_a_program_is_scoped():
    assert deeds(grammar(SPACED), "halt book club", {1: [2]}) == {frozenset({"scoped"})}


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("停止", [{"stop_bare"}]),
        ("請 停止", [{"stop_bare"}]),
        ("停止傳送訊息請", [{"stop"}]),
        ("回1001停", [{"stop"}]),
        ("回停", []),
        ("停車", []),
    ],
)
def test_where_words_have_no_spaces_every_character_must_have_its_place(text, done):
    assert deeds(grammar(UNSPACED), text) == set(map(frozenset, done))


def test_what_can_be_read_of_only_the_first_words():
    known = grammar(SPACED)
    found = {doing: [length for length, _ in known.read_from(["halting", "my", "texts", "bus"], BITS[doing])]
             for doing in ("stop", "stop_all")}  # fmt: skip

    assert found == {"stop": [3], "stop_all": []}


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("halt [the", "bracket"),
        ("halt the]", "bracket"),
        ("halt NOBODY", "no part is named NOBODY"),
        ("[halt] [the]", "every place may stay empty"),
    ],
)
def test_a_faulty_pattern_is_told_with_its_place(pattern, told):
    raw = {**SPACED, "phrases": {"source": "test", "stop": [pattern]}}

    with pytest.raises(ValueError, match=f"(?s)lexicon/xx.yaml: phrases.stop: .*{told}"):
        grammar(raw)


def test_a_part_made_of_itself_is_told():
    raw = {
        **SPACED,
        "parts": {**SPACED["parts"], "LOOP": ["LOOP halt"]},
        "phrases": {"source": "test", "stop": ["LOOP"]},
    }

    with pytest.raises(ValueError, match="made of itself"):
        grammar(raw)


def test_programs_have_no_words_of_their_own_in_a_grammar():
    assert grammar(SPACED).places[PROGRAM] > 0
    assert units_of("a b", True) == ["a", "b"]
