"""The catalog in force, and how a new one takes its place: on save and on SIGHUP, aside, then swapped whole.

Rule: a file with errors never replaces a good one. The log, the console and `/readyz` tell of it; the server goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from pathlib import Path

import structlog

from bot.core.catalog import Catalog
from bot.core.errors import ConfigError, Unavailable
from bot.core.loading import load_catalog
from bot.core.problems import Problem

log = structlog.get_logger()

LARGEST = 4 * 1024 * 1024  # bytes
LOOK_EVERY = 0.2  # seconds

Changed = Callable[[Catalog], Awaitable[None]]


class Keywords:
    """keywords.yaml as it is in force, and what is wrong with the file as it stands."""

    def __init__(self, path: Path, providers: Collection[str]) -> None:
        self.path = path
        self.problems: tuple[Problem, ...] = ()
        self.stale = False
        self.older = False
        """Another server has put a newer version in force, and it is that which counts here."""
        self._providers = providers
        self._catalog: Catalog | None = None
        self._seen: bytes | None = None
        self._watch: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._again = asyncio.Lock()

    def catalog(self) -> Catalog:
        """Return the catalog in force."""
        if self._catalog is None:
            raise ConfigError([f"{self.path} has not been read"])
        return self._catalog

    def load(self) -> None:
        """Read the file at the start; raise ConfigError with every problem if it cannot be used."""
        source = read_keywords(self.path)
        loaded = load_catalog(source, self.path.name, self._providers)
        if loaded.catalog is None:
            raise ConfigError([str(problem) for problem in loaded.problems])
        self._catalog, self.problems, self._seen = loaded.catalog, loaded.problems, source.encode()

    def watch(self, changed: Changed) -> None:
        """Look at the file whenever it is saved."""
        self._watch = asyncio.create_task(self._run(changed), name="keywords")

    async def close(self) -> None:
        """Stop looking."""
        self._stop.set()
        if self._watch:
            await self._watch

    async def reload(self, changed: Changed) -> bool:
        """Read the file again; return whether a new catalog is in force."""
        async with self._again:
            try:
                source = await asyncio.to_thread(read_keywords, self.path)
            except ConfigError as error:
                self.stale, self._seen = True, None  # put back as it was, it must be read again to be good again
                log.error("keywords not reloaded, the last good file stays", problems=list(error.problems))
                return False
            if source.encode() == self._seen:
                return False
            self._seen = source.encode()
            loaded = await asyncio.to_thread(load_catalog, source, self.path.name, self._providers)
            self.problems = loaded.problems
            self.stale = loaded.catalog is None
            if loaded.catalog is None:
                log.error("keywords not reloaded, the last good file stays", problems=[str(p) for p in self.problems])
                return False
            before, self._catalog, self.older = self.catalog().digest, loaded.catalog, False
            log.info("keywords reloaded", before=before, now=loaded.catalog.digest, warnings=len(self.problems))
            await changed(loaded.catalog)
            return True

    async def adopt(self, source: str, changed: Changed) -> bool:
        """Put the version of another server in force here; return False if it cannot be used."""
        async with self._again:
            loaded = await asyncio.to_thread(load_catalog, source, self.path.name, self._providers)
            if loaded.catalog is None:
                log.error("another server's keywords cannot be used here", problems=[str(p) for p in loaded.problems])
                return False
            self._catalog, self.problems, self.older = loaded.catalog, loaded.problems, True
            log.info("keywords of another server are in force", digest=loaded.catalog.digest)
            await changed(loaded.catalog)
            return True

    async def _run(self, changed: Changed) -> None:
        # Looked at, not listened to: the database is often in the same folder, and would ring at every commit.
        before = seen = _signature(self.path)
        while not self._stop.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._stop.wait()
            now = _signature(self.path)
            if now == seen and now != before:  # quiet since the last look: whoever saves it has finished
                before = now
                await self._reload_safely(changed)
            seen = now

    async def _reload_safely(self, changed: Changed) -> None:
        try:
            await self.reload(changed)
        except Unavailable as error:
            log.error("keywords reloaded, and not kept in the database", why=str(error))


def _signature(path: Path) -> tuple[int, int, int]:
    """Tell a version of a file from another without reading it; an editor may put another file in its place."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return found.st_mtime_ns, found.st_size, found.st_ino


def read_keywords(path: Path) -> str:
    """Read the file as text; raise ConfigError with what to do if that cannot be done."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        told = f"{path}: cannot be read ({error.strerror}): set KEYWORDS to the path of the file"
        raise ConfigError([told]) from None
    if len(data) > LARGEST:
        raise ConfigError([f"{path}: is larger than {LARGEST // 1024 // 1024} MiB"])
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{path}:{line}: is not UTF-8: save it as UTF-8 in your editor"]) from None
