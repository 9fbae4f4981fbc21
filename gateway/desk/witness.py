"""What happens on the floor is written into the records of the calls that it happens to, and calls are told of it.

Follows the floor of each tenant; whoever changed it, here or at another node, is seen. Of calls that this node has not
got nothing is written: their own node does.

What the session itself waits for (that a caller left the queue, that a call back was promised) the reception writes.

Refuses: changing the floor.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from gateway.desk.floor.events import FloorEvent, Kind
from gateway.desk.floor.store import FloorStore
from gateway.session.errors import LedgerError
from gateway.session.ledger import CallLog
from gateway.session.records import EventKind
from gateway.session.room import Room
from infra.supervision import supervised

AGAIN_AFTER = 1.0
"""Seconds until a floor is followed again that could not be read."""

MOST_KNOWN = 5_000
"""Calls whose records are at hand; the oldest is let go."""

_LOST = frozenset({"agent_lost", "not_connected"})
"""Why an item waits again whose caller believed to be with somebody."""

log = logging.getLogger(__name__)


class Witness:
    """All tenants'. ``room`` is a live call of this node, by its id."""

    def __init__(self, floors: FloorStore, room: Callable[[str], Room | None]) -> None:
        self._floors = floors
        self._room = room
        self._seen: dict[str, int] = {}
        """By tenant: the last event that was seen."""
        self._logs: dict[str, CallLog] = {}
        self._calls: dict[str, str] = {}
        """The call of each item that was seen."""
        self._with: dict[str, str] = {}
        """The agent of each item that is with one."""

    def knows(self, log: CallLog) -> None:
        """A call of this node comes to the desk: what happens to it is written into this record, also what happens
        after its end."""
        self._logs[log.call_id] = log
        if len(self._logs) > MOST_KNOWN:
            del self._logs[next(iter(self._logs))]

    def record(self, call: str) -> CallLog | None:
        """The record of a call that has come to the desk here."""
        return self._logs.get(call)

    async def follow(self, tenant: str) -> None:
        """Follow a tenant's floor until cancelled."""
        while True:
            await supervised(self._follow(tenant), f"the floor of {tenant} cannot be followed")
            await asyncio.sleep(AGAIN_AFTER)

    async def _follow(self, tenant: str) -> None:
        if tenant not in self._seen:
            self._seen[tenant] = (await self._floors.snapshot(tenant)).seq
        async with self._floors.subscribe(tenant, after_seq=self._seen[tenant]) as follower:
            async for event in follower:
                self._seen[tenant] = event.seq
                self.saw(event)

    def saw(self, event: FloorEvent) -> None:
        """Write down what happened, and tell the call."""
        payload = event.payload
        if event.kind.startswith("item."):
            self._calls[event.subject] = payload["call"]
        call = self._calls.get(payload["item"]) if event.kind.startswith(("item.", "offer.")) else None
        if call is None:
            return
        record = self._logs.get(call)
        if record is not None:
            self._write(record, event)
        room = self._room(call)
        if event.kind in (Kind.ITEM_ACCEPTED, Kind.ITEM_CONNECTED):
            self._with[event.subject] = payload["agent"]
        if event.kind is Kind.ITEM_REQUEUED:
            agent = self._with.pop(event.subject, None)
            lost = payload["reason"] in _LOST and agent is not None
            if lost and room is not None and room.control.grip.who == agent:
                room.lose()  # it may be somebody else's already, or they only joined it
        if event.kind in _OVER:
            self._with.pop(event.subject, None)
            self._calls.pop(event.subject, None)
            if room is None:
                self._logs.pop(call, None)

    def _write(self, record: CallLog, event: FloorEvent) -> None:
        told = _told(event)
        if told is None:
            return
        kind, payload = told
        try:
            record.append(kind, payload)
        except LedgerError as error:
            log.error("%s of call %s is not in its record: %s", kind, record.call_id, error)


_OVER = frozenset({Kind.ITEM_COMPLETED, Kind.ITEM_ABANDONED, Kind.ITEM_CANCELLED, Kind.ITEM_EXPIRED})

_DECLINED = frozenset(
    {
        Kind.OFFER_REJECTED,
        Kind.OFFER_TIMEOUT,
        Kind.OFFER_CANCELED,
        Kind.OFFER_RESCINDED,
        Kind.OFFER_DEVICE_ERROR,
        Kind.OFFER_CALLER_GONE,
    }
)


def _told(event: FloorEvent) -> tuple[EventKind, dict[str, Any]] | None:
    """What a contact's record says of an event of the floor."""
    payload = event.payload
    about = {"handoff": payload.get("item"), "agent": payload.get("agent")}
    match event.kind:
        case Kind.OFFER_MADE:
            return EventKind.HANDOFF_OFFERED, about
        case kind if kind in _DECLINED:
            return EventKind.HANDOFF_DECLINED, {**about, "why": payload["state"], "words": payload.get("reason", "")}
        case Kind.ITEM_ACCEPTED:
            return EventKind.HANDOFF_ACCEPTED, {**about, "queue": payload["queue"], "waited": waited(payload)}
        case Kind.ITEM_COMPLETED:
            return EventKind.HANDOFF_ENDED, {**about, "why": payload["reason"]}
        case _:
            return None


def waited(payload: Mapping[str, Any]) -> float:
    """Seconds from the queue to this moment."""
    since, began = datetime.fromisoformat(payload["since"]), datetime.fromisoformat(payload["enqueued_at"])
    return round((since - began).total_seconds(), 3)
