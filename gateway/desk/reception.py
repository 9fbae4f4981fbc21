"""Where calls come to the desk and leave it: the session's ``AgentDesk``, performed on the tenant's floor.

A hand-over is durable in the ledger before anybody hears of it; the floor adopts it from there. So a floor that cannot
be reached at that moment costs the caller nothing but the moment: the sweep adopts what waits.

Refuses: deciding hand-overs (the dialog does), and who takes them (the floor does).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from dialog.reply import Escalation
from gateway.desk.assistance import Assistance
from gateway.desk.boards import Boards
from gateway.desk.floor.events import Kind
from gateway.desk.floor.floor import Floor
from gateway.desk.floor.store import FloorStore
from gateway.desk.floor.work_item import ItemState
from gateway.desk.handoff import HandoffDesk
from gateway.desk.witness import waited
from gateway.session.ledger import CallLog
from gateway.session.records import EventKind
from gateway.session.room import Room
from gateway.session.waiting import Waiting
from infra.errors import AiccError

CALLBACK_WITHIN = timedelta(hours=24)
"""For so long a promised callback is tried; then it is too late to be wanted."""

log = logging.getLogger(__name__)


class Reception:
    """All tenants'. ``known`` is told of the record of each call that comes to the desk, ``room`` a live call here.
    What is followed for agents is followed as well while somebody outside has a call."""

    def __init__(
        self,
        handoffs: HandoffDesk,
        floors: FloorStore,
        boards: Boards,
        known: Callable[[CallLog], None],
        now: Callable[[], datetime],
        *,
        room: Callable[[str], Room | None],
        assistance: Assistance,
    ) -> None:
        self._handoffs = handoffs
        self._floors = floors
        self._boards = boards
        self._known = known
        self._now = now
        self._room = room
        self._assistance = assistance
        self._helped: set[str] = set()
        """Calls with somebody outside, of whom nobody here will wrap up."""

    async def queue(self, log: CallLog, escalation: Escalation, language: str) -> str:
        """See ``AgentDesk``."""
        self._known(log)
        handoff = await self._handoffs.queue(log, escalation, language)
        await self._adopt(log.tenant)
        return handoff

    async def send_elsewhere(self, log: CallLog, escalation: Escalation) -> str:
        """See ``AgentDesk``."""
        self._known(log)
        return await self._handoffs.send_elsewhere(log, escalation)

    async def taken_elsewhere(self, log: CallLog, handoff: str, by: str) -> None:
        """See ``AgentDesk``."""
        await self._handoffs.taken_elsewhere(log, handoff, by)
        room = self._room(log.call_id)
        if room is not None and not room.over and log.call_id not in self._helped:
            self._helped.add(log.call_id)
            self._assistance.follow(room)

    async def done_elsewhere(self, log: CallLog, handoff: str, by: str, why: str) -> None:
        """See ``AgentDesk``."""
        await self._handoffs.done_elsewhere(log, handoff, by, why)
        if log.call_id in self._helped:
            self._helped.remove(log.call_id)
            await self._assistance.forget(log.tenant, log.call_id)

    async def take_back(self, log: CallLog, handoff: str) -> None:
        """See ``AgentDesk``."""
        await self._handoffs.take_back(log, handoff)
        await self._adopt(log.tenant)

    async def waiting(self, log: CallLog, handoff: str) -> Waiting | None:
        """See ``AgentDesk``."""
        try:
            board = await self._boards.look(log.tenant)
        except AiccError as error:
            _log_missed("tell a caller's place", error)
            return None
        item = board.floor.items.get(handoff)
        return None if item is None else board.waiting(item)

    async def call_back(self, log: CallLog, handoff: str, number: str | None) -> None:
        """See ``AgentDesk``. Of a caller who withholds their number nobody can be called back: the item ends."""
        now = self._now()
        async with self._floors.open(log.tenant) as floor:
            if handoff not in floor.items:
                return
            if not number:
                floor.cancel(handoff, now, "no_number")
                return
            floor.schedule_callback(handoff, number, now, now + CALLBACK_WITHIN, now)
        window = [now.isoformat(), (now + CALLBACK_WITHIN).isoformat()]
        log.append(EventKind.CALLBACK_REQUESTED, {"handoff": handoff, "number": number, "window": window})

    async def leave(self, log: CallLog, handoff: str) -> None:
        """See ``AgentDesk``. Whoever of the desk is in the call wraps up."""
        async with self._floors.open(log.tenant) as floor:
            adopted = handoff in floor.items
            events = [event for item in _items_of(floor, log.call_id) for event in floor.abandon(item, self._now())]
        for event in events:
            if event.kind is Kind.ITEM_ABANDONED:
                told = {"handoff": event.subject, "waited": waited(event.payload)}
                log.append(EventKind.HANDOFF_ABANDONED, told)
        if not adopted:
            await self._handoffs.leave(log, handoff)

    async def _adopt(self, tenant: str) -> None:
        try:
            await self._floors.adopt(tenant, self._now())
        except AiccError as error:
            _log_missed("put a call into its queue", error)


def _items_of(floor: Floor, call: str) -> list[str]:
    """What of a call is on the floor: itself, and whoever was asked to join it."""
    return [item.item for item in floor.items.values() if item.call == call and item.state is not ItemState.WRAP_UP]


def _log_missed(what: str, error: AiccError) -> None:
    log.warning("could not %s now: %s", what, error)
