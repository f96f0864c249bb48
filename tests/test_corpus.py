"""How well people of every language are understood: the corpus is read with all languages enabled, as the hardest case.

The table of docs/understanding.md is the score. It may not get worse: a change that moves it must move the table, too.
"""

from __future__ import annotations

from functools import cache

import pytest
from pages import page, rows, section
from scores import CLASSES, STRANGERS, Row, languages, score, table, understood
from scores import rows as corpus

from bot.core.understanding import Intent
from bot.core.vocabulary import everything

STOPS = (Intent.STOP, Intent.STOP_ALL)


@cache
def everybody() -> tuple[Row, ...]:
    return tuple(row for language in languages() for row in corpus(language))


@cache
def scored() -> dict[str, dict[str, tuple[int, int]]]:
    return {language: score(corpus(language), everything()) for language in languages()}


def share(name: str) -> float:
    good, all_ = (sum(each.get(name, (0, 0))[at] for each in scored().values()) for at in (0, 1))
    return good / all_


def test_the_corpus_is_large_and_every_language_of_the_lexicon_is_in_it():
    from bot.core.lexicon import languages as known

    counted = {name: sum(row.meant == name for row in everybody()) for name in CLASSES}

    assert set(known()) == set(languages())
    assert sum(counted.values()) >= 600
    assert min(counted.values()) >= 30


LEAST = {"stop": 0.97, "stop_all": 0.95, "confirm": 0.97, "start": 0.95, "help": 0.95}


@pytest.mark.parametrize(("name", "least"), LEAST.items())
def test_what_people_ask_for_is_understood(name: str, least: float):
    assert share(name) >= least


def test_chat_ends_nothing():
    false = [row for row in everybody() if row.meant == "none" and understood(row, everything()).intent in STOPS]
    chat = [row for row in everybody() if row.meant == "none"]

    assert len(false) / len(chat) <= 3 / 640, false


def test_a_doubt_is_never_taken_for_consent():
    doubts = [row for row in everybody() if row.meant in ("ambiguous", "decline")]

    assert [row for row in doubts if understood(row, everything()).intent is Intent.CONFIRM] == []


def test_the_page_tells_the_score():
    told = rows(section(page("understanding.md"), "How well"))

    assert told == rows(table(scored()))


def test_what_strangers_wrote_is_understood_nearly_as_well_and_the_page_tells_it():
    known = languages(STRANGERS)
    found = {language: score(corpus(language, STRANGERS), everything()) for language in known}
    sums = {name: [sum(each.get(name, (0, 0))[at] for each in found.values()) for at in (0, 1)] for name in CLASSES}
    told = rows(section(page("understanding.md"), "What strangers wrote"))

    assert sum(all_ for _, all_ in sums.values()) >= 600
    assert {name: good / all_ >= LEAST[name] for name, (good, all_) in sums.items() if name in LEAST} == dict.fromkeys(
        LEAST, True
    )
    assert sums["none"][1] - sums["none"][0] <= 3
    assert sums["ambiguous"][0] == sums["ambiguous"][1]
    assert told == rows(table(found))
