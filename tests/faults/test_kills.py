"""kill -9 at random moments under load: what was acknowledged is there, once, and a STOP holds."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from books import SQLITE
from postgres import fresh_database
from scene import Scene, scene

pytestmark = pytest.mark.slow

SEED = 20261124
TARGETS = ("server", "server", "both", "both", "writer")
LONGEST_LIFE = 0.3  # seconds under load
EARLY = 0.2  # this share of the kills comes before the server has answered anybody


async def kill_some(play: Scene, kills: int, chance: random.Random) -> None:
    """Let a node serve for a moment, or only begin to, and kill some of it; again and again."""
    for count in range(kills):
        if count >= 3 and chance.random() >= EARLY:  # the first three come while the tables are made
            await play.served()
        await asyncio.sleep(chance.random() * LONGEST_LIFE)
        await play.kill(chance.choice(play.nodes), chance.choice(TARGETS))


async def test_fifty_kills_on_sqlite_lose_no_acknowledged_text_and_take_none_twice(tmp_path: Path):
    chance = random.Random(SEED)
    async with scene(tmp_path, f"{SQLITE}{tmp_path / 'test.db'}", chance) as play:
        await kill_some(play, 50, chance)
        reckoning = await play.end()

    print(f"seed {SEED}:", reckoning.figures())  # shown where the test fails, or with -s
    assert reckoning.faults() == []


async def test_twenty_kills_of_one_of_two_nodes_on_postgresql_lose_no_acknowledged_text_and_take_none_twice(
    tmp_path: Path,
):
    chance = random.Random(SEED)
    async with scene(tmp_path, fresh_database(), chance, nodes=2) as play:
        await kill_some(play, 20, chance)
        reckoning = await play.end()

    print(f"seed {SEED}:", reckoning.figures())
    assert reckoning.faults() == []
