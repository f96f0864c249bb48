"""The event loop of the yardsticks: the one `ouistop serve` takes, uvloop where it is installed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module, util


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """Return what makes the loop."""
    if util.find_spec("uvloop"):
        made: Callable[[], asyncio.AbstractEventLoop] = import_module("uvloop").new_event_loop
        return made
    return asyncio.new_event_loop


def loop_name() -> str:
    """Name it, for the table."""
    return "uvloop" if util.find_spec("uvloop") else "asyncio"
