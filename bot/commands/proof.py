"""One person's page: where she stands, what she agreed to and in which words, and everything that was texted.

Rule: it is read by people who know nothing of the program, so every row says who did what, when, on which number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from bot.commands.terminal import count, moment, paper

Values = Mapping[str, Any]

EVENTS = {
    "asked": "was asked to confirm that she wants",
    "opted_in": "opted in to",
    "declined": "declined",
    "expired": "did not answer in time about",
    "opted_out": "opted out of",
    "reason": "said why she left",
    "answered": "answered a question of",
    "carrier_blocked": "was reported by the carrier as having opted out of",
    "excluded": "was excluded from",
    "forgotten": "was forgotten",
}
SOURCES = {
    "keyword": "by a text",
    "form": "on a form",
    "provider": "by the provider's notice",
    "console": "by a person at the console",
    "api": "by the JSON interface",
    "timer": "by the passing of time",
}

_STEERING = re.compile("[\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def show(found: Values) -> None:
    """Print the page."""
    console = paper()
    console.print(Text(f"{found['msisdn']}, as of {moment(found['now'])}", style="bold"))
    for heading, lines in (
        ("Where she stands", list(_standing(found))),
        ("Consent, oldest first", list(_consent(found))),
        ("Messages, oldest first", list(_messages(found))),
    ):
        console.print()
        console.print(Text(heading, style="bold"))
        for line in lines or ["  none"]:
            console.print(Text(line), soft_wrap=True)
    console.print()
    _verdict(console, found["chain"])


def _standing(found: Values) -> Iterator[str]:
    for place in found["subscriptions"]:
        where = f", through {place['number']}" if place["number"] else ""
        yield f"  {_program(found, place['program'])}: {place['state']} since {moment(place['since'])}{where}"
    if found["suppressed_at"]:
        yield f"  Everything: stopped at {moment(found['suppressed_at'])} (STOP ALL); nothing unasked may be sent"
    if found["hold"]:
        yield "  Held: one of her texts may have been a STOP; nothing unasked is sent until somebody has read it"
    for name, value in found["fields"].items():
        yield f"  {name}: {value}"


def _consent(found: Values) -> Iterator[str]:
    texts = {item["id"]: item["text"] for item in found["timeline"] if item["kind"] in ("mo", "mt")}
    for at, row in enumerate(found["ledger"], 1):
        what = f" {_program(found, row['program'])}" if row["program"] and row["event"] != "reason" else ""
        yield f"  {at}. {moment(row['at'])}  {EVENTS.get(row['event'], row['event'])}{what}"
        yield f"     {SOURCES.get(row['source'], row['source'])}, on {row['number']}"
        if row["mo_ref"]:
            wrote = f": {_quoted(texts[row['mo_ref']])}" if row["mo_ref"] in texts else ""
            yield f"     she wrote (message {row['mo_ref']}){wrote}"
        if row["shown"]:
            yield f"     she was shown (message {row['mt_id']}): {_quoted(row['shown'])}"
        if row["detail"]:
            yield f"     she answered: {_quoted(row['detail'])}"
        yield f"     keywords.yaml version {row['catalog']}, seal {row['hash']}"


def _messages(found: Values) -> Iterator[str]:
    for item in found["timeline"]:
        if item["kind"] == "mo":
            yield f"  {moment(item['at'])}  from her to {item['number']}: {_quoted(item['text'])}"
        elif item["kind"] == "mt":
            became = f"{item['status']}, {item['error']}" if item["error"] else item["status"]
            yield f"  {moment(item['at'])}  to her from {item['number']} ({became}): {_quoted(item['text'])}"


def _verdict(console: Console, chain: Values) -> None:
    if chain["verified"]:
        rows = count(chain["rows"], "row")
        told = f"Verified: {rows} of consent, each sealed with the one before; nothing was changed or taken out."
        console.print(Text(told, style="green"), soft_wrap=True)
        return
    at = chain["broken_at"]
    what = f"row {at} was changed, or one beside it was taken out or put in"
    if at > chain["rows"]:
        what = f"what came after row {chain['rows']} was taken out"
    console.print(Text(f"BROKEN: {what}. From there on this proves nothing.", style="bold red"), soft_wrap=True)


def _program(found: Values, key: str) -> str:
    """Name a program as the file does, and by its key where that is another word."""
    name = next((place["name"] for place in found["subscriptions"] if place["program"] == key), key)
    return name if name == key else f"{name} ({key})"


def _quoted(text: str) -> str:
    """Write a text on one line, its ends seen, and nothing in it that moves or turns what stands beside it.

    >>> _quoted("a\\nb \\u202e c")
    '"a\\\\nb \\\\u202e c"'
    """
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
