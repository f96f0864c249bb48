"""Many callers at once, over plain sockets: honest ones, slow ones, and those that go away in the middle."""

from __future__ import annotations

import asyncio
import json
import resource
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from command_line import NUMBER, TOKEN

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]

HEAD = f"POST /webhooks/http/mo HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
SLOW = {
    "headers": (HEAD.encode() + b"X-Slow: ", b"a"),
    "a body": (f"{HEAD}Content-Length: 60000\r\n\r\n".encode(), b"a"),
    "a body in chunks": (f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode(), b"1\r\na\r\n"),
    "nothing": (b"", b""),
}


def mo(ref: str, msisdn: str, text: str = "CLUB") -> bytes:
    """Write the request that brings a message."""
    body = json.dumps({"id": ref, "from": msisdn, "to": NUMBER, "text": text}).encode()
    return f"{HEAD}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def connect(address: str) -> Connection:
    """Open a connection to the server at this address."""
    where = urlsplit(address)
    return await asyncio.open_connection("127.0.0.1", where.port)


async def ask(connection: Connection, request: bytes) -> tuple[int, bytes]:
    """Send a request; return the answer's status and body, 0 where the connection breaks first."""
    reader, writer = connection
    try:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length:")[2].split("\r\n", 1)[0] or 0)
        return int(head.split()[1]), await reader.readexactly(length)
    except (ConnectionError, asyncio.IncompleteReadError):
        return 0, b""


@asynccontextmanager
async def connections(address: str, count: int) -> AsyncIterator[list[Connection]]:
    """Open so many at once; close them at the end."""
    made = await asyncio.gather(*(connect(address) for _ in range(count)))
    try:
        yield made
    finally:
        for _, writer in made:
            writer.close()
        for _, writer in made:
            with suppress(ConnectionError):
                await writer.wait_closed()


async def drip(connection: Connection, first: bytes, then: bytes, every: float) -> None:
    """Send a request a byte at a time, for ever."""
    _, writer = connection
    with suppress(ConnectionError):
        writer.write(first)
        while not writer.is_closing():
            await asyncio.sleep(every)
            writer.write(then)


@contextmanager
def files(soft: int | None) -> Iterator[None]:
    """Allow this process, and those it starts meanwhile, so many open files; None: as many as the machine allows."""
    before, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if soft is None else soft, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, hard))


def resident(pids: Sequence[int]) -> list[float]:
    """Tell the memory of each process, in MB."""
    return [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 1e6 for pid in pids]


def processes(pid: int) -> list[int]:
    """Name the server's process and the one it forked."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def complaints(folder: Path) -> list[str]:
    """List what the server's log holds of faults of its own: errors and tracebacks."""
    lines = (folder / "log").read_text("utf-8").splitlines()
    return [line for line in lines if not line.startswith("{") or json.loads(line)["level"] in ("error", "critical")]
