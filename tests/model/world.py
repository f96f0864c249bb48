"""The real server's parts with a gateway and a clock, and the model beside them. It can die, and starts again."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from boards import HandClock

from bot.core.catalog import Catalog
from bot.core.messages import DLR, MT, Status
from bot.providers.contract import Sent
from bot.service.switchboard import Switchboard
from bot.store.store import Store
from model.engines import Engine
from model.model import Model
from model.watched import Doors, Watched

Answer = Exception | str


@dataclass
class Gateway:
    """Takes MTs, or does what `answers` says, one for each: an error is raised; "reported by id" and "by ref": its
    report comes before its answer."""

    world: World
    answers: list[Answer] = field(default_factory=list)
    offered: list[MT] = field(default_factory=list)
    can_send: bool = True

    async def send(self, mt: MT) -> Sent:
        """Take an MT."""
        self.world.model.handed(mt)
        self.offered.append(mt)
        answer = self.answers.pop(0) if self.answers else "taken"
        if isinstance(answer, Exception):
            raise answer
        self.world.model.accepted(mt)
        if answer == "reported by id":
            await self.world.board.receipts.take(DLR("http", Status.SENT, id=mt.id))
        if answer == "reported by ref":
            await self.world.board.receipts.take(DLR("http", Status.SENT, ref=ref_of(mt)))
        await self.world.doors.at("after send")
        return Sent(ref_of(mt))


def ref_of(mt: MT) -> str:
    """The gateway's name for an MT."""
    return f"gw-{mt.id}"


class World:
    """All of it."""

    def __init__(self, engine: Engine, catalog: Catalog) -> None:
        self.engine, self.catalog = engine, catalog
        self.clock, self.model = HandClock(), Model()
        self.gateway = Gateway(self)

    async def open(self) -> None:
        """Start on an empty database."""
        self._start(await self.engine.fresh())

    def _start(self, store: Store) -> None:
        self.store, self.doors = store, Doors()
        self.watched = Watched(store, self.model, self.doors)
        self.board = Switchboard(self.watched, {"http": self.gateway}, lambda: self.catalog, self.clock)
        self.board.start_by_hand()

    async def all(self, works: Sequence[Coroutine[Any, Any, Any]]) -> bool:
        """Do several things at once; return False if the server died over them."""
        done = asyncio.gather(*(asyncio.ensure_future(work) for work in works))
        death = asyncio.create_task(self.doors.died.wait())
        await asyncio.wait((done, death), return_when=asyncio.FIRST_COMPLETED)
        self.doors.deeds.clear()
        self.gateway.answers.clear()
        if self.doors.died.is_set():
            await self.die()
            with suppress(asyncio.CancelledError):
                await done
            return False
        death.cancel()
        await done
        return True

    async def die(self) -> None:
        """End without a word to anybody, and start again, after a minute, on what is written.

        A clock that was set back is right again by then: what one server has told of time, the next does not know.
        """
        await self.doors.die()
        async with self.watched.alone:  # what the database is doing just now, it does; nothing comes after it
            pass
        await self._drop_everything()
        self.model.died(gives_back=self.engine.gives_back)
        self.clock.at = self.board.clock() + timedelta(seconds=61)
        self._start(await self.engine.after_death(self.store))

    async def close(self) -> None:
        """Leave it, also in the middle of something that went wrong."""
        await self._drop_everything()
        await self.store.close()

    async def _drop_everything(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
