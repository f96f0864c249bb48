"""What the services need from beside them, as Protocols; the composition root fits the real ones to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.core.catalog import Catalog
from bot.core.ledger import LedgerRow
from bot.core.messages import DLR, MT
from bot.core.state import Snapshot
from bot.records import Backlog, Claimed, Outcome, Place, Reported, Strip, Taken, Wake
from bot.turns import Turns

Clock = Callable[[], datetime]
"""Tells an aware UTC moment. The sandbox has one that can be moved."""

CatalogNow = Callable[[], Catalog]
"""Gives the catalog that is in force at this moment."""

Values = Mapping[str, Any]


class TurnStore(Protocol):
    """What the inbox needs. Every call raises Unavailable while the database does not answer."""

    async def take(self, batch: Turns) -> Taken:
        """In one transaction: read what a batch of turns may know, take them, and write what they leave.

        The batch must be picklable: it may be taken on another thread or in another process.
        """
        ...

    async def warm(self, catalog: Catalog) -> None:
        """Compile a catalog's words where turns are taken, before a message needs them."""
        ...


class OutboxStore(Protocol):
    """What the outbox needs."""

    @property
    def shared(self) -> bool:
        """Tell whether other servers may use the same database."""
        ...

    async def claim(
        self, numbers: Mapping[str, float | None], now: datetime, lease: timedelta, most: int
    ) -> list[Claimed]:
        """Take the oldest due MTs of these numbers for this server alone, one of each person on each number.

        `numbers`: how many texts a second may leave each, over all servers; None where we set no limit.
        """
        ...

    async def stands(self, mts: Sequence[MT]) -> list[bool]:
        """Tell of each claimed MT whether it is still to be sent, as all servers have left it."""
        ...

    async def under_way(self, msisdn: str, now: datetime) -> bool:
        """Tell whether any server may be sending her something at this moment, farewells excepted."""
        ...

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Write what became of claimed MTs."""
        ...

    async def release(self) -> None:
        """Give back every lease that is nobody's: this server's own, and where it is alone those of its last life."""
        ...

    async def newest_queued(self, until: datetime) -> datetime | None:
        """Tell when the newest MT that waits was made; what claims to be made after `until` does not count."""
        ...


class ReportStore(Protocol):
    """What the receipts need."""

    async def report(self, dlrs: Sequence[DLR], now: datetime) -> list[Reported | None]:
        """Move the MTs that reports are about; None for a report about none we know."""
        ...


class WakeStore(Protocol):
    """What the timers need."""

    async def due_wakes(self, now: datetime, most: int) -> list[Wake]:
        """List the timers that ring, the earliest first."""
        ...

    async def next_wake(self) -> datetime | None:
        """Tell when the next timer rings."""
        ...


class PeopleStore(Protocol):
    """What the console needs."""

    async def person(self, msisdn: str) -> Snapshot | None:
        """Return what we know of a person."""
        ...

    async def timeline(self, msisdn: str, number: str | None = None) -> list[Values]:
        """List a person's messages, oldest first."""
        ...

    async def ledger(self, msisdn: str) -> list[LedgerRow]:
        """Return a person's chain of consent."""
        ...

    async def timers(self, msisdn: str) -> list[Wake]:
        """Return a person's timers."""
        ...

    async def states(self) -> dict[str, dict[str, int]]:
        """Count people by program and state."""
        ...

    async def traffic(self, numbers: Sequence[str]) -> dict[str, tuple[datetime | None, datetime | None]]:
        """Tell when each number last got an MO and last made an MT."""
        ...

    async def unread(self, most: int) -> tuple[int, list[Values]]:
        """Count and list the texts that wait for a person."""
        ...

    async def leavings(self, since: datetime) -> tuple[int, list[tuple[str, str, int]]]:
        """Count who left since then, and the reasons as (program, reason, count)."""
        ...

    async def backlog(self, now: datetime) -> Backlog:
        """Tell how the outbox stands."""
        ...


class CatalogStore(Protocol):
    """What keeps servers on one version of keywords.yaml."""

    @property
    def shared(self) -> bool:
        """Tell whether other servers may use the same database."""
        ...

    async def keep_catalog(self, digest: str, source: str, at: datetime) -> None:
        """Keep a version of keywords.yaml, which is in force from now on."""
        ...

    async def knows_catalog(self, digest: str) -> bool:
        """Tell whether a version was ever in force."""
        ...

    async def digest_in_force(self) -> str | None:
        """Name the version that a server put in force last."""
        ...

    async def catalog_source(self, digest: str) -> str | None:
        """Return the text of a version."""
        ...


class UpkeepStore(Protocol):
    """What dropping texts needs. Each step looks at the next `most` rows after a place."""

    async def drop_messages(self, before: datetime, after: Place | None, most: int) -> Strip:
        """Drop the texts and traces of messages older than `before`."""
        ...

    async def drop_answers(self, before: datetime, after: Place | None, most: int) -> Strip:
        """Drop people's own words from rows of the consent ledger older than `before`."""
        ...

    async def drop_failures(self, before: datetime) -> int:
        """Drop messages whose turn raised before then."""
        ...

    async def record_drop(self, at: datetime, dropped: int) -> None:
        """Note how many texts were dropped."""
        ...


class Store(TurnStore, OutboxStore, ReportStore, WakeStore, PeopleStore, CatalogStore, UpkeepStore, Protocol):
    """All of it, and its life."""

    async def open(self, *, may_migrate: bool = True) -> list[str]:
        """Open the database; raise Unavailable with what to do."""
        ...

    async def close(self) -> None:
        """Finish what is queued and close."""
        ...

    async def probe(self) -> None:
        """Raise Unavailable unless the database takes writes."""
        ...


class Sent(Protocol):
    """What a provider answers when it took an MT."""

    @property
    def ref(self) -> str | None:
        """Its name for the MT."""
        ...


class Sender(Protocol):
    """What the outbox needs of a provider."""

    @property
    def can_send(self) -> bool:
        """Tell whether it has what it needs."""
        ...

    async def send(self, mt: MT) -> Sent:
        """Hand an MT over, or raise SendError."""
        ...
