"""What every page of ours carries and what every request to it must prove, whatever it asks for.

Rule: no page runs a script or a style that is not a file of ours, none is framed, cached or told to another site;
and nothing changes because another site asked for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aiohttp import web

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": with it a browser sends "Origin: null" for our own forms, and we could not tell them apart.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")


@dataclass(frozen=True, slots=True)
class Access:
    """Who may see the pages.

    `open`: everybody who sits at this machine (the server is bound to loopback and no provider is connected); else
    a sign-in with `admin_token` is needed, and without one nobody gets in. Without `secret_key` a random one is made,
    which signs everybody out at a restart. `public_url` is where the world finds us: https makes the cookie Secure.
    `behind_proxy`: a reverse proxy of ours writes X-Forwarded-For; without one, that header is a stranger's word.
    """

    open: bool
    admin_token: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    public_url: str | None = None
    behind_proxy: bool = False
    clock: Callable[[], float] = field(default=time.time, repr=False)

    @property
    def secure(self) -> bool:
        """Tell whether cookies may travel over https only."""
        return (self.public_url or "").lower().startswith("https://")


def is_local(request: web.Request) -> bool:
    """Tell whether this request was made on this machine, by its name for itself.

    The Host is checked because a site somewhere can let its own name point to 127.0.0.1 (DNS rebinding) and would
    then read us as itself; the forwarding headers because behind a proxy everybody comes from 127.0.0.1.
    """
    if any(name in request.headers for name in _FORWARDED):
        return False
    return _hostname(request.host) in _LOCAL


def is_same_origin(request: web.Request, access: Access) -> bool:
    """Tell whether a page of ours made this request (or no page at all, as with curl).

    Browsers say so in Sec-Fetch-Site where the connection is trustworthy, else in Origin. "null" there is a page that
    hides where it comes from: on this machine that counts as foreign, elsewhere the CSRF token decides.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    if origin == "null":
        return not access.open
    ours = {request.host.lower(), _netloc(access.public_url or "")} - {""}
    return _netloc(origin) in ours


def client_address(request: web.Request, access: Access) -> str:
    """Return whom a sign-in comes from: behind a proxy of ours, the last address that proxy wrote down."""
    forwarded = request.headers.getall("X-Forwarded-For", [])
    if access.behind_proxy and forwarded:
        return forwarded[-1].rpartition(",")[2].strip()
    return request.remote or ""


def _hostname(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _netloc(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
