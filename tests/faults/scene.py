"""A whole scene to do harm in: a crowd, the gateway, servers on one database, and the reckoning at the end."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sized
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientSession
from books import Books
from crowd import KEYWORDS, LONGEST, TOKEN, Crowd, Diary, Gateway
from nodes import Node, nursery
from reckoning import Kill, Reckoning

STILL = 0.05  # seconds in which everything a dead server has sent is read


class Scene:
    """What stands in it, and the kills so far."""

    def __init__(self, nodes: list[Node], books: Books, crowd: Crowd, diary: Diary) -> None:
        self.nodes = nodes
        self.books = books
        self.crowd = crowd
        self.diary = diary
        self.kills: list[Kill] = []

    async def kill(self, node: Node, what: str) -> None:
        """Kill a node's "server", its "writer" or "both", note what was unsettled, and start it again."""
        await node.kill(what)
        await asyncio.sleep(STILL)
        unsettled = await self.books.unsettled()
        self.kills.append(Kill(self.diary.now(), self.nodes.index(node), unsettled))
        node.start()

    async def served(self) -> None:
        """Wait until one more text is acknowledged."""
        await _more(self.diary.acked)

    async def sent(self) -> None:
        """Wait until one more MT has arrived."""
        await _more(self.diary.arrived)

    async def end(self) -> Reckoning:
        """Let everybody finish and every MT leave, stop the nodes, and add up."""
        await self.crowd.finish()
        if self.books.shared:  # what was claimed and nobody knows of leaves when its lease is over
            for node in self.nodes:
                await node.stop()
            await self.books.let_leases_end()
            for node in self.nodes:
                node.start()
        async with asyncio.timeout(90):
            while await self.books.queued():
                await asyncio.sleep(0.2)
        for node in self.nodes:
            await node.stop()
        log = "".join(node.log.read_text("utf-8") for node in self.nodes)
        return Reckoning(self.crowd, self.diary, await self.books.kept(), log, self.kills)


async def _more(than: Sized) -> None:
    before = len(than)
    async with asyncio.timeout(60):
        while len(than) == before:
            await asyncio.sleep(0.005)


@asynccontextmanager
async def scene(folder: Path, url: str, chance: random.Random, nodes: int = 1) -> AsyncIterator[Scene]:
    """Open one; the database a URL names need not be in the folder."""
    diary = Diary()
    gateway = Gateway(diary, chance)
    await gateway.server.start_server()
    (folder / "keywords.yaml").write_text(KEYWORDS, "utf-8")
    environ = {"DATABASE_URL": url, "HTTP_TOKEN": TOKEN, "LOG_LEVEL": "warning"}
    with nursery(folder / "keywords.yaml") as born:
        urls = [gateway.url(node) for node in range(nodes)]
        servers = [Node(born, folder, {**environ, "HTTP_SEND_URL": send_url}) for send_url in urls]
        crowd = Crowd([node.address for node in servers], diary, chance)
        try:
            async with ClientSession(timeout=LONGEST) as session:
                for node in servers:
                    node.start()
                crowd.start(session)
                yield Scene(servers, Books(url), crowd, diary)
        finally:
            crowd.leave()
            await gateway.server.close()
