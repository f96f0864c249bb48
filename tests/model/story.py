"""What can happen, in any order: texts in batches, some of them again, with everything else in between them.

`upset`: at a door on the way the server dies, or more texts come in.
"""

from __future__ import annotations

import asyncio
from itertools import count

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from structlog.testing import capture_logs

from bot.core.delivery import LADDER
from bot.core.errors import Misconfigured, OptedOutAtProvider, Rejected, Throttled, Unreachable
from bot.core.messages import DLR, MO, Status
from bot.core.values import replace
from bot.records import Reading
from model.promises import PROMISES, look
from model.versions import NUMBERS, PEOPLE, SAYINGS, SCOPES, VERSIONS
from model.world import World, ref_of

OFTEN = ("CLUB", "OUI", "STOP")
which = st.integers(0, 30)
texts = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(NUMBERS), st.sampled_from((*SAYINGS, *OFTEN)))
several = st.lists(texts, min_size=1, max_size=4)
again = st.lists(which, max_size=2)
answers = st.lists(st.sampled_from((
    "taken", "reported by id", "reported by ref", Unreachable("down"), Throttled("too fast", after=30),
    Rejected("no such phone"), OptedOutAtProvider("on its list"), Misconfigured("token"), RuntimeError("a bug"),
)), max_size=4)  # fmt: skip
statuses = st.sampled_from((Status.SENT, Status.DELIVERED, Status.FAILED))
reports = st.lists(st.tuples(which, statuses, st.sampled_from(("id", "ref", "both", "?")), st.booleans()), max_size=3)
waits = st.sampled_from((1, 40, 70, 11 * 60, 4 * 3600, 21 * 3600, 25 * 3600, 49 * 3600, 8 * 86_400, -420))


def upsets(*doors, deeds=several):
    """Mostly nothing; else one of these doors, and what happens there."""
    return st.none() | st.none() | st.tuples(st.sampled_from(doors), st.none() | deeds)


deaths = upsets("before take", "after take", deeds=st.none())


class Story(RuleBasedStateMachine):
    """Two people and their phones, the gateway, the clock, and somebody who keeps the file and reads what came in."""

    engine = None

    def __init__(self):
        super().__init__()
        self.loop, self.logs, self.world = asyncio.new_event_loop(), capture_logs(), None
        self.ids, self.arrivals = count(1), count(1)
        self.mos, self.arrived, self.acknowledged, self.rung = {}, {}, set(), []
        self.looks, self.told = dict.fromkeys(PEOPLE), {}
        self.logs.__enter__()

    @initialize(scope=st.sampled_from(tuple(SCOPES)))
    def it_begins(self, scope):
        self.versions = SCOPES[scope]
        self.world = World(self.engine, self.versions["full"])
        self.loop.run_until_complete(self.world.open())

    def teardown(self):
        if self.world:
            self.loop.run_until_complete(self.world.close())
        self.loop.close()
        self.logs.__exit__(None, None, None)

    # ---- what happens -------------------------------------------------------------------------------------

    @rule(new=several, old=again, upset=deaths)
    def they_text(self, new, old, upset):
        self.play([*self.texts(new), *self.repeats(old)], upset)

    @rule(plan=answers, upset=upsets("before claim", "after claim", "after send", "before settle", "after settle"))
    def texts_leave(self, plan, upset):
        self.play([self.world.board.outbox.drain()], upset, plan)

    @precondition(lambda self: self.world.gateway.offered)
    @rule(these=reports, upset=upsets("before report", "after report"))
    def reports_come(self, these, upset):
        self.play([self.report(*each) for each in these], upset)

    @rule(times=st.integers(1, 2), old=again, upset=deaths)
    def timers_ring(self, times, old, upset):
        self.play(self.timers(times, old), upset)

    @rule(
        new=several, old=again, plan=answers, these=reports, upset=upsets("after claim", "after send", "before settle")
    )
    def all_of_it_at_once(self, new, old, plan, these, upset):
        heard = [self.report(*each) for each in these if self.world.gateway.offered]
        works = [*self.texts(new), self.world.board.outbox.drain(), *self.timers(1, []), *self.repeats(old), *heard]
        self.play(works, upset, plan)

    @rule(seconds=waits)
    def time_passes_or_the_clock_is_set_back(self, seconds):
        self.world.clock.forward(seconds=seconds)
        self.told.clear()

    @rule(name=st.sampled_from(tuple(VERSIONS)))
    def the_file_changes(self, name):
        self.world.catalog = self.versions[name]

    @precondition(lambda self: self.unread())
    @rule(index=which)
    def somebody_reads(self, index):
        unread = self.unread()
        mo = unread[index % len(unread)]
        self.play([self.world.board.inbox.read(mo.msisdn, mo.number, mo.ref)])

    @rule(who=st.sampled_from(PEOPLE), number=st.sampled_from(NUMBERS))
    def she_opts_out_by_another_way(self, who, number):
        self.play([self.world.board.inbox.opt_out(who, number, "api")])

    @rule()
    def the_server_dies(self):
        self.loop.run_until_complete(self.world.die())
        self.forget()

    @rule()
    def all_that_waits_leaves_or_is_given_up(self):
        self.world.clock.forward(hours=2)
        self.told.clear()
        self.play([self.world.board.outbox.drain()])
        assert not [mt for mt in self.world.model.mts.values() if mt.status is Status.QUEUED]

    # ---- what must hold -----------------------------------------------------------------------------------

    @invariant()
    def it_is_as_the_model_says(self):
        if self.world is None:
            return
        model, touched = self.world.model, self.world.model.touched
        assert model.faults == []
        for who, told in self.loop.run_until_complete(self.look(sorted(touched))).items():
            self.looks[who] = told
            for promise in PROMISES:
                promise(told, model.people[who])
        touched.clear()

    @invariant()
    def what_was_acknowledged_is_there(self):
        if self.world is None:
            return
        assert self.acknowledged <= self.world.model.taken
        for (ref, id), status in self.told.items():
            assert ref not in self.world.model.refs or LADDER[self.world.model.mts[id].status] >= LADDER[status]

    async def look(self, people):
        return {who: await look(self.world.store, who, self.looks[who], self.arrived) for who in people}

    # ---- how it is done -----------------------------------------------------------------------------------

    def texts(self, new):
        """New texts."""
        mos = [MO("http", str(next(self.ids)), *each, self.world.clock()) for each in new]
        self.mos.update((mo.ref, mo) for mo in mos)
        return [self.deliver(mo) for mo in mos]

    def repeats(self, old):
        """Texts that the provider has delivered before, as they were."""
        mos = list(self.mos.values())
        return [self.deliver(mos[index % len(mos)]) for index in old if mos]

    async def deliver(self, mo):
        self.arrived.setdefault(mo.ref, next(self.arrivals))
        known = mo.ref in self.acknowledged
        new = await self.world.board.inbox.take(mo)
        assert not (new and known)
        self.acknowledged.add(mo.ref)

    async def report(self, index, status, by, opted_out):
        offered = self.world.gateway.offered
        mt = offered[index % len(offered)]
        ref = "?" if by == "?" else ref_of(mt)
        if by != "?":
            self.told[ref, mt.id] = status
        dlr = DLR("http", status, mt.id if by in ("id", "both") else None, None if by == "id" else ref)
        await self.world.board.receipts.take(replace(dlr, opted_out=opted_out and status is Status.FAILED))

    def timers(self, times, old):
        """The timers that are due, rung as often as that; and some that rang before."""
        board = self.world.board
        stale = [self.rung[index % len(self.rung)] for index in old if self.rung]
        self.rung += self.loop.run_until_complete(self.world.store.due_wakes(self.world.clock(), 100))
        return [*(board.timers.ring_due() for _ in range(times)), *(board.inbox.ring(wake) for wake in stale)]

    def unread(self):
        """The texts that nobody understood and nobody has read."""
        readings = [each for person in self.world.model.people.values() for each in person.mos.items()]
        return [self.mos[ref] for ref, reading in readings if reading == Reading.UNREAD]

    def play(self, works, upset=None, plan=()):
        """Do these things at once. `plan`: what the gateway answers, from the first MT on."""
        self.world.gateway.answers[:] = plan
        if not self.loop.run_until_complete(self.played(works, upset)):
            self.forget()

    async def played(self, works, upset):
        more = []

        async def come_in():
            before = set(self.arrived)
            more.extend(map(asyncio.ensure_future, self.texts(new)))
            await asyncio.sleep(0)
            while not set(self.arrived) - before <= self.world.model.taken:
                await asyncio.sleep(0)

        if upset:
            door, new = upset
            self.world.doors.deeds[door] = come_in if new else self.world.doors.die
        lives = await self.world.all(works)
        if lives:
            await asyncio.gather(*more)
        return lives

    def forget(self):
        """The server has died: of what it has not written down it knows nothing, and is sent it again, as new."""
        taken = self.world.model.taken
        self.arrived = {ref: at for ref, at in self.arrived.items() if ref in taken}
        self.told.clear()
