"""A contact center in virtual time: real sessions, floors and desk, with people who come in by lines of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from dialog.reply import Decision, Expectation, Reply
from gateway.access.audit import AuditEntry, KeptEntry
from gateway.access.identity import Identity, Role
from gateway.access.viewings import Viewings
from gateway.desk.assistance import Assistance
from gateway.desk.attendance import Attendance
from gateway.desk.boards import Boards
from gateway.desk.calls import LiveCalls, Means
from gateway.desk.desk import Desk
from gateway.desk.floor.agent_state import Presence
from gateway.desk.floor.queue import read_queues
from gateway.desk.floor.store import MemoryFloorStore
from gateway.desk.floor.sweep import sweep
from gateway.desk.handoff import HandoffDesk
from gateway.desk.reception import Reception
from gateway.desk.trends import Trends
from gateway.desk.witness import Witness
from gateway.session.ports import AgentDesk
from gateway.session.room import Room
from tests.gateway.session.stage import Answer, FarEnd, Stage, handover, reply

QUEUES = read_queues(
    {
        "default": "general",
        "queues": [
            {"id": "general", "name": {"en": "General", "ko": "일반"}, "languages": ["en", "ko"]},
            {"id": "orders", "name": {"en": "Orders", "ko": "주문"}, "skills": ["orders"], "languages": ["en", "ko"]},
        ],
    }
)
BYE = reply("Goodbye", Decision.CONVERSE, Expectation.NOTHING)
BEGAN = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def person(user: str, *roles: Role, **more: Any) -> Identity:
    return Identity("shop", user, user.title(), frozenset(roles), languages=("en", "ko"), **more)


KIM = person("kim", Role.AGENT)
PARK = person("park", Role.AGENT, skills={"orders": 2})
LEE = person("lee", Role.SUPERVISOR)


class Book:
    """An audit that is kept in a list."""

    def __init__(self) -> None:
        self.entered: list[AuditEntry] = []

    async def record(self, entry: AuditEntry) -> None:
        self.entered.append(entry)

    async def entries(self, tenant: str, **_: Any) -> list[KeptEntry]:
        return [KeptEntry(place, entry) for place, entry in enumerate(self.entered)]


class NoHelp(Assistance):
    """Nobody is helped; who would have been is remembered."""

    def __init__(self) -> None:
        self.followed: list[str] = []

    def call(self, tenant: str, call: str) -> None:
        return None

    def follow(self, room: Room) -> None:
        self.followed.append(room.log.call_id)

    async def forget(self, tenant: str, call: str) -> None:
        self.followed.remove(call)

    async def close(self) -> None:
        pass


class Center(Stage):
    """One call into a tenant with a desk. ``play`` runs it; ``script`` acts for everybody."""

    def _desk(self) -> AgentDesk:
        self.floors = MemoryFloorStore(lambda tenant: QUEUES, self.ledger)
        self.book = Book()
        self.witness = Witness(self.floors, self.room_of)
        self.boards = Boards(self.floors, lambda tenant, now: now.replace(hour=0, minute=0), self.now)
        self.assistance = NoHelp()
        self.attendance = Attendance(self.floors, self.room_of, self.assistance, self.now)
        handoffs = HandoffDesk(self.ledger)
        self.calls = LiveCalls(
            Means(
                floors=self.floors,
                room=self.room_of,
                known=self.witness.knows,
                handoffs=handoffs,
                attendance=self.attendance,
                audit=self.book,
                queues=lambda tenant: QUEUES,
                targets=lambda tenant: self.tenant.transfers,
                node="n1",
                now=self.now,
            )
        )
        self.trends = Trends(self.ledger)
        self.desk = Desk(
            tenants={"shop": SimpleNamespace(tenant=self.tenant)},  # type: ignore[dict-item]
            floors=self.floors,
            boards=self.boards,
            calls=self.calls,
            attendance=self.attendance,
            assistance=self.assistance,
            witness=self.witness,
            trends=self.trends,
            ledger=self.ledger,
            viewings=Viewings(self.book, self.now),
            rooms=lambda: [room for room in (self.room_of("call-1"),) if room is not None],
            now=self.now,
        )
        self.reception = Reception(
            handoffs,
            self.floors,
            self.boards,
            self.witness.knows,
            self.now,
            room=self.room_of,
            assistance=self.assistance,
        )
        self._work = [
            asyncio.create_task(work, name=name)
            for name, work in (
                ("witness", self.witness.follow("shop")),
                ("trends", self.trends.follow("shop")),
                ("sweep", self._sweep()),
            )
        ]
        return self.reception

    async def _played(self) -> None:
        for task in self._work:
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        await self.assistance.close()

    async def _sweep(self) -> None:
        while True:
            await sweep(self.floors, self.now())
            await asyncio.sleep(1.0)

    @staticmethod
    def now() -> datetime:
        return BEGAN + timedelta(seconds=asyncio.get_running_loop().time() - 1000.0)

    def room_of(self, call: str) -> Room | None:
        if call != "call-1" or not vars(self.session):  # a session that has ended has let go of everything
            return None
        return self.session.room

    # --- what people do -----------------------------------------------------------------------------------------------
    async def sits_down(self, who: Identity) -> None:
        async with self.floors.open("shop") as floor:
            floor.sign_in(who.user, self.now(), name=who.name, skills=who.skills, languages=who.languages)
            floor.set_presence(who.user, Presence.AVAILABLE, self.now())
        self._work.append(asyncio.create_task(self._beats(who), name=f"{who.user}'s desk"))

    async def _beats(self, who: Identity) -> None:
        while await self.floors.heard("shop", who.user, self.now()):
            await asyncio.sleep(10.0)

    async def rings_at(self, who: Identity, within: float = 30.0) -> str:
        """The offer that rings at somebody's desk."""
        async with asyncio.timeout(within):
            while (offer := (await self.floors.snapshot("shop")).offer_to(who.user)) is None:
                await asyncio.sleep(0.1)
        return offer.offer

    async def accepts(self, who: Identity) -> tuple[FarEnd, asyncio.Task[None]]:
        """Somebody takes what rings, and comes in."""
        offer = await self.rings_at(who)
        async with self.floors.open("shop") as floor:
            floor.accept(offer, who.user, self.now())
        return await self.comes_in(who)

    async def comes_in(self, who: Identity) -> tuple[FarEnd, asyncio.Task[None]]:
        leg = FarEnd()
        task = asyncio.create_task(self.attendance.serve(leg, who.tenant, who.user, "call-1"))
        await asyncio.sleep(0.1)
        return leg, task

    async def waits(self) -> None:
        """Until the caller waits in a queue."""
        await self.until_quiet()
        await self.speak(1.2)
        while not (await self.floors.snapshot("shop")).items:
            await asyncio.sleep(0.1)

    async def state(self) -> str:
        """Of the one work item there is or was."""
        items = (await self.floors.snapshot("shop")).items.values()
        return next((item.state.value for item in items), "over")


Script = Callable[[Center], Awaitable[None]]


def waiting(script: Script, *, said: str = "", answers: list[Answer] | None = None) -> Center:
    """A caller who asked for a person, and what happens once they wait."""
    heard: list[str | Exception] = ["a person please", *([said] if said else [])]
    return waiting_with(Center(heard=heard, answers=[[handover()], *(answers or [[BYE]])]), script)


def waiting_with(center: Center, script: Script) -> Center:
    """The same with a center of one's own."""

    async def play(one: Any) -> None:
        await one.waits()
        await script(one)

    center.play(play)
    return center


def with_bot(script: Script, answers: list[list[Reply]], heard: list[str | Exception]) -> Center:
    """A caller who talks with the bot."""

    async def play(center: Any) -> None:
        await center.until_quiet()
        await center.speak(1.2)
        while not center.mind.turns:
            await asyncio.sleep(0.05)
        await script(center)

    center = Center(heard=heard, answers=list(answers))
    center.play(play)
    return center
