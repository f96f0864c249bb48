"""The three files the pages load, read once and served from memory with their hash in the address.

Rule: an address names one content for ever, so a browser may keep it; a new content has a new address.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file."""

    body: bytes
    content_type: str
    address: str


class Assets:
    """All files of `static/`."""

    def __init__(self) -> None:
        self._files = {path.name: _asset(path) for path in FOLDER.iterdir() if path.suffix in _TYPES}

    def address(self, name: str) -> str:
        """Return where a page finds a file."""
        return self._files[name].address

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer with a file."""
        asset = self._files.get(request.match_info["name"])
        if asset is None:
            return web.Response(status=404, text="There is no such file.")
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=31536000, immutable"}
        if not asset.address.endswith(f"?v={request.query.get('v')}"):
            headers["Cache-Control"] = "no-cache"
        charset = None if asset.content_type == "image/svg+xml" else "utf-8"
        return web.Response(body=asset.body, content_type=asset.content_type, charset=charset, headers=headers)


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    version = hashlib.sha256(body).hexdigest()[:12]
    return Asset(body, _TYPES[path.suffix], f"/static/{path.name}?v={version}")
