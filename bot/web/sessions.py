"""Who is signed in: a cookie we signed ourselves, and the CSRF token that belongs to it.

Rule: nothing is stored but what was ended early. A cookie says when it was made and a random name; the signature's
key is made of SECRET_KEY and ADMIN_TOKEN, so changing either signs everybody out.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections import OrderedDict
from dataclasses import dataclass

LIFETIME = 12 * 3600
_REMEMBERED = 1024


@dataclass(frozen=True, slots=True)
class Session:
    """A signed cookie that we trust: its random name and the second it was made."""

    name: str
    made_at: int


class Sessions:
    """Makes and checks the cookies of one server."""

    def __init__(self, secret: str, token: str) -> None:
        words = hashlib.sha256(token.encode()).digest()
        self._key = hmac.new(secret.encode(), b"ouistop sessions 1" + words, hashlib.sha256).digest()
        self._ended: OrderedDict[str, None] = OrderedDict()

    def cookie(self, now: float) -> str:
        """Make a cookie for a new session."""
        return self._sealed(f"{int(now)}.{secrets.token_urlsafe(18)}")

    def read(self, cookie: str, now: float) -> Session | None:
        """Return the session of a cookie, unless it is forged, over or ended."""
        made_at, _, rest = cookie.partition(".")
        name = rest.partition(".")[0]
        if not made_at.isascii() or not made_at.isdigit() or len(made_at) > 12:
            return None
        if not hmac.compare_digest(self._sealed(f"{made_at}.{name}").encode(), cookie.encode()):
            return None
        if not 0 <= now - int(made_at) < LIFETIME or name in self._ended:
            return None
        return Session(name, int(made_at))

    def end(self, session: Session) -> None:
        """Let a session be worth nothing from now on, also to somebody who copied its cookie."""
        self._ended[session.name] = None
        while len(self._ended) > _REMEMBERED:
            self._ended.popitem(last=False)

    def csrf(self, name: str) -> str:
        """Make the CSRF token that goes with this session (or with this visitor, before the sign-in)."""
        return self._mac(f"csrf {name}")

    def csrf_fits(self, name: str, token: str) -> bool:
        """Tell in constant time whether a token is the one of this session."""
        return bool(name) and hmac.compare_digest(self.csrf(name).encode(), token.encode("utf-8", "replace"))

    def _sealed(self, payload: str) -> str:
        return f"{payload}.{self._mac(f'session {payload}')}"

    def _mac(self, text: str) -> str:
        digest = hmac.new(self._key, text.encode("utf-8", "replace"), hashlib.sha256).digest()
        return urlsafe_b64encode(digest).decode().rstrip("=")
