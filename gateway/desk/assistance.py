"""Lets assist follow the calls that people are in: their events go to it, and what it says goes to the call.

Refuses: what is said; see ``assist.py``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from gateway.desk.assist import AssistDesk, CallAssist, FollowedLine
from gateway.session.ledger import Ledger
from gateway.session.records import EventKind
from gateway.session.room import Room
from infra.errors import AiccError

log = logging.getLogger(__name__)


class _RoomCall:
    """A room as assist's ``FollowedCall``."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def append(self, kind: EventKind, payload: Mapping[str, object]) -> None:
        self._room.note(kind, **payload)

    def publish(self, event: str, data: Mapping[str, object]) -> None:
        self._room.live.publish(event, **data)


class Assistance:
    """All calls of this node that people are in. ``ended`` is told of a call that is over, with what was followed."""

    def __init__(self, assist: AssistDesk, ledger: Ledger) -> None:
        self._assist = assist
        self._ledger = ledger
        self._following: dict[str, asyncio.Task[None]] = {}

    def call(self, tenant: str, call: str) -> CallAssist | None:
        """What is followed of a call, also until its wrap-up is done."""
        return self._assist.call(tenant, call)

    def follow(self, room: Room) -> None:
        """From now on agents are helped in this call. A call that is followed goes on being followed."""
        call = room.log.call_id
        if call in self._following:
            return
        line = FollowedLine(call, room.language, room.line)
        followed = self._assist.follow(room.log.tenant, line, _RoomCall(room))
        task = asyncio.create_task(self._follow(room, followed), name=f"assist follows {call}")
        self._following[call] = task
        task.add_done_callback(lambda done: self._let_go(call, done))

    @asynccontextmanager
    async def helping(self, room: Room) -> AsyncIterator[None]:
        """Help the agent of a call that has no wrap-up here, for as long as it goes on."""
        self.follow(room)
        try:
            yield
        finally:
            await self.forget(room.log.tenant, room.log.call_id)

    async def forget(self, tenant: str, call: str) -> None:
        """The wrap-up is done: nothing of the call is needed any more."""
        task = self._following.pop(call, None)
        if task is not None:
            task.cancel()
        await self._assist.leave(tenant, call)

    def _let_go(self, call: str, done: asyncio.Task[None]) -> None:
        """A task is over. Another one may follow the call meanwhile: that one is kept."""
        if self._following.get(call) is done:
            del self._following[call]

    async def close(self) -> None:
        """Follow nothing any more."""
        tasks = list(self._following.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._assist.close()

    async def _follow(self, room: Room, followed: CallAssist) -> None:
        known = room.log.last_seq
        try:
            async with self._ledger.subscribe(room.log.tenant, room.log.call_id) as events:
                async for event in events:
                    followed.happened(event.kind, event.payload, replayed=event.seq <= known)
                    if event.kind == EventKind.CALL_ENDED:
                        return
        except AiccError as error:
            log.warning("assist lost call %s: %s", room.log.call_id, error)
