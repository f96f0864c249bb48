"""The JSON Schema that editors get: the one of the models, valid, and of one mind with the reader."""

import json
from pathlib import Path

import pytest
import yaml

from bot.core.loading import load_catalog
from bot.core.phrases import TEXTS
from bot.core.schema import TextsPart, WordsPart, json_schema
from bot.core.understanding import Intent

ROOT = Path(__file__).parent.parent


def test_the_schema_in_the_repository_is_that_of_the_models():
    kept = (ROOT / "keywords.schema.json").read_text("utf-8")

    assert json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n" == kept


def test_the_file_can_have_every_text_of_the_phrasebook():
    assert set(TEXTS) == set(TextsPart.model_fields)


def test_the_file_can_have_words_for_every_meaning_that_is_everybodys():
    assert set(WordsPart.model_fields) == set(Intent) - {Intent.KEYWORD, Intent.ANSWER, Intent.UNKNOWN}


def _objects(schema):
    yield from [schema] if isinstance(schema, dict) and "properties" in schema else []
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _objects(inner)


def test_an_editor_underlines_unknown_keys_and_explains_the_known_ones():
    for part in _objects(json_schema()):
        assert part["additionalProperties"] is False
        assert [name for name, key in part["properties"].items() if not key.get("description")] == []
        assert part["title"]
        assert part["description"]


@pytest.mark.parametrize("name", ["keywords", "label", "brand"])
def test_a_word_that_looks_like_a_number_is_right_in_an_editor(name):
    parts = {key: value for part in _objects(json_schema()) for key, value in part["properties"].items()}
    kinds = parts[name].get("type") or parts[name]["anyOf"][0]["type"]

    assert kinds == ["string", "number", "boolean"]


def test_the_file_we_ship_names_its_schema_and_has_no_problem():
    source = (ROOT / "keywords.yaml").read_text("utf-8")
    loaded = load_catalog(source, "keywords.yaml", ("simulator", "http", "twilio"))

    assert loaded.problems == ()
    assert source.startswith("# yaml-language-server: $schema=./keywords.schema.json\n")
    assert yaml.safe_load(source)["programs"].keys() == loaded.catalog.programs.keys()
