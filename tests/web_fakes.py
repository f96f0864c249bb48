"""A sandbox and a console that keep plain values in memory, for the tests of the pages alone.

They decide nothing about a message: a text is stored with a trace that says it was not understood, and whatever
else a test wants to see drawn, it puts there.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aiohttp import web

from bot.core.errors import UnknownNumber
from bot.web.pages import setup_pages
from bot.web.security import Access

OURS = "+33644600000"
OTHER = "+447700900999"
HER = "+33639980001"
START = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)


def at(minutes=0):
    """Return a moment as the ports tell it."""
    return (START + timedelta(minutes=minutes)).isoformat()


def catalog(problems=(), stale=False):
    return {"digest": "4f1c2a9b77e0", "file": "keywords.yaml", "problems": list(problems), "stale": stale}


def trace(**given):
    """Return a trace as a turn leaves it, of a text that nobody understood."""
    usual = {"cause": "mo", "intent": "unknown", "language": None, "rule": "no rule", "confidence": 0.0, "words": ""}
    rest = {"maybe": None, "steps": [], "before": {}, "after": {}, "spoke": [], "notes": [], "catalog": "4f1c2a9b77e0"}
    return {**usual, **rest, **given}


def mo(id, text, minutes=0, **given):
    return {"kind": "mo", "id": id, "at": at(minutes), "text": text, "trace": trace(**given)}


def mt(id, text, minutes=0, segments=1, encoding="gsm7", status="delivered", **given):
    usual = {"kind": "mt", "id": id, "at": at(minutes), "text": text, "status": status}
    return {**usual, "segments": segments, "encoding": encoding, **given}


def consent(event, minutes=0, program="club", detail=""):
    return {"kind": "consent", "at": at(minutes), "event": event, "program": program, "detail": detail}


def said(mt, text="welcome", program="club", language="fr", line=None):
    return {"text": text, "program": program, "language": language, "line": line, "mt": mt}


def story():
    """Return a whole life: CLUB, asked, reminded, Oui, welcome, an unread text, ARRÊTER, farewell, 1."""
    pending, subscribed, gone = {"club": "pending"}, {"club": "subscribed"}, {"club": "unsubscribed"}
    asked = trace(
        intent="keyword", rule="keyword: CLUB", confidence=1.0, words="club", before={"club": "stranger"},
        after=pending, steps=["no STOP in it", "keyword CLUB of this number"], spoke=[said("m1", "ask_confirm")],
        keyword={"keyword": "CLUB", "line": 21},
    )  # fmt: skip
    reminded = trace(
        cause="wake", intent=None, rule="timer: remind club", confidence=1.0, before=pending, after=pending,
        spoke=[said("m2", "reminder", line=33)],
    )  # fmt: skip
    joined = trace(
        intent="confirm", language="fr", rule="word: oui", confidence=0.925, words="oui", before=pending,
        after=subscribed, spoke=[said("m3", line=32)],
        steps=["no STOP in it", "a question is open", "oui is a yes in French"],
    )  # fmt: skip
    puzzled = trace(maybe="stop", before=subscribed, after=subscribed, notes=["silent: told within 24 hours"])
    left = trace(
        intent="stop", language="fr", rule="word: arreter", confidence=1.0, words="arreter", before=subscribed,
        after=gone, spoke=[said("m5", "farewell", line=41)],
    )  # fmt: skip
    because = trace(intent="answer", rule="answer: too_many", confidence=1.0, words="1", before=gone, after=gone)
    return [
        mo("sim:1", "club!", 0, **asked),
        mt("m1", "Café Lumière : répondez OUI…", 0, 2, "ucs2"),
        consent("asked", 0),
        mt("m2", "Rappel : répondez OUI.", 1200, trace=reminded),
        mo("sim:2", "Oui 👍", 1380, **joined),
        mt("m3", "Bienvenue au Club Lumière !", 1380),
        consent("opted_in", 1380),
        mo("sim:4", "no more please?", 1500, **puzzled),
        mo("sim:5", "ARRÊTER", 4320, **left),
        mt("m5", "C'est noté. Pourquoi ? 1 Trop de SMS", 4320, status="sent"),
        consent("opted_out", 4320),
        mo("sim:6", "1", 4322, **because),
        consent("reason", 4322, detail="too_many"),
    ]


class FakeSandbox:
    """Keeps what was texted; answers every text with "Reply to …"."""

    def __init__(self):
        self.numbers = [
            {"number": OURS, "label": "Affiche, Gare de Lyon", "keywords": ["CLUB", "CAFE", "HORAIRES"]},
            {"number": OTHER, "label": "", "keywords": []},
        ]
        self.catalog = catalog()
        self.places = []
        self.timers = []
        self.reset_now()

    def reset_now(self):
        self.now, self.talks, self.texted = START, {}, []

    async def text(self, msisdn, number, text):
        if number not in [entry["number"] for entry in self.numbers]:
            raise UnknownNumber(f"{number} is not in keywords.yaml")
        self.texted.append((msisdn, number, text))
        minutes = (self.now - START).total_seconds() / 60
        place = len(self.texted)
        self.talks.setdefault((msisdn, number), []).extend(
            [
                mo(f"simulator:{place}", text, minutes, words=text.casefold(), spoke=[said(f"mt{place}", "unknown")]),
                mt(f"mt{place}", f"Reply to {text}", minutes),
            ]
        )

    async def advance(self, delta):
        self.now += delta

    async def reset(self):
        self.reset_now()

    async def view(self, msisdn, number):
        return {
            "now": self.now.isoformat(),
            "msisdn": msisdn,
            "number": number,
            "numbers": self.numbers,
            "subscriptions": self.places,
            "timers": self.timers,
            "timeline": self.talks.get((msisdn, number), []),
            "catalog": self.catalog,
        }


class FakeConsole:
    """Tells what a test put there; an empty server unless told otherwise."""

    def __init__(self):
        self.numbers = [
            {
                "number": OURS,
                "label": "Affiche, Gare de Lyon",
                "provider": "simulator",
                "connected": False,
                "last_mo_at": None,
                "last_mt_at": None,
            }
        ]
        self.programs = []
        self.opt_outs = {"days": 30, "total": 0, "reasons": []}
        self.outbox = {"depth": 0, "oldest_at": None}
        self.catalog = catalog()
        self.texts = []
        self.people = {}

    def connect(self):
        """Let the first number reach handsets."""
        self.numbers[0].update(provider="twilio", connected=True, last_mo_at=at(-3), last_mt_at=at(-2))

    async def overview(self):
        return {
            "now": at(),
            "numbers": self.numbers,
            "programs": self.programs,
            "opt_outs": self.opt_outs,
            "unread": {"count": len(self.texts), "last": self.texts[:5]},
            "outbox": self.outbox,
            "catalog": self.catalog,
        }

    async def unread(self):
        return list(self.texts)

    async def mark_read(self, msisdn, ref):
        self.texts = [text for text in self.texts if (text["msisdn"], text["ref"]) != (msisdn, ref)]

    async def contact(self, msisdn):
        return self.people.get(msisdn)

    def explain(self, text, number, state, language):
        told = f"{text} on {number or 'no number'}, {state}, in {language or 'its languages'}"
        return {**trace(words=text.lower(), steps=["normalised", told]), "answer": None, "program": None}


def unread_text(text, ref="twilio:SM1", minutes=-10, maybe=None, msisdn=HER):
    return {"msisdn": msisdn, "ref": ref, "at": at(minutes), "number": OURS, "text": text, "maybe": maybe}


def person(**given):
    """Return everything about one person: nobody asked, nothing said, unless told otherwise."""
    usual = {"now": at(), "msisdn": HER, "suppressed_at": None, "hold": False, "fields": {}, "subscriptions": []}
    chain = {"rows": 0, "verified": True, "broken_at": None}
    return {**usual, "timeline": [], "ledger": [], "chain": chain, "catalog": catalog(), **given}


def ledger_row(event, minutes=0, shown=None, detail="", **given):
    usual = {"at": at(minutes), "event": event, "program": "club", "source": "keyword", "number": OURS}
    proof = {"mo_ref": "twilio:SM1", "mt_id": "0641f2b3c4d5e0", "catalog": "4f1c2a9b77e0", "hash": "9c1f" * 16}
    return {**usual, "shown": shown, "detail": detail, **proof, **given}


class Site:
    """The pages on a test server, with the fakes behind them; a page comes back as (status, text)."""

    def __init__(self, client, sandbox, console):
        self.client, self.sandbox, self.console = client, sandbox, console

    async def get(self, path, **given):
        response = await self.client.get(path, allow_redirects=False, **given)
        return response.status, await response.text()

    async def post(self, path, data=None, **given):
        response = await self.client.post(path, data=data or {}, allow_redirects=False, **given)
        return response.status, await response.text()


async def site(aiohttp_client, access=None, server=None):
    """Start a site; open to this machine unless told otherwise."""
    app, sandbox, console = web.Application(), FakeSandbox(), FakeConsole()
    setup_pages(app, sandbox=sandbox, console=console, access=access or Access(open=True))
    return Site(await aiohttp_client(app, server_kwargs=server or {}), sandbox, console)
