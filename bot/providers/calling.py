"""How we call a provider: one POST with time limits, and what an HTTP status means for an MT, in one place.

Rule: nothing a provider answers is repeated in an error, and no exception of the client is chained to one: a debug
page echoes our credentials, and a URL may hold a password.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorSSLError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
)

from bot.core.errors import Misconfigured, Rejected, SendError, Throttled, Unreachable
from bot.core.messages import MT

# A send holds its MT's lease: keep leases longer than `total`. How many connections there are, the outbox's places say.
TIME_LIMITS = ClientTimeout(total=20, sock_connect=5, sock_read=15)
LONGEST_ANSWER = 65_536
LONGEST_WAIT = 86_400.0


def open_session(limits: ClientTimeout = TIME_LIMITS) -> ClientSession:
    """Open the one session all providers share; whoever opens it closes it."""
    return ClientSession(
        timeout=limits,
        connector=TCPConnector(limit=0),
        cookie_jar=DummyCookieJar(),
        headers={"User-Agent": "ouistop"},
    )


@dataclass(frozen=True, slots=True)
class Reply:
    """What a provider answered; `after` is its Retry-After in seconds."""

    status: int
    body: bytes
    after: float | None

    @property
    def is_success(self) -> bool:
        """Tell whether the status is any 2xx."""
        return 200 <= self.status < 300


async def post(session: ClientSession, url: str, body: bytes, headers: Mapping[str, str], who: str) -> Reply:
    """POST once and read the answer, or raise Unreachable. `who` names the other side for people."""
    try:
        # A redirect is not followed: it would carry our credentials elsewhere, and turn the POST into a GET.
        async with session.post(url, data=body, headers=headers, allow_redirects=False) as response:
            return Reply(response.status, await _body(response), _retry_after(response.headers))
    except TimeoutError:
        raise Unreachable(f"{who} did not answer in time") from None
    except (ClientConnectorCertificateError, ClientConnectorSSLError) as error:
        raise Misconfigured(f"{who} has no valid certificate ({type(error).__name__})") from None
    except ValueError:
        raise Misconfigured(f"{who} has a URL or a token that cannot be used") from None
    except (ClientError, OSError) as error:
        raise Unreachable(f"{who} could not be reached ({type(error).__name__})") from None


def refusal(reply: Reply, who: str) -> SendError:
    """Make the error for an answer that is no 2xx and says nothing better itself."""
    status, code = reply.status, str(reply.status)
    if status == 429:
        return Throttled(f"{who} says we are too fast (429)", after=reply.after, code=code)
    if status >= 500 or status == 408:
        return Unreachable(f"{who} has a fault of its own ({status})", code=code)
    if status in (401, 403):
        return Misconfigured(f"{who} does not accept our credentials ({status})", code=code)
    if status < 400:
        return Misconfigured(f"{who} answers with a redirect ({status}): set its URL to where that leads", code=code)
    return Rejected(f"{who} refuses this text ({status})", code=code)


def check_text(mt: MT) -> None:
    """Raise Rejected for a text that no provider can carry: half a surrogate pair has no bytes."""
    try:
        mt.text.encode()
    except UnicodeEncodeError:
        raise Rejected("the text has half of a character in it (a lone surrogate)", code="text") from None


async def _body(response: ClientResponse) -> bytes:
    # The status has said whether the MT was taken: a body that breaks off must not send it a second time.
    chunks = bytearray()
    try:
        async for chunk in response.content.iter_any():
            chunks += chunk
            if len(chunks) > LONGEST_ANSWER:
                return b""
    except (TimeoutError, ClientError, OSError):
        return b""
    return bytes(chunks)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_WAIT)
    try:
        # A date counts from the provider's own clock, as its Date header tells it.
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError):  # a date without its zone cannot be subtracted from one that has it
        return None
    return min(max(wait.total_seconds(), 0.0), LONGEST_WAIT)
