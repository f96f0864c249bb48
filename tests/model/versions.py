"""The shop's keywords.yaml in the versions that come and go while people text, and what they text.

Two numbers share a program; one program is asked twice for (`opt_in: double`), one is not asked for at all; every
version can be in force under either reach of a STOP.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.core.catalog import Catalog
from bot.core.loading import load_catalog

POSTER, TICKET = "+33644600000", "+33644600001"
NUMBERS = (POSTER, TICKET)
PEOPLE = ("+33639980001", "+33639980002")

FULL = """
version: 1
brand: Café Lumière
support: aide@lumiere.example
country: FR
languages: [fr, en]
numbers:
  "+33644600000": {label: Affiche, provider: http, programs: [club, jobs]}
  "+33644600001": {label: Ticket, provider: http, programs: [brunch, club]}
programs:
  club:
    name: Club Lumière
    keywords: [CLUB]
    frequency: {fr: "4 SMS/mois max", en: "max 4 msgs/month"}
    remind_after: 20 hours
    survey: leaving
    texts:
      welcome: {fr: "Bienvenue. STOP pour partir.", en: "Bienvenue. STOP pour partir."}
      reminder: {fr: "Toujours partant ? OUI ou STOP.", en: "Toujours partant ? OUI ou STOP."}
  jobs: {name: Emplois, keywords: [EMPLOI], frequency: {fr: "1 SMS/mois", en: "1 msg/month"}}
  brunch: {name: Brunch, keywords: [BRUNCH], opt_in: single, frequency: {fr: "1 SMS/mois", en: "1 msg/month"}}
replies:
  hours: {keywords: [HORAIRES], text: {fr: "8h-20h", en: "8am-8pm"}}
surveys:
  leaving:
    question: {fr: "Pourquoi ?", en: "Why?"}
    answers:
      too_many: {fr: Trop de SMS, en: Too many texts}
      changed: {fr: Besoins changés, en: My needs changed}
    free_text: true
"""

THANKS = 'texts:\n      thanks: {fr: "Merci.", en: "Merci."}'
OTHER_WORDS = FULL.replace("Bienvenue.", "Soyez des nôtres.").replace("texts:", THANKS, 1)


def without(program: str) -> str:
    """Take a program out of the file, and off its numbers."""
    left = re.sub(rf"^  {program}:.*?(?=^  \w|^\w)", "", FULL, flags=re.M | re.S)
    return re.sub(rf"\b{program}, |, {program}\b", "", left)


def _loaded(source: str) -> Catalog:
    loaded = load_catalog(source, "keywords.yaml", ("http",))
    assert loaded.catalog, loaded.problems
    return loaded.catalog


SOURCES = {"full": FULL, "other words": OTHER_WORDS, "no club": without("club"), "no brunch": without("brunch")}
VERSIONS = {name: _loaded(source) for name, source in SOURCES.items()}
SCOPES = {
    scope: {name: replace(version, stop_scope=scope) for name, version in VERSIONS.items()}
    for scope in ("number", "all")
}

SAYINGS = {
    "CLUB": ("keyword", "club"),
    "EMPLOI": ("keyword", "jobs"),
    "BRUNCH": ("keyword", "brunch"),
    "HORAIRES": ("reply", "hours"),
    "OUI": ("yes", ""),
    "NON": ("no", ""),
    "START": ("start", ""),
    "STOP": ("stop", ""),
    "STOP CLUB": ("stop one", "club"),
    "STOP ALL": ("stop all", ""),
    "AIDE": ("help", ""),
    "1": ("chat", ""),
    "bonjour": ("chat", ""),
    "j'arrête ou pas ?": ("maybe stop", ""),
}
"""What people text, and what it means where nothing is open; there are a thousand ways to say each, which is for other
tests."""
