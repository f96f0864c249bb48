"""What people text in a benchmark: each joins, confirms, asks something, leaves, says why, and comes back no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

import orjson

TOKEN = "benchmark-token-0123456789"
NUMBER = "+33644600000"
SCRIPT = ("CLUB", "Oui.", "HORAIRES", "merci c'est noté", "ARRÊTER svp", "2")

KEYWORDS = """\
version: 1
brand: Café Lumière
support: aide@lumiere.example
country: FR
languages: [fr, en]
numbers:
  "+33644600000": {label: Affiche, provider: http, programs: [club]}
programs:
  club:
    name: Club Lumière
    keywords: [CLUB, CAFE]
    frequency: {fr: "4 SMS/mois max", en: "max 4 msgs/month"}
    remind_after: 20 hours
    survey: leaving
replies:
  hours:
    keywords: [HORAIRES, HOURS]
    text: {fr: "Ouvert 8h-20h, 7j/7.", en: "Open 8am-8pm daily."}
surveys:
  leaving:
    question: {fr: "Pourquoi ?", en: "Why?"}
    answers:
      too_many: {fr: Trop de SMS, en: Too many texts}
      not_relevant: {fr: Pas pour moi, en: Not relevant}
    free_text: true
"""


def bodies(
    people_at_once: int, first: int = 0, script: Sequence[str] = SCRIPT, prefix: str = "+336"
) -> Iterator[bytes]:
    """Yield webhook bodies: `people_at_once` conversations side by side, then the next ones."""
    for group in count():
        people = [
            f"{prefix}{first + group * people_at_once + place:0{12 - len(prefix)}d}" for place in range(people_at_once)
        ]
        for step, text in enumerate(script):
            for person in people:
                yield body(f"b{person}-{step}", person, text)


def body(id: str, msisdn: str, text: str) -> bytes:
    """Write one MO as one's own gateway does."""
    return orjson.dumps({"id": id, "from": msisdn, "to": NUMBER, "text": text})


def requests(made: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the same as HTTP requests."""
    for body in made:
        yield (
            b"POST /webhooks/http/mo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer " + TOKEN.encode() + b"\r\nContent-Length: " + str(len(body)).encode()
            + b"\r\n\r\n" + body
        )  # fmt: skip
