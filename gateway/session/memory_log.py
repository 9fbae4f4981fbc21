"""A ledger in memory, with the promises of the real one, for tests and for a terminal chat that need not be kept.

Events become "durable" at the loop's next turn; ``hold`` keeps them from it, as a database does that is away, until
``resume``. The contract test of ledgers runs on this one and on PostgreSQL.

Refuses: surviving its process. No call of somebody is ever answered with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dialog.clock import utc_now
from gateway.session.errors import LedgerClosed, again
from gateway.session.followers import Follower, Followers
from gateway.session.ledger import SETTLED_AFTER, CallLog, Clock, Entry, Spool
from gateway.session.records import (
    CallRecord,
    ContactEvent,
    Direction,
    EventKind,
    Handoff,
    HandoffState,
    checked_name,
    decode,
    encode,
)
from gateway.session.redaction import redacted_late


class MemoryContactLog:
    """A ledger of one process (see ``gateway.session.ledger.Ledger``) from ``start`` to ``close``."""

    def __init__(self, node: str = "memory", *, clock: Clock = utc_now, spool: Spool | None = None) -> None:
        self._node = checked_name(node)
        self._clock = clock
        self._spool = Spool() if spool is None else spool
        self._followers = Followers(self._read_page)
        self._records: dict[tuple[str, str], CallRecord] = {}
        self._events: dict[tuple[str, str], list[ContactEvent]] = {}
        self._handoffs: dict[tuple[str, str], Handoff] = {}
        self._stopped: LedgerClosed | None = LedgerClosed("the ledger has not been started")
        self._held = False
        self.lost_calls: asyncio.Queue[tuple[str, str]] = asyncio.Queue(1)
        """There are none."""

    async def start(self) -> int:
        """Begin. There are never lost calls: 0."""
        self._stopped = None
        return 0

    async def close(self, timeout: float = 10.0) -> None:
        """Accept nothing more."""
        self._flush()
        self._stopped = LedgerClosed("the ledger was closed")
        for call in self._spool.abandon():
            call.failed(self._stopped)
        self._followers.close()

    def hold(self) -> None:
        """Let nothing become durable."""
        self._held = True

    def resume(self) -> None:
        """Let everything become durable again."""
        self._held = False
        self._flush()

    def open_call(
        self,
        *,
        tenant: str,
        call_id: str,
        line: str,
        language: str,
        direction: Direction = Direction.INBOUND,
        channel: str = "voice",
        caller: str | None = None,
        called: str | None = None,
    ) -> CallLog:
        """See ``Ledger``."""
        record = CallRecord(
            tenant=checked_name(tenant),
            call_id=checked_name(call_id),
            line=line,
            language=language,
            direction=direction.value,
            channel=channel,
            caller=caller,
            called=called,
            started_at=self._clock(),
            ended_at=None,
            end_reason=None,
            node=self._node,
            epoch=1,
        )
        return CallLog(record, self._accept, self._clock)

    async def append_late(
        self, tenant: str, call_id: str, kind: EventKind, payload: Mapping[str, Any], *, key: str
    ) -> bool:
        """See ``Ledger``."""
        if self._stopped is not None:
            raise again(self._stopped)
        now, record = self._clock(), self._records.get((tenant, call_id))
        if record is None or record.ended_at is None or record.ended_at >= now - SETTLED_AFTER:
            return False
        events = self._events[tenant, call_id]
        if not any((event.kind, event.payload.get("key")) == (kind, key) for event in events):
            body = decode(encode({**redacted_late(kind, payload), "key": key}))
            events.append(ContactEvent(tenant, call_id, len(events) + 1, now, kind.value, body))
            self._followers.publish_own(events[-1:])
        return True

    async def call(self, tenant: str, call_id: str) -> CallRecord | None:
        """See ``Ledger``."""
        return self._records.get((tenant, call_id))

    async def calls(self, tenant: str, *, limit: int = 50, before: CallRecord | None = None) -> list[CallRecord]:
        """See ``Ledger``."""
        mine = [record for (owner, _), record in self._records.items() if owner == tenant]
        mine.sort(key=_age, reverse=True)
        return [record for record in mine if before is None or _age(record) < _age(before)][:limit]

    async def events(self, tenant: str, call_id: str, *, after_seq: int = 0, limit: int = 1000) -> list[ContactEvent]:
        """See ``Ledger``."""
        return [event for event in self._events.get((tenant, call_id), []) if event.seq > after_seq][:limit]

    async def handoffs(self, tenant: str, *, state: HandoffState | None = None, limit: int = 100) -> list[Handoff]:
        """See ``Ledger``."""
        mine = [handoff for (owner, _), handoff in self._handoffs.items() if owner == tenant]
        mine.sort(key=lambda handoff: (handoff.created_at, handoff.handoff_id))
        return [handoff for handoff in mine if state is None or handoff.state == state][:limit]

    async def handoff(self, tenant: str, handoff_id: str) -> Handoff | None:
        """See ``Ledger``."""
        return self._handoffs.get((tenant, handoff_id))

    async def move_handoff(self, tenant: str, handoff_id: str, *, before: HandoffState, after: HandoffState) -> bool:
        """See ``Ledger``."""
        handoff = self._handoffs.get((tenant, handoff_id))
        if handoff is None or handoff.state != before:
            return False
        self._handoffs[tenant, handoff_id] = replace(handoff, state=after.value)
        return True

    def subscribe(self, tenant: str, call_id: str | None = None, *, after_seq: int = 0) -> Follower:
        """See ``Ledger``."""
        return self._followers.add(tenant, call_id, after_seq)

    def subscribe_node(self) -> Follower:
        """See ``Ledger``."""
        return self._followers.add_of_node()

    def _accept(self, entry: Entry) -> None:
        if self._stopped is not None:
            raise again(self._stopped)
        self._spool.put(entry)
        asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        while not self._held and (batch := self._spool.take()):
            for entry in batch:
                self._keep(entry)
            self._spool.done(batch)
            for entry in batch:
                entry.call.committed(entry.event.seq)
            self._followers.publish_own(entry.event for entry in batch)

    def _keep(self, entry: Entry) -> None:
        key = (entry.event.tenant, entry.event.call_id)
        if entry.opens is not None:
            self._records[key] = entry.opens
        if entry.ends is not None and self._records[key].ended_at is None:
            self._records[key] = replace(self._records[key], ended_at=entry.event.at, end_reason=entry.ends)
        if entry.handoff is not None:
            self._handoffs[entry.handoff.tenant, entry.handoff.handoff_id] = entry.handoff
        self._events.setdefault(key, []).append(entry.event)

    async def _read_page(self, tenant: str, call_id: str, after_seq: int) -> list[ContactEvent]:
        return await self.events(tenant, call_id, after_seq=after_seq)


def _age(record: CallRecord) -> tuple[object, str]:
    return record.started_at, record.call_id
