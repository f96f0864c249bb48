"""Servers that share one database answer from one version of keywords.yaml: the one that was put in force last, by any.

A server whose own file is new puts it in force; one whose file was in force before and no longer is takes the newer
version from the database, and `/readyz` says so. Rule: a version that this server cannot use leaves its last good one
standing.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from bot.core.catalog import Catalog
from bot.core.errors import Unavailable
from bot.service.ports import CatalogStore, Clock
from bot.service.reload import Changed, Keywords

log = structlog.get_logger()

LOOK_EVERY = 1.0  # seconds


class Edition:
    """Looks at what is in force, and follows."""

    def __init__(self, store: CatalogStore, keywords: Keywords, clock: Clock, adopted: Changed) -> None:
        self._store = store
        self._keywords = keywords
        self._clock = clock
        self._adopted = adopted
        self._refused: str | None = None
        self._stop = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Agree with the others before the first message, then go on looking."""
        mine = self._keywords.catalog()
        if not self._store.shared or not await self._store.knows_catalog(mine.digest):
            await self.put(mine)
        if self._store.shared:
            await self._look()
            self._loop = asyncio.create_task(self._run(), name="edition")

    async def close(self) -> None:
        """Stop looking."""
        self._stop.set()
        if self._loop:
            await self._loop

    async def put(self, catalog: Catalog) -> None:
        """Put a version in force, for all."""
        await self._store.keep_catalog(catalog.digest, catalog.source, self._clock())

    async def _run(self) -> None:
        while not self._stop.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._stop.wait()
            try:
                await self._look()
            except Unavailable as error:
                log.warning("cannot see which keywords.yaml is in force", why=str(error))
            except Exception:  # a bug of ours, and the next version must be seen all the same
                log.exception("following keywords.yaml failed")

    async def _look(self) -> None:
        digest = await self._store.digest_in_force()
        if digest is None or digest in (self._keywords.catalog().digest, self._refused):
            return
        source = await self._store.catalog_source(digest)
        if source is not None and not await self._keywords.adopt(source, self._adopted):
            self._refused = digest
