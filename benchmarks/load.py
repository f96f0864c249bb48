"""A load of MOs over plain sockets: many connections, each sending its next request when the last was answered.

Written on asyncio's transports, because a full HTTP client would cost more than the server it measures. A server that
closes its connections after each answer gets a new one for each request.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

NEEDED = b"http/1.1 200"
CLOSES = b"\r\nconnection: close"


@dataclass
class Result:
    """What a load saw. Latencies in seconds; `cpu`, the server's seconds of CPU for one answer."""

    seconds: float = 0.0
    answered: int = 0
    refused: int = 0
    cpu: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Return answers a second."""
        return self.answered / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency that this share of the answers did not exceed, in seconds."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


class _Connection(asyncio.Protocol):
    """One connection: a request is answered when its headers and its body, of Content-Length, are there."""

    def __init__(self, port: int, result: Result, requests: Iterator[bytes], until: Callable[[], bool]) -> None:
        self._port = port
        self._result = result
        self._requests = requests
        self._until = until
        self._buffer = b""
        self._sent_at = 0.0
        self._must_close = False
        self._again: asyncio.Task[None] | None = None
        self.done = asyncio.get_running_loop().create_future()
        self.idle = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    async def connect(self) -> None:
        """Open it, or open it again."""
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._port)

    def send(self, due_at: float | None = None) -> None:
        """Send the next request; its latency counts from `due_at`, or from now. With none left, end."""
        request = next(self._requests, None)
        if request is None:
            self.finish()
            return
        self.idle = False
        self._sent_at = due_at if due_at is not None else time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, split, body = self._buffer.partition(b"\r\n\r\n")
        if not split:
            return
        head = head.lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(body) < length:
            return
        self._buffer = body[length:]
        self._result.latencies.append(time.perf_counter() - self._sent_at)
        if head.startswith(NEEDED):
            self._result.answered += 1
        else:
            self._result.refused += 1
        self.idle = True
        if self._until():
            self.finish()
        elif CLOSES in head:
            self._must_close = True
            self.transport.close()
        else:
            self.next()

    def next(self) -> None:
        """Go on at once: a closed loop."""
        self.send()

    def finish(self) -> None:
        """End this connection."""
        if not self.done.done():
            self.done.set_result(None)
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._must_close and not self.done.done():
            self._must_close = False
            self._again = asyncio.create_task(self._reconnect())
        elif not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed the connection"))

    async def _reconnect(self) -> None:
        await self.connect()
        self.next()


class _Paced(_Connection):
    """Waits to be told when its next request is due: an open loop."""

    def next(self) -> None:
        """Wait for the pacer."""


async def closed_loop(ports: Sequence[int], requests: Iterator[bytes], connections: int, seconds: float) -> Result:
    """Send as fast as the servers answer, until the time is up or the requests are; each port gets its share."""
    result = Result()
    end = time.perf_counter() + seconds
    began = time.perf_counter()
    made = [
        _Connection(ports[place % len(ports)], result, requests, lambda: time.perf_counter() >= end)
        for place in range(connections)
    ]
    for connection in made:
        await connection.connect()
    for connection in made:
        connection.send()
    await asyncio.gather(*(connection.done for connection in made))
    result.seconds = time.perf_counter() - began
    return result


async def open_loop(port: int, requests: Iterator[bytes], connections: int, seconds: float, rate: float) -> Result:
    """Send at a steady rate, whatever the server does; a request that must wait for a connection is late from then."""
    result = Result()
    made = [_Paced(port, result, requests, lambda: False) for _ in range(connections)]
    for connection in made:
        await connection.connect()
    began = time.perf_counter()
    for place in count():
        due = began + place / rate
        if due - began > seconds:
            break
        while time.perf_counter() < due or not any(connection.idle for connection in made):
            await asyncio.sleep(max(due - time.perf_counter(), 0.0005))
        next(connection for connection in made if connection.idle).send(due)
    while not all(connection.idle for connection in made):
        await asyncio.sleep(0.001)
    result.seconds = time.perf_counter() - began
    for connection in made:
        connection.finish()
    return result
