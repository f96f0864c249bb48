"""One transcript on both stages that need no network: the pure core, and the server's own parts."""

from __future__ import annotations

import asyncio

from bot.transcripts.on_core import CoreStage
from bot.transcripts.on_server import server_stage
from bot.transcripts.play import LoadKeywords, play
from bot.transcripts.script import Script


def play_both(script: Script, load: LoadKeywords) -> tuple[str, str]:
    """Play it twice; return the file as the core would have it, and as the server would."""
    return asyncio.run(_play_both(script, load))


async def _play_both(script: Script, load: LoadKeywords) -> tuple[str, str]:
    catalog = load(script.keywords)
    on_core = await play(script, CoreStage(catalog), load)
    async with server_stage(catalog) as stage:
        return on_core, await play(script, stage, load)
