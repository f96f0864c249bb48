"""What really happened, for the people who run the server: the answers behind the console's pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import orjson

from bot.core.catalog import Catalog
from bot.core.messages import storable
from bot.core.standpoints import ANYWHERE, on_number
from bot.core.understand import understand
from bot.core.vocabulary import vocabulary
from bot.service.inbox import Inbox
from bot.service.ports import CatalogNow, Clock, PeopleStore
from bot.service.reload import Keywords
from bot.service.views import catalog_values, iso, proof, subscriptions, timeline

Values = Mapping[str, Any]

OPT_OUT_DAYS = 30
LISTED = 200
NEWEST = 5
STATES = ("pending", "subscribed", "unsubscribed")


class Console:
    """Reads; the one thing it changes is that a text has been read."""

    def __init__(
        self,
        store: PeopleStore,
        inbox: Inbox,
        keywords: Keywords,
        clock: Clock,
        connected: Callable[[], tuple[str, ...]],
    ) -> None:
        self._store = store
        self._inbox = inbox
        self._keywords = keywords
        self._clock = clock
        self._connected = connected

    @property
    def _catalog(self) -> CatalogNow:
        return self._keywords.catalog

    async def overview(self) -> Values:
        """Tell how everything stands."""
        catalog, now = self._catalog(), self._clock()
        total, reasons = await self._store.leavings(now - timedelta(days=OPT_OUT_DAYS))
        count, unread = await self._store.unread(NEWEST)
        backlog = await self._store.backlog(now)
        return {
            "now": iso(now),
            "numbers": await self._numbers(catalog),
            "programs": await self._programs(catalog),
            "opt_outs": {"days": OPT_OUT_DAYS, "total": total, "reasons": _reasons(catalog, reasons)},
            "unread": {"count": count, "last": [_unread(row) for row in unread]},
            "outbox": {"depth": backlog.depth, "oldest_at": iso(backlog.oldest_at)},
            "catalog": self._catalog_values(),
        }

    async def unread(self) -> list[dict[str, Any]]:
        """List the texts nobody understood and nobody has read, newest first."""
        _, rows = await self._store.unread(LISTED)
        return [_unread(row) for row in rows]

    async def mark_read(self, msisdn: str, ref: str) -> None:
        """Take a text off that list, and let go again what was held back because of it."""
        for row in await self._store.timeline(msisdn):
            if row["ref"] == ref and row["direction"] == "mo":
                await self._inbox.read(msisdn, row["number"], ref)

    async def contact(self, msisdn: str) -> Values | None:
        """Tell everything about one person, or None if she never texted us."""
        person = await self._store.person(msisdn)
        if person is None:
            return None
        catalog, rows = self._catalog(), await self._store.ledger(msisdn)
        listed, chain = proof(rows, person.ledger_head, person.salt)
        return {
            "now": iso(self._clock()),
            "msisdn": msisdn,
            "suppressed_at": iso(person.suppressed_at),
            "hold": person.hold,
            "fields": dict(person.fields),
            "subscriptions": subscriptions(person, catalog),
            "timeline": timeline(await self._store.timeline(msisdn), rows),
            "ledger": listed,
            "chain": chain,
            "catalog": self._catalog_values(),
        }

    def _catalog_values(self) -> Values:
        return catalog_values(self._catalog(), self._keywords.problems, self._keywords.stale)

    def explain(self, text: str, number: str, state: str, language: str) -> Values:
        """Say what a text means on a number, or in one language by itself; nothing is written."""
        catalog = self._catalog()
        if language or number not in catalog.numbers:
            heard, questions = vocabulary([language] if language else catalog.languages), ANYWHERE
        else:
            heard, questions = catalog.vocabulary(number), on_number(catalog, number)
        seen = understand(storable(text), heard, questions[state])
        keyword = catalog.keywords_on(number).get(seen.keyword or "")
        return {
            "intent": str(seen.intent), "language": seen.language, "rule": seen.rule, "confidence": seen.confidence,
            "words": seen.words, "maybe": str(seen.maybe) if seen.maybe else None, "steps": list(seen.steps),
            "keyword": {"keyword": keyword.word, "line": keyword.line} if keyword else None, "answer": seen.answer,
            "program": seen.program,
        }  # fmt: skip

    async def _numbers(self, catalog: Catalog) -> list[Values]:
        traffic, connected = await self._store.traffic(list(catalog.numbers)), self._connected()
        return [
            {
                "number": number.number,
                "label": number.label,
                "provider": number.provider,
                "connected": number.provider in connected,
                "last_mo_at": iso(traffic[number.number][0]),
                "last_mt_at": iso(traffic[number.number][1]),
            }
            for number in catalog.numbers.values()
        ]

    async def _programs(self, catalog: Catalog) -> list[Values]:
        states = await self._store.states()
        return [
            {
                "program": key,
                "name": catalog.programs[key].name if key in catalog.programs else key,
                "states": {state: states.get(key, {}).get(state, 0) for state in STATES},
            }
            for key in dict.fromkeys((*catalog.programs, *states))
        ]


def _unread(row: Values) -> dict[str, Any]:
    trace = orjson.loads(row["trace"]) if row["trace"] else {}
    return {
        "msisdn": row["msisdn"], "ref": row["ref"], "at": iso(row["at"]), "number": row["number"],
        "text": row["text"], "maybe": trace.get("maybe"),
    }  # fmt: skip


def _reasons(catalog: Catalog, reasons: list[tuple[str, str, int]]) -> list[Values]:
    """Name the reasons as the file does; her own words stay her own."""
    counted: Counter[str] = Counter()
    for _, reason, count in reasons:
        counted[reason] += count
    labels = {
        choice.key: choice.labels[0]
        for survey in catalog.surveys.values()
        for step in survey.steps
        for choice in step.choices
        if choice.labels
    }
    return [
        {"reason": reason, "label": labels.get(reason, reason), "count": count}
        for reason, count in counted.most_common()
    ]
