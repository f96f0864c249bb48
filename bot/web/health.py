"""For machines that watch: is it alive, is it ready, what does it count.

Rule: a keywords.yaml with errors leaves the server ready, since the last good one is in force; the body says so, and
whether this file is older than the version that the servers on one database have agreed on.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from aiohttp import web

from bot.core.errors import Unavailable
from bot.service.reload import Keywords
from bot.service.switchboard import Switchboard
from bot.web.answers import json_answer

PROBE_EVERY = 1.0  # seconds: whoever asks more often gets the last answer
MOST_PROBLEMS = 20


def add_health(app: web.Application, board: Switchboard, keywords: Keywords) -> None:
    """Add the routes."""
    health = Health(board, keywords)
    app.router.add_get("/healthz", health.live)
    app.router.add_get("/readyz", health.ready)
    app.router.add_get("/metrics", health.metrics)


class Health:
    """The three handlers."""

    def __init__(self, board: Switchboard, keywords: Keywords) -> None:
        self._board = board
        self._keywords = keywords
        self._probing = asyncio.Lock()
        self._probed_at = float("-inf")
        self._fault: str | None = None

    async def live(self, _request: web.Request) -> web.Response:
        """Answer at all."""
        return web.Response(text="ok\n")

    async def ready(self, _request: web.Request) -> web.Response:
        """Tell whether messages can be taken: the database takes writes, and a catalog is in force."""
        fault = await self._database_fault()
        keywords, catalog = self._keywords, self._keywords.catalog()
        values: dict[str, Any] = {
            "ready": fault is None,
            "database": fault or "ok",
            "catalog": {
                "digest": catalog.digest,
                "file": catalog.file,
                "stale": keywords.stale,
                "older": keywords.older,
                "problems": [str(problem) for problem in keywords.problems[:MOST_PROBLEMS]],
            },
        }
        return json_answer(values, 200 if fault is None else 503)

    async def metrics(self, _request: web.Request) -> web.Response:
        """Write all meters in Prometheus's text format."""
        meters = self._board.meters
        meters.catalog_stale.set(self._keywords.stale)
        try:
            now = self._board.clock()
            backlog = await self._board.store.backlog(now)
            meters.depth.set(backlog.depth)
            meters.oldest.set((now - backlog.oldest_at).total_seconds() if backlog.oldest_at else 0)
        except Unavailable:
            meters.depth.set(float("nan"))
            meters.oldest.set(float("nan"))
        return web.Response(body=meters.text(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def _database_fault(self) -> str | None:
        async with self._probing:
            if time.monotonic() - self._probed_at > PROBE_EVERY:
                try:
                    await self._board.store.probe()
                    self._fault = None
                except Unavailable as error:
                    self._fault = str(error)
                self._probed_at = time.monotonic()
            return self._fault
