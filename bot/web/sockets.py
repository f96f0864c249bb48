"""The connections themselves: where we listen, how many there may be, and how long each may keep us waiting.

Rule: whoever sends or reads too slowly loses the connection, and nobody else's request waits for it. Bodies have a
limit of their own (`bodies.py`); the limits here are for everything around them. What is no HTTP is a line in the log
and no traceback: strangers send it all day, and nothing here is broken.
"""

from __future__ import annotations

import logging
import os
import socket
from contextlib import suppress
from dataclasses import dataclass

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.core.errors import ConfigError

log = structlog.get_logger()

BACKLOG = 1024
MOST_FILES = 65_536  # a connection is a file


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. `idle`: until the next request's headers are whole, from the connection's start or the last answer on.

    `linger`: after an answer to what was not read to its end. `deaf`: until an answer that we sent is taken. `stop`:
    what requests under way get when the server stops.
    """

    idle: float = 75.0  # longer than proxies keep a connection that they do not use
    linger: float = 2.0
    deaf: float = 30.0
    stop: float = 8.0


PATIENCE = Patience()


class _Plainly(logging.Filter):
    """Tells of what is no HTTP in one line. Of the request itself nothing: it may hold a token or a phone number."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Pass on everything else."""
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, HttpProcessingError | web.RequestPayloadError):
            return True
        log.warning("request refused: it is not HTTP", why=type(error).__name__)
        return False


_http = logging.getLogger("bot.http")
_http.addFilter(_Plainly())


def make_runner(app: web.Application, patience: Patience = PATIENCE) -> web.AppRunner:
    """Make what runs the application on sockets."""
    return web.AppRunner(
        app,
        access_log=None,
        logger=_http,
        auto_decompress=False,  # `bodies.py` refuses what is compressed: a few bytes could stand for gigabytes
        shutdown_timeout=patience.stop,
        keepalive_timeout=patience.idle,
        lingering_time=patience.linger,
    )


def listen(host: str, port: int, patience: Patience = PATIENCE) -> socket.socket:
    """Take the address; raise ConfigError with what to do if somebody else has it."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if hasattr(socket, "TCP_USER_TIMEOUT"):  # each connection has it from here
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(patience.deaf * 1000))
            listening.bind(address)
            listening.listen(BACKLOG)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        why = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        told = f"PORT {port} on HOST {host} cannot be listened on ({why}): choose another"
        raise ConfigError([told]) from None
    return listening


def take_files() -> None:
    """Raise the number of files this process may have open: the usual 1,024 are as many connections."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
