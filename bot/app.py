"""The composition root: introduces everyone to everyone, starts them in order and stops them in the reverse order.

Rule: nothing is decided here. Whoever wants to know who talks to whom reads this file.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import structlog
from aiohttp import ClientSession, web

from bot.core.catalog import Catalog
from bot.core.errors import Unavailable
from bot.providers import REGISTRY, build_providers, connected
from bot.providers.calling import open_session
from bot.service.console import Console
from bot.service.edition import Edition
from bot.service.reload import Keywords
from bot.service.sandbox import Sandbox, utc_now
from bot.service.switchboard import Switchboard
from bot.service.upkeep import Upkeep
from bot.settings import Settings
from bot.store.connection import MEMORY
from bot.store.process import ENDED, Process
from bot.store.store import SqliteStore, Store, postgres_store
from bot.web.answers import last_resort
from bot.web.api import add_api
from bot.web.bodies import LARGEST
from bot.web.health import add_health
from bot.web.pages import setup_pages
from bot.web.security import Access
from bot.web.sockets import BACKLOG, listen, make_runner, take_files
from bot.web.webhooks import add_webhooks

log = structlog.get_logger()

Clock = Callable[[], datetime]

SQLITE = "sqlite:///"


def fork_writer(settings: Settings) -> Process | None:
    """Start the process that will write the database, where there can be one. Before there are threads."""
    if _file(settings.database_url) in (None, MEMORY) or not hasattr(os, "fork"):
        return None
    _spare_the_collector()  # for both: a collection in either would copy the memory they share
    return Process.fork()


def make_store(database_url: str, writer: Process | None = None, *, alone: bool = False) -> Store:
    """Make the store that DATABASE_URL names; raise ConfigError if it cannot be used.

    `alone`: for work during which nobody else may use the database.
    """
    path = _file(database_url)
    return postgres_store(database_url, alone=alone) if path is None else SqliteStore(path, writer, alone=alone)


def _file(database_url: str) -> str | None:
    """Return the SQLite file that DATABASE_URL names, MEMORY for one in memory; None if it names none."""
    return (database_url.removeprefix(SQLITE) or MEMORY) if database_url.startswith(SQLITE) else None


class House:
    """Everything that runs in one process, apart from the web server itself."""

    def __init__(
        self, settings: Settings, session: ClientSession, clock: Clock = utc_now, writer: Process | None = None
    ) -> None:
        self.settings = settings
        self.providers = build_providers(settings.providers, session)
        self.keywords = Keywords(Path(settings.keywords), tuple(REGISTRY))
        store = make_store(settings.database_url, writer)
        self.board = Switchboard(store, self.providers, self.keywords.catalog, clock)
        self.sandbox = Sandbox(SqliteStore, self.providers["simulator"], self.keywords, clock)
        self.console = Console(
            self.board.store, self.board.inbox, self.keywords, clock, lambda: connected(self.providers)
        )
        self.upkeep = Upkeep(store, clock, settings.retention_days)
        self.edition = Edition(store, self.keywords, clock, self._warm)
        self._warms = False
        self.access = Access(
            open=settings.is_local and not connected(self.providers),
            admin_token=settings.admin_token or None,
            secret_key=settings.secret_key or None,
            public_url=settings.public_url or None,
            behind_proxy=settings.behind_proxy,
        )

    async def start(self) -> None:
        """Read the file, open the database, begin to work; raise ConfigError or Unavailable with what to do."""
        self.keywords.load()
        for problem in self.keywords.problems:
            log.warning("keywords", problem=str(problem))
        await self.board.store.open()
        await self.board.take_over()  # from a process that died, where no other server can hold its leases
        await self.edition.start()
        await self.sandbox.start()
        self.board.start()
        self.upkeep.start()
        self.keywords.watch(self._keep_catalog)

    async def stop(self) -> None:
        """Finish what is in hand, give back leases, close the database."""
        await self.keywords.close()
        await self.edition.close()
        await self.upkeep.close()
        await self.board.close()
        with contextlib.suppress(Exception):
            await self.board.store.release()
        await self.board.store.close()
        await self.sandbox.close()

    async def reload(self) -> None:
        """Read keywords.yaml again (SIGHUP)."""
        await self.keywords.reload(self._keep_catalog)

    async def _keep_catalog(self, catalog: Catalog) -> None:
        await self.edition.put(catalog)
        await self._warm(catalog)

    async def _warm(self, catalog: Catalog) -> None:
        if self._warms:
            await self.board.store.warm(catalog)

    async def warm(self) -> None:
        """Compile the words now, and from now on with every reload, not when the first message needs them."""
        self._warms = True
        with contextlib.suppress(Unavailable):
            await self.board.store.warm(self.keywords.catalog())


@asynccontextmanager
async def opened(settings: Settings, clock: Clock = utc_now, writer: Process | None = None) -> AsyncIterator[House]:
    """Run the house without a web server around it: for commands."""
    async with open_session() as session:
        house = House(settings, session, clock, writer)
        try:
            await house.start()
            yield house
        finally:
            await house.stop()


def make_web(house: House) -> web.Application:
    """Make the web server's application for a house that is started."""
    app = web.Application(middlewares=[last_resort], client_max_size=LARGEST)
    add_webhooks(app, house.providers, house.board, house.settings.public_url)
    add_health(app, house.board, house.keywords)
    add_api(app, house.board, house.console, house.access)
    setup_pages(app, sandbox=house.sandbox, console=house.console, access=house.access)
    return app


async def serve(settings: Settings, ready: Callable[[House, str], None], writer: Process | None = None) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reads keywords.yaml again. `ready` hears the address once all is up.

    Raise Unavailable if the process that writes has ended by itself.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    take_files()
    # Listening first: a second server started by mistake must not open the database and take the first one's leases.
    with listen(settings.host, settings.port) as listening:
        async with opened(settings, writer=writer) as house:
            _reload_on_hangup(house)
            runner = make_runner(make_web(house))
            await runner.setup()
            try:
                await web.SockSite(runner, listening, backlog=BACKLOG).start()
                host, port = runner.addresses[0][:2]
                _spare_the_collector()
                ready(house, f"http://{f'[{host}]' if ':' in host else host}:{port}/")
                await house.warm()
                await _until(stop, writer)
                log.info("stopping")
            finally:
                ending = asyncio.create_task(house.board.outbox.close())  # at one time: whoever waits kills us soon
                await runner.cleanup()
                await ending


async def _until(stop: asyncio.Event, writer: Process | None) -> None:
    """Wait until this server is told to stop, or must because the process that writes is gone."""
    waits = {asyncio.create_task(stop.wait())} | ({asyncio.create_task(writer.lost())} if writer else set())
    _, still = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in still:
        wait.cancel()
    if not stop.is_set():
        raise Unavailable(f"{ENDED}: start the server again")


def _reload_on_hangup(house: House) -> None:
    reloads: set[asyncio.Task[None]] = set()

    def reload() -> None:
        task = asyncio.ensure_future(house.reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload)


def _spare_the_collector() -> None:
    """Let the garbage collector pass over what stays for ever (the words, the statements), and look less often: a turn
    makes many small values and next to no cycles, and looking for those was a tenth of the work."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
