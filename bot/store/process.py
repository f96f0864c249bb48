"""The connection that writes, in a process of its own.

Python lets one thread of a process work at a time; HTTP in one process and turns and statements in another use two
cores, and each finds its own things still in the processor's caches. Work is a function of the connection, pickled with
its arguments; its result or its exception comes back the same way, in order. The catalog, which is large and hardly
ever new, goes over once.

The process is forked while there is but one thread, so that it shares the memory of what is loaded by then. The two
live and die together: it ends when the server's end of the socket closes, and a server that has lost it must end, too,
for whoever watches over it to start it again.
"""

from __future__ import annotations

import asyncio
import io
import os
import pickle
import signal
import socket
import sqlite3
import struct
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from copyreg import dispatch_table
from typing import Any, TypeVar, cast

from bot.core.catalog import Catalog
from bot.store.connection import OPTIONS, Held, Plain

R = TypeVar("R")

ENDED = "the process that writes the database has ended"

_SIZE = struct.Struct("<I")


class Process:
    """The server's end of it."""

    def __init__(self, pid: int, mine: socket.socket) -> None:
        self._pid = pid
        self._socket = mine
        self._link = _Link()
        self._knows: Catalog | None = None

    @classmethod
    def fork(cls) -> Process:
        """Start it: before there are threads, and after what it needs is imported."""
        mine, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            mine.close()
            _live(theirs)
        theirs.close()
        return cls(pid, mine)

    async def open(self, path: str, pragmas: Sequence[str]) -> None:
        """Open the file, making it if it is new; raise sqlite3.OperationalError if that cannot be."""
        await asyncio.get_running_loop().create_connection(lambda: self._link, sock=self._socket)
        await self.run(_open, path, tuple(pragmas))

    async def run(self, how: Callable[..., R], *args: Any) -> R:
        """Run a function of the connection there; it and its arguments must be picklable."""
        answer: R = await self._link.ask(self._pickled((how, args)))
        return answer

    async def lost(self) -> None:
        """Wait until it has ended."""
        await self._link.ended.wait()

    async def close(self) -> None:
        """Finish what is queued, close the file and let the process end."""
        with suppress(sqlite3.OperationalError):
            await self.run(_close)
        self._link.close()
        self._socket.close()
        await asyncio.to_thread(os.waitpid, self._pid, 0)

    def _pickled(self, asked: object) -> bytes:
        out = io.BytesIO()
        pickler = pickle.Pickler(out, pickle.HIGHEST_PROTOCOL)
        pickler.dispatch_table = {**dispatch_table, Catalog: self._named}
        knows = self._knows
        try:
            pickler.dump(asked)
        except BaseException:
            self._knows = knows  # the new one was not sent
            raise
        return out.getvalue()

    def _named(self, catalog: Catalog) -> tuple[Callable[..., Catalog | None], tuple[Any, ...]]:
        """Say "the catalog you know", or hand over another."""
        if catalog is self._knows:
            return _known, ()
        self._knows = catalog
        return _keep, (pickle.dumps(catalog, pickle.HIGHEST_PROTOCOL),)


class _Link(asyncio.Protocol):
    """The socket: answers come in the order of the questions."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._got = bytearray()

    def ask(self, question: bytes) -> asyncio.Future[Any]:
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self._transport is None:
            answer.set_exception(sqlite3.OperationalError(ENDED))
        else:
            self._waiting.append(answer)
            self._transport.write(_SIZE.pack(len(question)) + question)
        return answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._got += data
        while len(self._got) >= _SIZE.size:
            end = _SIZE.size + _SIZE.unpack_from(self._got)[0]
            if len(self._got) < end:
                return
            done, result = pickle.loads(self._got[_SIZE.size : end])  # noqa: S301, from our own child
            del self._got[:end]
            answer = self._waiting.popleft()
            if answer.cancelled():
                continue
            if done:
                answer.set_result(result)
            else:
                answer.set_exception(result)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002, why is all the same
        self._transport = None
        self.ended.set()
        for answer in self._waiting:
            if not answer.done():
                answer.set_exception(sqlite3.OperationalError(ENDED))
        self._waiting.clear()


# ---- in the process itself ------------------------------------------------------------------------------------


class _Desk:
    """What the process has: the connection, and the catalog it was given last."""

    held: Held | None = None
    catalog: Catalog | None = None


def _live(theirs: socket.socket) -> None:
    """Answer until the other end closes; never return into the code that forked."""
    try:
        # A terminal or a container sends these to all processes at once: the server decides when this one ends.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        _answer_all(theirs)
    finally:
        os._exit(0)  # without the farewells of the code that forked


def _answer_all(theirs: socket.socket) -> None:
    with theirs.makefile("rb") as asked:
        while len(size := asked.read(_SIZE.size)) == _SIZE.size:
            answer = _answer(asked.read(_SIZE.unpack(size)[0]))
            theirs.sendall(_SIZE.pack(len(answer)) + answer)


def _answer(question: bytes) -> bytes:
    try:
        how, args = pickle.loads(question)  # noqa: S301, from our own parent
        return pickle.dumps((True, how(_Desk.held, *args)), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        return _told(error)


def _told(error: Exception) -> bytes:
    try:
        told = pickle.dumps((False, error), pickle.HIGHEST_PROTOCOL)
        pickle.loads(told)  # noqa: S301, some exceptions go in and do not come out
    except Exception:
        return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))
    return told


def _open(_: Held | None, path: str, pragmas: Sequence[str]) -> None:
    _Desk.held = Held(cast(Plain, sqlite3.connect(path, **OPTIONS)), pragmas)


def _close(held: Held | None) -> None:
    if held is not None:
        held.plain.close()


def _known() -> Catalog | None:
    return _Desk.catalog


def _keep(pickled: bytes) -> Catalog | None:
    _Desk.catalog = pickle.loads(pickled)  # noqa: S301, from our own parent
    return _Desk.catalog
