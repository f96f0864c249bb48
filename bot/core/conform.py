"""Holds what was read to the models: each fault is told in plain words, and what is faulty is left out.

So one slip in one program does not hide what is wrong in another: what is left is still linted. Rule: a file with an
error never becomes a catalog; what is left out here is left out only for the linter.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.core import durations
from bot.core.findings import Findings, did_you_mean, kind_of, whose
from bot.core.places import Path
from bot.core.schema import LONGEST, VERSION, KeywordsFile, json_schema

_STAND_INS: dict[str, Any] = {"version": str(VERSION), "brand": "?", "numbers": {}, "programs": {}}
_PASSES = 8
_SHOWN = 40
_TEXT = ("a text, or one for each language", 'write it behind the colon: "…", or {fr: "…", en: "…"}')

_WANTED = {
    "string_type": ("a text", "write it behind the colon, in quotes if it begins with { or ["),
    "list_type": ("a list", "write it in brackets with commas: [CLUB, CAFE]"),
    "dict_type": ("a group of lines", "write them below it, indented: name: value"),
    "model_type": ("a group of lines", "write them below it, indented: name: value"),
    "bool_type": ("yes or no", "write true or false"),
    "bool_parsing": ("yes or no", "write true or false"),
    "float_parsing": ("a number", "write it in digits: 5"),
    "float_type": ("a number", "write it in digits: 5"),
    "finite_number": ("a number", "write it in digits: 5"),
    "greater_than": ("a number above 0", "write it in digits: 5"),
    "less_than_equal": ("a number up to 1000", "write it in digits: 5"),
    "time_delta_type": ("a duration", f"write it as {', '.join(durations.EXAMPLES)}"),
}


def conform(findings: Findings) -> KeywordsFile | None:
    """Return what of the document fits the models, every fault told; None if nothing does."""
    data = deepcopy(findings.document.data)
    for turn in range(_PASSES):
        try:
            return KeywordsFile.model_validate(data)
        except ValidationError as error:
            faults = error.errors(include_url=False)
        if turn == 0:
            for fault in faults:
                _tell(fault, findings)
        if not isinstance(data, dict):
            return None
        for fault in sorted(faults, key=lambda each: [str(step).zfill(9) for step in each["loc"]], reverse=True):
            _leave_out(data, fault)
    return None


# ---- telling ------------------------------------------------------------------------------------------------


def _tell(fault: ErrorDetails, findings: Findings) -> None:
    path, kind, given = fault["loc"], fault["type"], fault["input"]
    name = str(path[-1]) if path else ""
    match kind:
        case "extra_forbidden":
            known = known_keys(path[:-1])
            message = f"unknown key '{name}' in {kind_of(path[:-1])}"
            findings.error(path, "unknown-key", message, did_you_mean(name, known), key=True)
        case "missing":
            hint = f"add the line: {name}: {_example(path)}"
            findings.error(path[:-1], "missing-key", f"{kind_of(path[:-1])} has no '{name}'", hint, key=True)
        case "too_short" | "string_too_short":
            findings.error(path, "empty", f"'{name}'{whose(path)} is empty", f"write {name}: {_example(path)}")
        case "string_too_long":
            message = f"{kind_of(path)} has {len(str(given)):,} characters, more than {LONGEST:,}"
            findings.error(path, "too-long", message, "shorten it: each 153 characters are billed")
        case "duration":
            hint = f"write it as {', '.join(durations.EXAMPLES)}"
            findings.error(path, "wrong-value", f"{fault['msg']} for '{name}'{whose(path)}", hint)
        case "literal_error":
            _tell_choice(path, given, findings)
        case _:
            wanted, hint = _WANTED.get(kind, (fault["msg"], ""))
            if kind == "dict_type" and "anyOf" in _schema_at(path):
                wanted, hint = _TEXT
            findings.error(path, "wrong-type", f"{kind_of(path)} wants {wanted}, and this is {_is(given)}", hint)


def _tell_choice(path: Path, given: Any, findings: Findings) -> None:
    if path == ("version",):
        message = f"version '{_short(given)}' is not supported: this server reads version {VERSION}"
        findings.error(path, "version", message, f"write version: {VERSION}")
        return
    choices = [str(each) for each in _schema_at(path).get("enum", ())]
    message = f"'{_short(given)}' is no value of '{path[-1]}'{whose(path)}"
    findings.error(path, "wrong-value", message, did_you_mean(str(given), choices))


def _is(given: Any) -> str:
    if isinstance(given, dict):
        return "a group of lines"
    if isinstance(given, list):
        return "a list"
    return f"'{_short(given)}'" if given else "empty"


def _short(given: Any) -> str:
    return str(given) if len(str(given)) <= _SHOWN else f"{str(given)[:_SHOWN]}…"


def known_keys(path: Path) -> tuple[str, ...]:
    """Name the keys that may stand at a path; none where the marketer chooses them."""
    return tuple(_schema_at(path).get("properties", ()))


def _example(path: Path) -> str:
    given = _schema_at(path)
    example = given.get("const", next(iter(given.get("examples", ())), "…"))
    if isinstance(example, list):
        return f"[{', '.join(example)}]"
    if isinstance(example, dict):
        return f"{{{', '.join(f'{name}: {value}' for name, value in example.items())}}}"
    return str(example)


@cache
def _schema() -> dict[str, Any]:
    return json_schema()


def _schema_at(path: Path) -> dict[str, Any]:
    """Follow a path through the JSON Schema, which knows every model's keys."""
    root = here = _schema()
    for step in path:
        inner = here.get("properties", {}).get(step) or here.get("items") or here.get("additionalProperties")
        here = inner if isinstance(inner, dict) else {}
        while "$ref" in here:
            here = root["$defs"][here["$ref"].rpartition("/")[2]]
    return here


# ---- leaving out --------------------------------------------------------------------------------------------


def _leave_out(data: dict[str, Any], fault: ErrorDetails) -> None:
    """Take the faulty value out; where a key is missing, what lacks it; at the top, put something in its place.

    A survey goes as a whole: without one of its parts it would only look faulty in other ways.
    """
    path: Path = fault["loc"]
    if len(path) == 1 and path[0] in _STAND_INS:
        data[str(path[0])] = deepcopy(_STAND_INS[str(path[0])])
        return
    if path[:1] == ("surveys",):
        path = path[:2]
    elif fault["type"] == "missing":
        path = path[:-1]
    around: Any = data
    for step in path[:-1]:
        try:
            around = around[step]
        except (KeyError, IndexError, TypeError):
            return
    last: Any = path[-1] if path else None
    if isinstance(around, dict):
        around.pop(last, None)
    elif isinstance(around, list) and isinstance(last, int) and last < len(around):
        del around[last]
