"""What `ouistop doctor` looks at, each check a function that yields what it found.

Rule: a failure is what keeps a text from being answered now; a warning works and is unwise, or waits for somebody.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from bot.commands.looking import looking
from bot.commands.terminal import count, moment
from bot.core.catalog import Catalog
from bot.core.errors import ConfigError, Unavailable
from bot.core.loading import load_catalog
from bot.core.options import without_password
from bot.core.problems import Level
from bot.providers import REGISTRY, build_providers, connected
from bot.providers.calling import open_session
from bot.providers.contract import Provider, webhook_path
from bot.service.reload import read_keywords
from bot.settings import Settings, advice
from bot.store.migrate import HEAD
from bot.store.store import Store

OK, WARN, FAIL = "ok", "warn", "fail"

LITTLE_SPACE = 200 * 1024 * 1024  # bytes
LONG_WAIT = timedelta(minutes=10)
FIRST_YEAR = 2025  # a machine without a clock of its own wakes up in 1970
LISTED = 1000
SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `mend`: what to do about it, "" where there is nothing to do."""

    level: str
    about: str
    told: str
    mend: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return the plain values, for JSON."""
        return asdict(self)


async def examine(settings: Settings, now: datetime | None = None) -> list[Finding]:
    """Look at everything, in the order in which it is needed."""
    now = now or datetime.now(UTC)
    findings = [Finding(WARN, "settings", told) for told in advice(settings)] or [
        Finding(OK, "settings", "nothing unwise")
    ]
    catalog, told = keywords(settings)
    findings += [*told, *clock(settings, now)]
    async with open_session() as session:
        known = build_providers(settings.providers, session)
        findings += access(settings, connected(known))
        if catalog:
            findings += providers(settings, catalog, known)
    return findings + [found async for found in database(settings, catalog, now)]


def keywords(settings: Settings) -> tuple[Catalog | None, list[Finding]]:
    """Look whether keywords.yaml can be used."""
    path = Path(settings.keywords)
    try:
        loaded = load_catalog(read_keywords(path), path.name, tuple(REGISTRY))
    except ConfigError as error:
        return None, [Finding(FAIL, "keywords", problem) for problem in error.problems]
    levels = {Level.ERROR: FAIL, Level.WARNING: WARN}
    told = [Finding(levels[problem.level], "keywords", str(problem)) for problem in loaded.problems]
    if loaded.catalog and not told:
        known = loaded.catalog
        sizes = f"{count(len(known.numbers), 'number')}, {count(len(known.programs), 'program')}"
        told = [Finding(OK, "keywords", f"{path}, version {known.digest}: {sizes}")]
    return loaded.catalog, told


def clock(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Look whether the time may be right: consent is dated by it."""
    if now.year < FIRST_YEAR:
        yield Finding(FAIL, "clock", f"it is {moment(now)} here", "set the clock, and let it be kept by NTP")
        return
    yield Finding(OK, "clock", f"it is {moment(now)} here")
    path = Path(settings.keywords)
    if path.exists() and datetime.fromtimestamp(path.stat().st_mtime, UTC) > now + timedelta(minutes=5):
        yield Finding(WARN, "clock", f"{path} was saved in the future", "look whether the clock is behind")


def access(settings: Settings, reaching: tuple[str, ...]) -> Iterator[Finding]:
    """Look whether somebody can sign in, and only somebody who may."""
    if settings.is_local and not reaching:
        yield Finding(OK, "console", "only this machine can reach it")
    elif not settings.admin_token:
        yield Finding(WARN, "console", "nobody can sign in", "set ADMIN_TOKEN (`openssl rand -hex 32` makes one)")
    else:
        yield Finding(OK, "console", "sign-in with ADMIN_TOKEN")
        if not settings.secret_key:
            yield Finding(WARN, "console", "every restart signs everybody out", "set SECRET_KEY")
    public = urlsplit(settings.public_url)
    if public.scheme == "http" and not settings.is_local:
        yield Finding(WARN, "console", "PUBLIC_URL is not https: texts and tokens travel openly", "serve it over https")


def providers(settings: Settings, catalog: Catalog, known: Mapping[str, Provider]) -> Iterator[Finding]:
    """Look whether each number's provider is connected, and tell what is to be entered there."""
    used = [number.provider for number in catalog.numbers.values()]
    for name in dict.fromkeys((*used, *connected(known))):
        provider = known[name]
        if not provider.reaches_handsets:
            yield Finding(OK, name, "texts on its numbers reach nobody: it is for trying")
            continue
        if provider.missing:
            mend = f"set {', '.join(provider.missing)}"
            yield Finding(FAIL, name, "keywords.yaml has numbers with it, and it is not connected", mend)
            continue
        if name not in used:
            yield Finding(WARN, name, "it is connected, and no number is with it", "name it as a number's provider")
        if not provider.can_send:
            yield Finding(WARN, name, "it can receive and not send", "set the URL that takes texts")
        if not settings.public_url:
            yield Finding(WARN, name, "nobody knows under which address it calls", "set PUBLIC_URL")
            continue
        yield Finding(OK, name, f"enter there, for messages: {settings.public_url}{webhook_path(name, 'mo')}")
        yield Finding(OK, name, f"enter there, for reports:  {settings.public_url}{webhook_path(name, 'dlr')}")


async def database(settings: Settings, catalog: Catalog | None, now: datetime) -> AsyncIterator[Finding]:
    """Look whether the database takes writes, and at what waits in it."""
    path = Path(settings.database_url.removeprefix(SQLITE)) if settings.database_url.startswith(SQLITE) else None
    if path and (absent := _absent(path)):
        yield absent
        return
    where = str(path or without_password(settings.database_url))
    try:
        async with looking(settings) as store:
            await store.probe()
            size = f", {_size(path) / 1_000_000:,.1f} MB" if path else ""
            yield Finding(OK, "database", f"{where} takes writes, step {HEAD}{size}")
            for found in (*_disk(path), *await _waiting(store, catalog, now)):
                yield found
    except (ConfigError, Unavailable) as error:
        yield Finding(FAIL, "database", str(error))


def _absent(path: Path) -> Finding | None:
    if path.exists():
        return None
    if os.access(path.parent, os.W_OK):
        return Finding(WARN, "database", f"{path} is not there yet", "`ouistop serve` makes it")
    return Finding(FAIL, "database", f"{path} is not there, and cannot be made", f"let {path.parent} be written to")


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*"))


def _disk(path: Path | None) -> Iterator[Finding]:
    """Look whether there is room on the disk of a SQLite file; PostgreSQL's is not ours to measure."""
    free = shutil.disk_usage(path.parent).free if path else LITTLE_SPACE
    if free < LITTLE_SPACE:
        yield Finding(WARN, "database", f"{free // 1_000_000} MB are free on its disk", "make room")


async def _waiting(store: Store, catalog: Catalog | None, now: datetime) -> list[Finding]:
    """Look at the traffic, and at what waits."""
    found = []
    for number, (mo, mt) in (await store.traffic(list(catalog.numbers) if catalog else [])).items():
        found.append(Finding(OK, number, f"last text from somebody: {moment(mo)}; last to somebody: {moment(mt)}"))
        if mo and mo > now + timedelta(minutes=5):
            found.append(Finding(WARN, number, "it had a text in the future", "look whether the clock is behind"))
    backlog = await store.backlog(now)
    late = backlog.oldest_at is not None and now - backlog.oldest_at > LONG_WAIT
    since = f", one since {moment(backlog.oldest_at)}" if backlog.oldest_at else ""
    told = f"{count(backlog.depth, 'text')} waiting to be sent{since}"
    found.append(_counted(late, "outbox", told, "look whether the server runs, and in its log why they do not go"))
    unread, _ = await store.unread(1)
    told = f"{count(unread, 'text')} that nobody understood"
    found.append(_counted(unread, "unread", told, "read them on the console"))
    failed = len(await store.failed(LISTED))
    told = f"{'at least ' if failed == LISTED else ''}{count(failed, 'turn')} failed, each a bug of ours"
    found.append(_counted(failed, "failed", told, "report the traceback, which the log has") if failed else
                 Finding(OK, "failed", "no turn failed"))  # fmt: skip
    return found


def _counted(bad: int, about: str, told: str, mend: str) -> Finding:
    return Finding(WARN, about, told, mend) if bad else Finding(OK, about, told)
