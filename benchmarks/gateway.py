"""Where MTs arrive: a gateway that answers at once, counts, and notes the first and the last moment.

Written on asyncio's transports, so that it costs little beside what sends to it. `POST /send` counts, `POST /warm` does
not; `GET /seen` tells {"count","first","last"} (seconds) and begins anew.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import cast

import orjson

from benchmarks.loops import loop_factory

SEND = b"POST /send "
SEEN = b"GET /seen "


class Seen:
    """What has arrived since the last look."""

    def __init__(self) -> None:
        self.count = 0
        self.first = self.last = 0.0

    def add(self) -> None:
        """Note an arrival."""
        self.last = time.perf_counter()
        if not self.count:
            self.first = self.last
        self.count += 1

    def told(self) -> bytes:
        """Tell it and begin anew."""
        body = orjson.dumps({"count": self.count, "first": self.first, "last": self.last})
        self.count = 0
        return body


class Gateway(asyncio.Protocol):
    """One connection: requests in, answers out, in order."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            head, split, rest = self._buffer.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
            if not split or len(rest) < length:
                return
            self._buffer = rest[length:]
            self._transport.write(_answer(self._body(head)))

    def _body(self, head: bytes) -> bytes:
        if head.startswith(SEEN):
            return self._seen.told()
        if head.startswith(SEND):
            self._seen.add()
        return b'{"ref":"gw-%d"}' % time.perf_counter_ns()


def _answer(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


async def serve(port: int) -> None:
    """Take what comes until the process is ended."""
    seen = Seen()
    server = await asyncio.get_running_loop().create_server(lambda: Gateway(seen), "127.0.0.1", port, backlog=256)
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(serve(int(sys.argv[1])))
