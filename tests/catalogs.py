"""A catalog to test with: Café Lumière's club, as the design's keywords.yaml has it, without reading a file."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

from bot.core.catalog import Catalog, Keyword, Number, Program, Reply, Survey, SurveyStep, Text
from bot.core.understanding import Choice

NUMBER = "+33644600000"
_LINES = count(1)


def text(**words: str) -> Text:
    """A text of the file by language, each language on a line of its own."""
    return Text(words, {language: next(_LINES) for language in words})


ANSWERS = {
    "too_many": text(fr="Trop de SMS", en="Too many texts"),
    "not_relevant": text(fr="Pas pour moi", en="Not relevant"),
    "changed": text(fr="Besoins changés", en="My needs changed"),
    "lost_interest": text(fr="Plus intéressé", en="Lost interest"),
}
LEAVING = Survey(
    "leaving",
    (
        SurveyStep(
            text(fr="Pourquoi ?", en="Why?"),
            tuple(Choice(key, tuple(answer.words.values())) for key, answer in ANSWERS.items()),
            tuple(ANSWERS.values()),
            free_text=True,
        ),
    ),
)
CLUB = Program(
    "club",
    "Club Lumière",
    ("CLUB", "CAFE"),
    ("fr", "en"),
    frequency={"fr": "4 SMS/mois max", "en": "max 4 msgs/month"},
    survey="leaving",
)
HOURS = Reply("hours", ("HORAIRES", "HOURS"), text(fr="Ouvert 8h-20h, 7j/7.", en="Open 8am-8pm daily."))


def program(key: str, name: str, *keywords: str, **changes: object) -> Program:
    """Another program, with CLUB's settings where nothing else is said, and without its survey."""
    return replace(CLUB, key=key, name=name, keywords=keywords, **{"survey": None, **changes})


def catalog(**changes: object) -> Catalog:
    """The club's catalog, some of its fields changed; keywords follow from the programs, replies and numbers."""
    fields = {
        "digest": "0123456789ab",
        "file": "keywords.yaml",
        "source": "",
        "brand": "Café Lumière",
        "support": "aide@lumiere.example",
        "country": "FR",
        "languages": ("fr", "en"),
        "stop_scope": "number",
        "numbers": {NUMBER: Number(NUMBER, "Affiche, Gare de Lyon", "simulator", ("club",))},
        "programs": {"club": replace(CLUB, remind_after=timedelta(hours=20))},
        "replies": {"hours": HOURS},
        "surveys": {"leaving": LEAVING},
        "texts": {},
        "words": {},
        **changes,
    }
    fields.setdefault("keywords", {number: _keywords(fields, number) for number in fields["numbers"]})
    fields.setdefault("spoken", dict.fromkeys(fields["numbers"], ("fr", "en")))
    return Catalog(**fields)


def _keywords(fields: dict, number: str) -> dict[str, Keyword]:
    programs = [fields["programs"][key] for key in fields["numbers"][number].programs]
    led = [("program", each) for each in programs] + [("reply", each) for each in fields["replies"].values()]
    return {word: Keyword(word, kind, each.key, each.line) for kind, each in led for word in each.keywords}
