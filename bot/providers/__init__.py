"""The registry: which providers there are. Adding one is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import ClientSession

from bot.providers.contract import Provider
from bot.providers.http import Http, HttpConfig
from bot.providers.simulator import Simulator, SimulatorConfig
from bot.providers.twilio import Twilio, TwilioConfig

# The name in keywords.yaml and in the webhooks' paths: its settings, and what they make.
REGISTRY: dict[str, tuple[type[Any], Callable[[Any, ClientSession], Provider]]] = {
    "simulator": (SimulatorConfig, Simulator),
    "http": (HttpConfig, Http),
    "twilio": (TwilioConfig, Twilio),
}


def build_providers(configs: Mapping[str, Any], session: ClientSession) -> dict[str, Provider]:
    """Make every provider from its config; one that lacks settings is made too, and says what is `missing`."""
    return {name: make(configs[name], session) for name, (_, make) in REGISTRY.items()}


def connected(providers: Mapping[str, Provider]) -> tuple[str, ...]:
    """Name the providers that reach real handsets and have all they need."""
    return tuple(name for name, each in providers.items() if each.reaches_handsets and not each.missing)
