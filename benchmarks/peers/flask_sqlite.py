"""A keyword bot as one writes it by hand: Flask, sqlite3, a connection for each request and a commit for each message.

It takes the same webhook with the same token, drops duplicates, and keeps messages, states and replies; SQLite's
settings are the ones it comes with. What it does not do: tell a STOP from a sentence that has the word in it or is
spelt otherwise, ask again, keep proof of consent, cancel what is queued, or keep one person's texts in order.
"""

from __future__ import annotations

import hmac
import os
import sqlite3
from datetime import UTC, datetime

from flask import Flask, Response, g, jsonify, request

DATABASE = os.environ.get("DATABASE", "sms.db")
TOKEN = os.environ.get("HTTP_TOKEN", "")

STOP_WORDS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "ARRET", "ARRETER", "ARRÊT", "ARRÊTER"}
YES_WORDS = {"YES", "Y", "OUI", "O", "OK", "START"}
HELP_WORDS = {"HELP", "INFO", "AIDE"}
KEYWORDS = {"CLUB", "CAFE"}
HOURS_WORDS = {"HORAIRES", "HOURS"}

ASK = "Café Lumière : répondez OUI pour recevoir le Club Lumière (4 SMS/mois max). STOP pour ne rien recevoir."
WELCOME = "Bienvenue au Club Lumière !"
FAREWELL = "Café Lumière : c'est noté, plus aucun message."
HELP = "Café Lumière : aide@lumiere.example. 4 SMS/mois max. STOP pour arrêter."
HOURS = "Ouvert 8h-20h, 7j/7."
UNKNOWN = "Café Lumière : nous n'avons pas compris. AIDE pour de l'aide, STOP pour arrêter."

SCHEMA = """
CREATE TABLE IF NOT EXISTS contacts (phone TEXT PRIMARY KEY, state TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS messages (id TEXT PRIMARY KEY, phone TEXT, number TEXT, text TEXT, received_at TEXT);
CREATE TABLE IF NOT EXISTS replies (
    id INTEGER PRIMARY KEY, phone TEXT, number TEXT, text TEXT, created_at TEXT, status TEXT
);
"""

app = Flask(__name__)
with sqlite3.connect(DATABASE) as setup:
    setup.executescript(SCHEMA)
setup.close()


def database() -> sqlite3.Connection:
    """Return this request's connection."""
    if "db" not in g:
        g.db = sqlite3.connect(DATABASE)
    connection: sqlite3.Connection = g.db
    return connection


@app.teardown_appcontext
def close(error: BaseException | None) -> None:  # noqa: ARG001
    """Close this request's connection."""
    if (db := g.pop("db", None)) is not None:
        db.close()


@app.post("/webhooks/http/mo")
def incoming() -> tuple[Response, int]:
    """Take one message, answer it, and commit."""
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given, f"Bearer {TOKEN}"):
        return jsonify(error="forbidden"), 403
    got = request.get_json()
    db, now = database(), datetime.now(UTC).isoformat()
    try:
        message = (got["id"], got["from"], got["to"], got["text"], now)
        db.execute("INSERT INTO messages VALUES (?, ?, ?, ?, ?)", message)
    except sqlite3.IntegrityError:
        return jsonify(status="duplicate"), 200
    found = db.execute("SELECT state FROM contacts WHERE phone = ?", (got["from"],)).fetchone()
    state, reply = answer(got["text"], found[0] if found else "stranger")
    db.execute("INSERT OR REPLACE INTO contacts VALUES (?, ?, ?)", (got["from"], state, now))
    db.execute(
        "INSERT INTO replies (phone, number, text, created_at, status) VALUES (?, ?, ?, ?, 'queued')",
        (got["from"], got["to"], reply, now),
    )
    db.commit()
    return jsonify(status="accepted"), 200


def answer(text: str, state: str) -> tuple[str, str]:
    """Return her new state and the reply, by the first word of her text."""
    words = text.upper().split()
    word = words[0].strip(".,!?") if words else ""
    if word in STOP_WORDS:
        return "unsubscribed", FAREWELL
    if word in HELP_WORDS:
        return state, HELP
    if word in YES_WORDS and state in ("pending", "unsubscribed"):
        return "subscribed", WELCOME
    if word in KEYWORDS:
        return ("subscribed", WELCOME) if state == "subscribed" else ("pending", ASK)
    if word in HOURS_WORDS:
        return state, HOURS
    return state, UNKNOWN
