"""What the pages need from below, as Protocols; the composition root fits the real services to them.

Every answer is plain JSON values (times are ISO 8601 texts with an offset), so that a page, the JSON routes and a
test see the same thing. `None` stands for "never" or "not there".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

Values = Mapping[str, Any]


class Sandbox(Protocol):
    """The simulator's own server: a second composition on a memory database with a clock of its own."""

    async def text(self, msisdn: str, number: str, text: str) -> None:
        """Let this person text this number; return when the turn is on disk and the replies have left."""
        ...

    async def advance(self, delta: timedelta) -> None:
        """Move the clock forward and let every timer on the way ring."""
        ...

    async def reset(self) -> None:
        """Forget everybody and put the clock back to the present."""
        ...

    async def view(self, msisdn: str, number: str) -> Values:
        """Show one person on one number.

        {"now", "msisdn", "number",
         "numbers": [{"number", "label", "keywords": [...]}],           # every number of the file
         "subscriptions": [{"program", "name", "state", "since"}],
         "timers": [{"program", "kind", "at"}],
         "timeline": [mo | mt | consent, oldest first],
         "catalog": {"digest", "file", "problems": [text, ...], "stale": bool}}

        mo       {"kind": "mo", "id", "at", "text", "trace"}
        mt       {"kind": "mt", "id", "at", "text", "status", "segments", "encoding", "trace" (if a timer caused it)}
        consent  {"kind": "consent", "at", "event", "program", "detail"}
        trace    {"cause", "intent", "language", "rule", "confidence", "words", "maybe", "steps", "before", "after",
                  "spoke": [{"text", "program", "language", "line", "mt"}], "notes", "catalog",
                  "keyword" (where one of the file matched): {"keyword", "line"}}

        Asked about a number that is not in the file (or ""), it never raises: the pages read "numbers" from its
        answer and ask again.
        """
        ...


class Console(Protocol):
    """What really happened, for the people who run the server."""

    async def overview(self) -> Values:
        """Tell how everything stands.

        {"now",
         "numbers": [{"number", "label", "provider", "connected": bool, "last_mo_at", "last_mt_at"}],
         "programs": [{"program", "name", "states": {"pending": 3, "subscribed": 40, "unsubscribed": 2}}],
         "opt_outs": {"days": 30, "total": 4, "reasons": [{"reason": "too_many", "label": "Trop de SMS", "count": 2}]},
         "unread": {"count": 7, "last": [as in `unread`, the newest five]},
         "outbox": {"depth": 0, "oldest_at": None},
         "catalog": {"digest", "file", "problems": [text, ...], "stale": bool}}

        `connected` is whether a provider that reaches real handsets is set up for that number: never for `simulator`.
        """
        ...

    async def unread(self) -> list[dict[str, Any]]:
        """List the texts nobody understood and nobody has read, newest first.

        [{"msisdn", "ref", "at", "number", "text", "maybe": None or what it could have been, as "stop"}]
        """
        ...

    def explain(self, text: str, number: str, state: str, language: str) -> Values:
        """Say what a text means, without writing anything.

        `number`: one of ours, or "". `state`: of `bot.core.standpoints.STATES`. `language`: understand this one alone
        instead of the number's, or "".

        {"intent", "language", "rule", "confidence", "words", "maybe", "steps", "answer", "program",
         "keyword": None or {"keyword", "line"}}
        """
        ...

    async def mark_read(self, msisdn: str, ref: str) -> None:
        """Take a text off that list, and let marketing go again to somebody held because of it."""
        ...

    async def contact(self, msisdn: str) -> Values | None:
        """Tell everything about one person, or None if we never met her.

        {"now", "msisdn", "suppressed_at", "hold": bool, "fields": {name: value},
         "subscriptions": [{"program", "name", "state", "since", "number"}],
         "timeline": [as in `Sandbox.view`, and "number" on each mo and mt],
         "ledger": [{"at", "event", "program", "source", "number", "shown", "detail", "mo_ref", "mt_id", "catalog",
                     "hash"}, oldest first],
         "chain": {"rows": 5, "verified": True, "broken_at": None (or the row's place, from 1)},
         "catalog": {"digest", "file"}}
        """
        ...
