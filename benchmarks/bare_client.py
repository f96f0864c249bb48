"""The yardstick of the outbox: a bare aiohttp client that POSTs bodies, so many side by side, and reads the answers.

It keeps nothing and decides nothing. `python -m benchmarks.bare_client URL FILE` reads one body from each line; it
prints the CPU it used for one of them, in seconds.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from aiohttp import ClientSession

from benchmarks.loops import loop_factory
from benchmarks.traffic import TOKEN

SIDE_BY_SIDE = 64  # as many as the outbox has places
HEADERS = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}


async def post_all(url: str, bodies: list[bytes]) -> float:
    """Open the connections first; then POST everything. Return the CPU it took."""
    async with ClientSession() as session:
        await _side_by_side(session, url.replace("/send", "/warm"), iter(bodies[:SIDE_BY_SIDE]))
        began = time.process_time()
        await _side_by_side(session, url, iter(bodies))
        return time.process_time() - began


async def _side_by_side(session: ClientSession, url: str, bodies: Iterator[bytes]) -> None:
    await asyncio.gather(*(_post_in_turn(session, url, bodies) for _ in range(SIDE_BY_SIDE)))


async def _post_in_turn(session: ClientSession, url: str, bodies: Iterator[bytes]) -> None:
    for body in bodies:
        async with session.post(url, data=body, headers=HEADERS) as response:
            response.raise_for_status()
            await response.read()


if __name__ == "__main__":
    lines = Path(sys.argv[2]).read_bytes().splitlines()
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        print(runner.run(post_all(sys.argv[1], lines)) / len(lines))
