"""A gateway that behaves as badly as it is told to: HTTP written by hand, because a server that behaves cannot."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

Text = dict[str, Any]
Behaviour = Callable[[Text, asyncio.StreamWriter], Awaitable[bool]]


class Gateway:
    """Takes texts over HTTP, from ours (JSON) and from Twilio's provider (a form), and answers by `behave`.

    `heard`: every text that came, in order. `taken`: those whose answer said 2xx.
    """

    def __init__(self) -> None:
        self.heard: list[Text] = []
        self.taken: list[Text] = []
        self.behave: Behaviour = well
        self.port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Tell where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def up(self) -> None:
        """Listen, on the port it had before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Go away: connections are refused, and those that were open break."""
        if self._server is None:
            return
        self._server.close()
        for task in [*self._open]:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    async def until(self, count: int) -> None:
        """Wait until so many texts were taken."""
        async with asyncio.timeout(20):
            while len(self.taken) < count:
                await asyncio.sleep(0.01)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while not writer.is_closing():
                    await self._one(reader, writer)
        finally:
            self._open.discard(task)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length:")[2].split("\r\n", 1)[0])
        text = _read(await reader.readexactly(length), is_json="application/json" in head)
        self.heard.append(text)
        if await self.behave(text, writer):
            self.taken.append(text)


def _read(body: bytes, *, is_json: bool) -> Text:
    if is_json:
        got: Text = json.loads(body)
        return got
    form = parse_qs(body.decode())
    return {"from": form["From"][0], "to": form["To"][0], "text": form["Body"][0]}


def answer(body: bytes = b"{}", status: str = "200 OK", **headers: str) -> bytes:
    """Write an answer."""
    named = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *named, "", ""]).encode() + body


def saying(raw: bytes, *, closes: bool = False) -> Behaviour:
    """Send these bytes, whatever came, and then perhaps close the connection."""

    async def behave(_: Text, writer: asyncio.StreamWriter) -> bool:
        writer.write(raw)
        if closes:
            writer.close()
        else:
            await writer.drain()
        return raw.startswith(b"HTTP/1.1 2")

    return behave


def late(seconds: float) -> Behaviour:
    """Answer well, and after a while: by then nobody may listen any more."""

    async def behave(text: Text, writer: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(seconds)
        return await well(text, writer)

    return behave


async def silent(_: Text, __: asyncio.StreamWriter) -> bool:
    """Keep the connection, and never answer."""
    return await asyncio.Event().wait()


async def dripping(_: Text, writer: asyncio.StreamWriter) -> bool:
    """Say 200, and never come to an end with the body."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await asyncio.sleep(0.02)


well = saying(answer(b'{"ref": "gw"}'))
