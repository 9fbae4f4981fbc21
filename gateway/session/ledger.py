"""What a ledger of contact events promises, and the two parts that every ledger is made of: call logs and a spool.

A call appends to its ``CallLog`` without ever waiting; events go through the ``Spool``, a bounded queue, to whoever
makes them durable; ``await call.acknowledged(seq)`` returns once they are. All of it belongs to one event loop.

Refuses: changing or taking back an event; storing anything itself.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from dialog.clock import utc_now
from gateway.session.errors import LedgerError, LedgerFull, NotAcknowledged, again
from gateway.session.followers import Follower
from gateway.session.records import (
    CallRecord,
    ContactEvent,
    Direction,
    EventKind,
    Handoff,
    HandoffState,
    decode,
    encode,
)
from gateway.session.redaction import Redaction
from infra.telemetry.metrics import metrics

Clock = Callable[[], datetime]

ACKNOWLEDGE_LIMIT = 5.0
"""Seconds that ``acknowledged`` waits unless told otherwise."""

SPOOL_EVENTS = 60_000
"""Events that wait at most: 30 s of 2,000 a second, some 1,000 calls."""

SPOOL_BYTES = 64 * 1024 * 1024
"""Bytes of payload that wait at most."""

RESERVE = 0.05
"""The share of the spool that only hand-offs and ends of calls may use, so that a full ledger can still close them."""

BATCH_EVENTS = 2_000
BATCH_BYTES = 4 * 1024 * 1024
BATCH_NAMES = 7_000
"""Bytes of the changed calls' names in a batch: they are told in one NOTIFY, which carries less than 8,000."""

_REFUSED = metrics.counter("aicc_ledger_refused_events", "Events refused because the spool was full")
_WAITING = metrics.gauge("aicc_ledger_spool_events", "Events accepted and not yet durable")


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """An event with what is to be written in the same transaction: a new call's record, its end, or a hand-off."""

    call: CallLog
    event: ContactEvent
    body: bytes
    accepted: float
    """On the loop's clock."""
    opens: CallRecord | None = None
    ends: str | None = None
    handoff: Handoff | None = None

    @property
    def vital(self) -> bool:
        """Whether it may use the spool's reserve."""
        return self.ends is not None or self.handoff is not None


class CallLog:
    """The log of one call, held by the session that runs it. Made by a ledger's ``open_call``."""

    def __init__(self, record: CallRecord, accept: Callable[[Entry], None], clock: Clock = utc_now) -> None:
        self._record = record
        self._accept = accept
        self._clock = clock
        self.redaction = Redaction(record.language)
        """What takes out of its events what is personal."""
        self._last = 0
        self._durable = 0
        self._failure: LedgerError | None = None
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        offer = {
            "line": record.line,
            "language": record.language,
            "direction": record.direction,
            "channel": record.channel,
            "caller": record.caller,
            "called": record.called,
        }
        self._add(EventKind.CALL_OFFERED, offer, at=record.started_at, opens=record)

    @property
    def tenant(self) -> str:
        """Whose call it is."""
        return self._record.tenant

    @property
    def call_id(self) -> str:
        """The call."""
        return self._record.call_id

    @property
    def direction(self) -> str:
        """Who called whom."""
        return self._record.direction

    @property
    def started_at(self) -> datetime:
        """When the call was offered, in UTC."""
        return self._record.started_at

    @property
    def last_seq(self) -> int:
        """The number of the latest event appended."""
        return self._last

    @property
    def acknowledged_seq(self) -> int:
        """The number up to which all events are durable."""
        return self._durable

    @property
    def failure(self) -> LedgerError | None:
        """Why nothing more can be appended; none while all is well."""
        return self._failure

    def append(self, kind: EventKind | str, payload: Mapping[str, Any] | None = None) -> int:
        """Add an event and return its number at once. Never blocks; durable only when ``acknowledged``.

        Raises ``LedgerFull`` (nothing was added), ``LedgerFenced``, ``LedgerClosed``, ``CallLogBroken`` and
        ``PayloadRefused``.
        """
        return self._add(kind, {} if payload is None else payload)

    def end(self, reason: str, payload: Mapping[str, Any] | None = None) -> int:
        """Close the call's record and append ``call.ended`` with the reason. What belongs to the call may follow."""
        return self._add(EventKind.CALL_ENDED, {**(payload or {}), "reason": str(reason)}, ends=str(reason))

    def queue_handoff(
        self,
        *,
        reason: str,
        queue: str,
        skills: tuple[str, ...] = (),
        summary: Mapping[str, Any] | None = None,
        state: HandoffState = HandoffState.QUEUED,
    ) -> Handoff:
        """Let the call wait for a human, and append ``handoff.queued``; tell nobody before it is ``acknowledged``."""
        told = self.redaction.payload(EventKind.HANDOFF_QUEUED, {"summary": {} if summary is None else summary})
        handoff = Handoff(
            tenant=self.tenant,
            handoff_id=uuid.uuid4().hex,
            call_id=self.call_id,
            reason=str(reason),
            queue=queue,
            skills=tuple(skills),
            summary=decode(encode(told["summary"])),
            state=state.value,
            created_at=self._clock(),
        )
        payload = {
            "handoff": handoff.handoff_id,
            "reason": handoff.reason,
            "queue": queue,
            "skills": handoff.skills,
            "summary": handoff.summary,
        }
        self._add(EventKind.HANDOFF_QUEUED, payload, at=handoff.created_at, handoff=handoff)
        return handoff

    async def acknowledged(self, seq: int | None = None, timeout: float = ACKNOWLEDGE_LIMIT) -> None:
        """Return once every event up to ``seq`` (none: the latest) is durable.

        Raises ``NotAcknowledged`` after ``timeout`` seconds, ``LedgerFenced`` or ``CallLogBroken`` if never.
        """
        wanted = self._last if seq is None else seq
        if wanted > self._last:
            raise ValueError(f"call {self.call_id} has no event {wanted} yet; its latest is {self._last}")
        if wanted <= self._durable:
            return
        if self._failure is not None:
            raise again(self._failure)
        future = asyncio.get_running_loop().create_future()
        waiting = (wanted, future)
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(timeout):
                await future
        except TimeoutError as error:
            raise NotAcknowledged(
                f"event {wanted} of call {self.call_id} was not durable within {timeout:g} s: do not act upon it"
            ) from error
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)

    def committed(self, seq: int) -> None:
        """For the ledger: everything up to ``seq`` is durable."""
        self._durable = max(self._durable, seq)
        for wanted, future in self._waiting:
            if wanted <= self._durable and not future.done():
                future.set_result(None)

    def failed(self, error: LedgerError) -> None:
        """For the ledger: what is not durable by now never will be."""
        self._failure = error
        for _, future in self._waiting:
            if not future.done():
                future.set_exception(error)

    def _add(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        at: datetime | None = None,
        opens: CallRecord | None = None,
        ends: str | None = None,
        handoff: Handoff | None = None,
    ) -> int:
        if self._failure is not None:
            raise again(self._failure)
        body = encode(self.redaction.payload(kind, payload))
        seq = self._last + 1
        moment = self._clock() if at is None else at
        event = ContactEvent(self.tenant, self.call_id, seq, moment, str(kind), decode(body))
        self._accept(Entry(self, event, body, asyncio.get_running_loop().time(), opens, ends, handoff))
        self._last = seq
        return seq


class Spool:
    """What was accepted and is not durable yet, in order. Full, it refuses the newest; it never drops what it took."""

    def __init__(self, most_events: int = SPOOL_EVENTS, most_bytes: int = SPOOL_BYTES) -> None:
        self._most_events = most_events
        self._most_bytes = most_bytes
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._given: set[Entry] = set()
        self._filled = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()

    def __len__(self) -> int:
        return len(self._entries) + len(self._given)

    def put(self, entry: Entry) -> None:
        """Take an entry. Raises ``LedgerFull``."""
        share = 1.0 if entry.vital else 1.0 - RESERVE
        if len(self) + 1 > self._most_events * share or self._bytes + len(entry.body) > self._most_bytes * share:
            _REFUSED.inc()
            raise LedgerFull(
                f"{len(self)} events wait for the database; event {entry.event.kind} of call {entry.event.call_id} was "
                "not accepted: look why the database does not take them"
            )
        self._entries.append(entry)
        self._bytes += len(entry.body)
        self._filled.set()
        self._drained.clear()
        _WAITING.set(len(self))

    async def filled(self) -> None:
        """Return once there is something to take."""
        await self._filled.wait()

    async def drained(self) -> None:
        """Return once nothing is left that is not done."""
        await self._drained.wait()

    def take(self) -> list[Entry]:
        """The oldest entries, as many as fit into one batch; they keep their room until they are ``done``."""
        batch: list[Entry] = []
        size = names = 0
        calls: set[tuple[str, str]] = set()
        while self._entries and len(batch) < BATCH_EVENTS and size < BATCH_BYTES:
            entry = self._entries[0]
            call = (entry.event.tenant, entry.event.call_id)
            if call not in calls:
                names += len(call[0]) + len(call[1]) + 32  # numbers, quotes and brackets
                if calls and names > BATCH_NAMES:
                    break
                calls.add(call)
            batch.append(self._entries.popleft())
            size += len(entry.body)
        self._given.update(batch)
        if not self._entries:
            self._filled.clear()
        return batch

    def abandon(self) -> list[CallLog]:
        """Give up on everything; the calls that this concerns."""
        calls = {entry.call for entry in (*self._given, *self._entries)}
        self._given.clear()
        self._entries.clear()
        self._bytes = 0
        self._filled.clear()
        self._drained.set()
        _WAITING.set(0)
        return list(calls)

    def done(self, batch: Sequence[Entry]) -> None:
        """Give back the room of entries that are durable, or never will be."""
        known = self._given.intersection(batch)
        self._given -= known
        self._bytes -= sum(len(entry.body) for entry in known)
        if not len(self):
            self._drained.set()
        _WAITING.set(len(self))


SETTLED_AFTER = timedelta(seconds=60)
"""After the end of a call, the time that those who write its log are given to write the rest."""


class Ledger(Protocol):
    """The log of all contacts of one node, and the way to read that of all nodes."""

    @property
    def lost_calls(self) -> asyncio.Queue[tuple[str, str]]:
        """Tenant and id of each call that this node has closed because the call's own was lost, also from before
        anybody asked. For one taker; of calls that nobody takes only so many are kept."""
        ...

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
        """Begin a call's record with ``call.offered``. Never blocks. Raises as ``CallLog.append``, ``NameRefused``."""
        ...

    async def append_late(
        self, tenant: str, call_id: str, kind: EventKind, payload: Mapping[str, Any], *, key: str
    ) -> bool:
        """Append what became known of a call long after it was over; durable when it returns. The ``key``, of what it
        is about, stands in the payload; of each kind an event with that key is appended once, however often this is
        asked for and by whom.

        False, and nothing is appended, as long as ``SETTLED_AFTER`` is not over, and of a call that is not there:
        until then its log is written by its own session alone. Raises as ``CallLog.append``, and ``StorageError``.
        """
        ...

    async def call(self, tenant: str, call_id: str) -> CallRecord | None:
        """One call's record, if there is one."""
        ...

    async def calls(self, tenant: str, *, limit: int = 50, before: CallRecord | None = None) -> list[CallRecord]:
        """The latest calls; ``before``: those behind this one, the last of the page before."""
        ...

    async def events(self, tenant: str, call_id: str, *, after_seq: int = 0, limit: int = 1000) -> list[ContactEvent]:
        """What is durable of a call's log behind a number, in order."""
        ...

    async def handoffs(self, tenant: str, *, state: HandoffState | None = None, limit: int = 100) -> list[Handoff]:
        """The tenant's hand-offs, the oldest first."""
        ...

    async def handoff(self, tenant: str, handoff_id: str) -> Handoff | None:
        """One hand-off, if there is one."""
        ...

    async def move_handoff(self, tenant: str, handoff_id: str, *, before: HandoffState, after: HandoffState) -> bool:
        """Change a hand-off's state; false if it was no longer ``before``, because somebody else was faster."""
        ...

    def subscribe(self, tenant: str, call_id: str | None = None, *, after_seq: int = 0) -> Follower:
        """Follow one call, from what is stored behind ``after_seq`` on, or from now on all calls of the tenant."""
        ...

    def subscribe_node(self) -> Follower:
        """Follow, from now on, all that this node writes, of all tenants."""
        ...
