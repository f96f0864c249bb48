"""The simulator: takes every MT and calls nobody. Its messages come from our own console, never from outside."""

# ruff: noqa: ARG002, the five verbs have one signature for all

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import ClientSession

from bot.core.errors import BadSignature, UnknownNumber
from bot.core.messages import DLR, MO, MT
from bot.providers.contract import Answer, Request, Sent


@dataclass(frozen=True, slots=True)
class SimulatorConfig:
    """Nothing to set."""


class Simulator:
    """A provider without a company behind it."""

    name = "simulator"
    reaches_handsets = False
    missing: tuple[str, ...] = ()
    can_send = True

    def __init__(self, config: SimulatorConfig, session: ClientSession | None = None) -> None:
        """Take what every provider takes, and use none of it."""

    def verify(self, request: Request) -> None:
        """Refuse: whoever calls from outside is not our console."""
        raise BadSignature("the simulator takes no webhooks: text it on the console")

    def parse_mo(self, request: Request) -> tuple[MO, ...]:
        """Refuse, should anyone ask without `verify`."""
        raise UnknownNumber("the simulator has no numbers outside the console")

    def parse_dlr(self, request: Request) -> tuple[DLR, ...]:
        """Refuse, should anyone ask without `verify`."""
        raise UnknownNumber("the simulator has no reports outside the console")

    def ack(self, duplicates: Mapping[str, bool]) -> Answer:
        """Answer nothing."""
        return Answer()

    async def send(self, mt: MT) -> Sent:
        """Take the MT."""
        return Sent(f"simulator-{mt.id}")
