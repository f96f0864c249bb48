"""keywords.yaml is saved again and again under load, good and broken: no message is lost, each turn has one version."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from command_line import KEYWORDS, TOKEN, serving, write
from faults.crowds import ask, complaints, connections, mo
from faults.stage import person

from bot.core.catalog import Catalog
from bot.service.reload import Keywords

pytestmark = pytest.mark.slow

CALLERS = 8
BROKEN = {
    "a keyword that is a word of STOP": KEYWORDS.replace("[CLUB]", "[STOP]").encode(),
    "no YAML": b"version: 1\nnumbers: {",
    "nothing": b"",
    "no UTF-8": KEYWORDS.encode("utf-16"),
    "only its beginning": KEYWORDS[: KEYWORDS.index("programs:")].encode(),
}


def version(number: int) -> bytes:
    """Write a good file; it says which one it is to whoever texts VERSION."""
    return f"{KEYWORDS}replies:\n  version: {{keywords: [VERSION], text: {{fr: V{number}, en: V{number}}}}}\n".encode()


@dataclass
class Load:
    """People who text VERSION, each once, as fast as they are answered."""

    address: str
    statuses: list[int] = field(default_factory=list)
    places: Any = field(default_factory=count)
    going: bool = True

    async def catalog(self) -> dict[str, Any]:
        """Ask what is in force."""
        async with connections(self.address, 1) as (connection,):
            _, body = await ask(connection, b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        told: dict[str, Any] = json.loads(body)["catalog"]
        return told

    async def until(self, seen: Callable[[dict[str, Any]], bool]) -> str:
        """Wait until what is in force is so; return its digest."""
        async with asyncio.timeout(20):
            while not seen(told := await self.catalog()):
                await asyncio.sleep(0.05)
        digest: str = told["digest"]
        return digest

    async def caller(self) -> None:
        """Text and text."""
        async with connections(self.address, 1) as (connection,):
            while self.going:
                place = next(self.places)
                self.statuses.append((await ask(connection, mo(f"s{place}", person(place), "version")))[0])


@asynccontextmanager
async def load(address: str) -> AsyncIterator[Load]:
    """Keep the server busy."""
    made = Load(address)
    async with asyncio.TaskGroup() as callers:
        for _ in range(CALLERS):
            callers.create_task(made.caller())
        try:
            yield made
        finally:
            made.going = False


async def _swap(path: Path, busy: Load, save: Callable[[bytes], Awaitable[None]], rounds: int) -> list[str]:
    """Save good and broken files in turn, each when the one before was seen; return the digests of the good ones."""
    digests = []
    for number, broken in zip(range(1, rounds + 1), [*BROKEN.values()] * rounds, strict=False):
        await save(broken)
        before = await busy.until(lambda told: told["stale"])
        await save(version(number))
        digests.append(await busy.until(lambda told, old=before: not told["stale"] and told["digest"] != old))  # type: ignore[misc]
    return digests


def _taken(folder: Path) -> list[tuple[str, str, str]]:
    """Tell of each message what was answered, the version that its turn cites, and that version's text."""
    query = """SELECT mt.text, json_extract(mo.trace, '$.catalog'), c.source FROM messages mo
        LEFT JOIN messages mt ON mt.msisdn = mo.msisdn AND mt.direction = 'mt'
        LEFT JOIN catalogs c ON c.digest = json_extract(mo.trace, '$.catalog') WHERE mo.direction = 'mo'"""
    with closing(sqlite3.connect(folder / "ouistop.db")) as there:
        return there.execute(query).fetchall()


@pytest.mark.parametrize("way", ["saved", "put in its place, with SIGHUP"])
async def test_every_message_is_taken_by_one_good_version_however_often_the_file_changes(tmp_path: Path, way: str):
    file = write(tmp_path, version(0).decode()) / "keywords.yaml"
    with serving(tmp_path, HTTP_TOKEN=TOKEN) as server:

        async def save(text: bytes) -> None:
            if way == "saved":
                file.write_bytes(text)
                return
            (tmp_path / "new").write_bytes(text)
            os.replace(tmp_path / "new", file)
            for _ in range(3):
                server.process.send_signal(signal.SIGHUP)

        async with load(server.address) as busy:
            first = await busy.until(lambda told: True)
            digests = [first, *await _swap(file, busy, save, len(BROKEN))]
    taken = _taken(tmp_path)

    print(f"{len(BROKEN)} broken and {len(digests) - 1} good versions, {len(taken)} MOs meanwhile")
    assert set(busy.statuses) == {200}
    assert len(taken) == len(busy.statuses)
    assert {digest for _, digest, _ in taken} == set(digests)
    assert [answer for answer, _, source in taken if f"fr: {answer}, en: {answer}" not in source] == []
    assert [line for line in complaints(tmp_path) if "keywords not reloaded" not in line] == []


async def test_a_file_put_back_as_it_was_after_it_could_not_be_read_is_stale_no_more(tmp_path: Path):
    file = write(tmp_path, KEYWORDS) / "keywords.yaml"
    keywords, put = Keywords(file, ("http",)), []

    async def changed(catalog: Catalog) -> None:
        put.append(catalog.digest)

    keywords.load()
    file.write_bytes(BROKEN["no UTF-8"])
    await keywords.reload(changed)
    broken = keywords.stale
    file.write_bytes(KEYWORDS.encode())
    await keywords.reload(changed)

    assert (broken, keywords.stale) == (True, False)
