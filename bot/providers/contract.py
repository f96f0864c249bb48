"""What every provider is: the same five verbs, and the requests they speak of.

`verify` proves who calls, `parse_mo` and `parse_dlr` read the body, `ack` is the answer once the turn is on disk,
`send` hands an MT over. A provider raises only WebhookError or SendError; it never touches a database or a clock.
Each is made as `Provider(config, session)`, its config being a frozen dataclass of options in the same file.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Protocol

from multidict import MultiMapping

from bot.core.messages import DLR, MO, MT
from bot.core.options import BASE_URL, option
from bot.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """A provider's call as it came: raw bytes and the raw path, because signatures cover exactly those.

    `url` is PUBLIC_URL + the raw path and query, what the provider believes it called; `raw_path` the path and
    query alone; header names are case-insensitive (a CIMultiDict).
    """

    method: str
    url: str
    raw_path: str
    headers: MultiMapping[str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider is told: after the commit, never before."""

    body: bytes = b""
    content_type: str = "text/plain"
    status: int = 200


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took an MT; `ref` is its name for it, if it gave one."""

    ref: str | None = None


class Provider(Protocol):
    """One company, one file. `missing` names the settings it still lacks; it is *connected* when there are none.

    `reaches_handsets`: real people get its texts (all but the simulator's).
    """

    name: str
    reaches_handsets: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """Name the settings without which it cannot work."""
        ...

    @property
    def can_send(self) -> bool:
        """Tell whether `send` has what it needs."""
        ...

    def verify(self, request: Request) -> None:
        """Raise BadSignature unless the caller proves it is the provider."""
        ...

    def parse_mo(self, request: Request) -> tuple[MO, ...]:
        """Read the messages of a verified request; raise Unreadable naming the field."""
        ...

    def parse_dlr(self, request: Request) -> tuple[DLR, ...]:
        """Read the delivery reports of a verified request; raise Unreadable naming the field."""
        ...

    def ack(self, duplicates: Mapping[str, bool]) -> Answer:
        """Make the answer once everything is on disk; `duplicates` says of each MO's ref whether it had been seen."""
        ...

    async def send(self, mt: MT) -> Sent:
        """Hand an MT to the provider, or raise SendError."""
        ...


def public_url_option(*, required: bool = False) -> Any:
    """Declare PUBLIC_URL, which the server and the providers that call back both need."""
    return option(
        "PUBLIC_URL",
        BASE_URL,
        required=required,
        help="what the outside calls this server, as https://sms.example.org; signatures and call-backs rest on it",
    )


def webhook_path(provider: str, what: Literal["mo", "dlr"]) -> str:
    """Return the path a provider calls.

    >>> webhook_path("twilio", "dlr")
    '/webhooks/twilio/dlr'
    """
    return f"/webhooks/{provider}/{what}"
