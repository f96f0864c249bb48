"""The shape of keywords.yaml: pydantic models, from which editors get their JSON Schema too.

Rule: a model says what may stand where and explains it to a marketer; whether it makes sense together is lint's.
Every value arrives as text (see places.py), so a keyword may look like a number to an editor and be none to us.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from bot.core import durations

VERSION = 1

LONGEST = 1600
"""Characters of a text: ten segments, and more than providers take."""


def _nothing(value: Any) -> Any:
    """Take a key with nothing behind it for an empty group: its lines may all be comments."""
    return {} if value == "" else value


def _text(value: Any) -> Any:
    """Take a plain text for the words of the file's first language, which has no name yet."""
    return {"": value} if isinstance(value, str) else value


def _several(value: Any) -> Any:
    """Take one word for a list of one."""
    return [value] if isinstance(value, str) and value else value


def _duration(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return durations.read_duration(value)
    except ValueError as error:
        raise PydanticCustomError("duration", "{said}", {"said": str(error)}) from error


def _yes_no(value: Any) -> Any:
    known = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    return known.get(value.lower(), value) if isinstance(value, str) else value


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) and len(value) == 2 else value


Line = Annotated[str, Field(max_length=LONGEST)]
_SCALAR = {"type": ["string", "number", "boolean"]}
_LANGUAGES = {"propertyNames": {"pattern": "^[a-z]{2,3}(-[A-Za-z]+)?$"}}

Word = Annotated[Line, WithJsonSchema(_SCALAR)]
Words = Annotated[
    dict[str, Line],
    BeforeValidator(_text),
    WithJsonSchema({"anyOf": [_SCALAR, {"type": "object", **_LANGUAGES, "additionalProperties": _SCALAR}]}),
]
"""A text by language; a plain text is one in the file's first language, kept under the name ""."""

_SEVERAL = WithJsonSchema({"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR, "uniqueItems": True}]})
Several = Annotated[list[Line], BeforeValidator(_several), _SEVERAL]

_DURATION = WithJsonSchema({"type": "string", "pattern": durations.PATTERN, "examples": list(durations.EXAMPLES)})
Duration = Annotated[timedelta, BeforeValidator(_duration), _DURATION]
YesNo = Annotated[bool, BeforeValidator(_yes_no), WithJsonSchema({"type": "boolean"})]


class Part(BaseModel):
    """A part of the file: it knows all of its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _empty(cls, value: Any) -> Any:
        return _nothing(value)


class TextsPart(Part):
    """Your own texts, each by language. What is not here is said in the built-in words."""

    model_config = ConfigDict(title="Texts")

    ask_confirm: Words = Field(
        default_factory=dict,
        description="The double opt-in question. It must say what she joins, and that STOP ends it.",
        examples=["{brand}: reply YES to get {program} ({frequency}). HELP for help, STOP to leave."],
    )
    reminder: Words = Field(
        default_factory=dict, description="Sent once, after `remind_after`, to who has not answered yet."
    )
    welcome: Words = Field(
        default_factory=dict,
        description="Sent once she is in.",
        examples=["Welcome to {program}! {frequency}. STOP to leave."],
    )
    welcome_back: Words = Field(default_factory=dict, description="Sent when she comes back after a STOP.")
    already_subscribed: Words = Field(default_factory=dict, description="Sent when she texts the keyword again.")
    declined: Words = Field(default_factory=dict, description="Sent after a NO to the double opt-in question.")
    farewell: Words = Field(
        default_factory=dict,
        description="Sent after a STOP: your brand, that no more messages come, how to return; nothing else.",
        examples=["{brand}: you get no more messages. Text START to return. {survey}"],
    )
    farewell_one: Words = Field(
        default_factory=dict,
        description="Sent after a STOP to one program (STOP CLUB) by somebody who stays in another.",
    )
    thanks: Words = Field(
        default_factory=dict, description="Sent after an answer to a survey. Without it nothing is sent."
    )
    help: Words = Field(
        default_factory=dict, description="Sent after HELP: who you are, how to reach you, how to leave."
    )
    help_which: Words = Field(
        default_factory=dict, description="Sent after HELP on a number with several programs: the {keywords} to choose."
    )
    unknown: Words = Field(
        default_factory=dict, description="Sent, at most once a day, where nobody understood a text."
    )
    unclear: Words = Field(
        default_factory=dict,
        description="Sent once where a text may have been a STOP: how to leave, and that nothing need be done.",
    )


class NumberPart(Part):
    """One of your numbers, written as +33644600000."""

    model_config = ConfigDict(title="Number")

    label: Word = Field("", description="Where this number is shown, for you.", examples=["Poster, Gare de Lyon"])
    provider: Line = Field(
        "simulator", description="Who carries its messages.", examples=["simulator", "http", "twilio"]
    )
    programs: Annotated[list[Line] | None, BeforeValidator(_several), _SEVERAL] = Field(
        None, description="What can be joined on this number. Without this line: every program."
    )
    pace: Annotated[float | None, Field(gt=0, le=1000), WithJsonSchema({"type": "number", "exclusiveMinimum": 0})] = (
        Field(None, description="The most messages it may send in a second. Without it: what the provider allows.")
    )
    opt_out_replies: Literal["us", "provider", "nobody"] = Field(
        "us", description="Who answers a STOP here. Say `provider` where your provider does, or she gets two answers."
    )


class ProgramPart(Part):
    """What people join."""

    model_config = ConfigDict(title="Program")

    name: Word = Field("", description="Its name in every text, as {program}. Without it: its key.")
    keywords: Several = Field(description="The words that join it.", examples=[["CLUB", "CAFE"]], min_length=1)
    languages: Several = Field(
        default_factory=list, description="Its languages, if not all of the file's; the first is used."
    )
    opt_in: Literal["double", "single"] = Field(
        "double", description="double: she is asked and must say YES. single: the keyword is enough."
    )
    frequency: Words = Field(
        default_factory=dict, description="How often you text, as {frequency}.", examples=[{"fr": "4 SMS/mois max"}]
    )
    confirm_within: Duration = Field(
        timedelta(hours=48),
        description="How long her YES counts: 1 hour to 30 days.",
        json_schema_extra={"default": "48 hours"},
    )
    remind_after: Annotated[timedelta | None, BeforeValidator(_duration), _DURATION] = Field(
        None, description="Remind her once, after this long without an answer."
    )
    survey: Line = Field("", description="The survey that asks why she leaves, inside the farewell.")
    texts: TextsPart = Field(default_factory=TextsPart, description="This program's own texts.")


class ReplyPart(Part):
    """A keyword that only answers, on every number."""

    model_config = ConfigDict(title="Reply")

    keywords: Several = Field(description="The words it answers.", examples=[["HOURS", "HORAIRES"]], min_length=1)
    text: Words = Field(default_factory=dict, description="The answer.", examples=[{"en": "Open 8am-8pm daily."}])
    survey: Line = Field("", description="Instead of a text: the survey whose first question is asked.")


class QuestionPart(Part):
    """One question of a survey."""

    model_config = ConfigDict(title="Question")

    question: Words = Field(description="The question.", examples=[{"en": "Why?"}])
    answers: Annotated[dict[str, Words], BeforeValidator(_nothing)] = Field(
        default_factory=dict, description="Its answers, each under a name of its own; they are numbered from 1."
    )
    free_text: YesNo = Field(False, description="Whether any other words are an answer too.")


class SurveyPart(Part):
    """A question with its answers, or several under `questions`."""

    model_config = ConfigDict(title="Survey")

    question: Words = Field(default_factory=dict, description="The question.", examples=[{"en": "Why?"}])
    answers: Annotated[dict[str, Words], BeforeValidator(_nothing)] = Field(
        default_factory=dict, description="Its answers, each under a name of its own; they are numbered from 1."
    )
    free_text: YesNo = Field(False, description="Whether any other words are an answer too.")
    questions: list[QuestionPart] = Field(
        default_factory=list, description="Several questions, asked one after another."
    )


WordsByLanguage = Annotated[dict[str, Several], BeforeValidator(_nothing)]


class WordsPart(Part):
    """More words for what everybody can say, by language. The built-in ones cannot be removed."""

    model_config = ConfigDict(title="Words")

    stop: WordsByLanguage = Field(default_factory=dict, description="To leave.", examples=[{"fr": ["BASTA"]}])
    stop_all: WordsByLanguage = Field(default_factory=dict, description="To leave everything.")
    start: WordsByLanguage = Field(default_factory=dict, description="To come back.")
    confirm: WordsByLanguage = Field(default_factory=dict, description="YES.")
    decline: WordsByLanguage = Field(default_factory=dict, description="NO.")
    help: WordsByLanguage = Field(default_factory=dict, description="To ask for help.")


class KeywordsFile(Part):
    """Your numbers, what people can join on them, and what they are told."""

    model_config = ConfigDict(title="keywords.yaml")

    version: Annotated[Literal["1"], WithJsonSchema({"const": VERSION})] = Field(
        description="The version of this file's format."
    )
    brand: Word = Field(description="Who you are, as {brand}. Every farewell names it.", min_length=1)
    support: Word = Field("", description="How to reach you, as {support}: a mail address, a telephone or a page.")
    country: Annotated[str, BeforeValidator(_upper), WithJsonSchema({"type": "string", "pattern": "^[A-Za-z]{2}$"})] = (
        Field("", description="Your country, as two letters; its rules are checked. Without it: the first number's.")
    )
    languages: Several = Field(
        default_factory=list, description="The languages you speak; the first is the default.", examples=[["fr", "en"]]
    )
    stop_scope: Literal["number", "all"] = Field(
        "number", description="What a STOP ends: the programs of its number, or all that you have."
    )
    numbers: Annotated[dict[str, NumberPart], BeforeValidator(_nothing)] = Field(description="Your numbers.")
    programs: Annotated[dict[str, ProgramPart], BeforeValidator(_nothing)] = Field(description="What people can join.")
    replies: Annotated[dict[str, ReplyPart], BeforeValidator(_nothing)] = Field(
        default_factory=dict, description="Keywords that only answer."
    )
    surveys: Annotated[dict[str, SurveyPart], BeforeValidator(_nothing)] = Field(
        default_factory=dict, description="Questions, for leavers or for polls."
    )
    texts: TextsPart = Field(default_factory=TextsPart, description="Texts for every program without its own.")
    words: WordsPart = Field(default_factory=WordsPart, description="More words for STOP, YES and the others.")


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of keywords.yaml, for editors."""
    made = KeywordsFile.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_without_nothing(made)}


def _without_nothing(made: Any) -> Any:
    """Leave out defaults that say nothing: an editor would offer them."""
    if isinstance(made, list):
        return [_without_nothing(each) for each in made]
    if not isinstance(made, dict):
        return made
    return {
        name: _without_nothing(value)
        for name, value in made.items()
        if not (name == "default" and value in (None, "", {}, []))
    }
