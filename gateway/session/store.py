"""The ledger in PostgreSQL: a node's calls go in by one writer, and what all nodes wrote comes out by queries and
followers. What tells of people by their numbers lies sealed (``numbers``): it is sealed where an event is accepted, and
opened where it is read, here and nowhere else.

The node's own events are handed to followers when they are durable; a LISTEN connection tells of other nodes' events,
which are read then. A ledger that was fenced, or whose writer died of a mistake of ours, accepts nothing any more and
says why.

Refuses: waiting in ``append``; telling anybody of what is not durable; a way around row level security.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import fields, replace
from typing import Any, TypeVar

import orjson
import structlog

from dialog.clock import utc_now
from gateway.session.errors import LedgerClosed, LedgerError, LedgerFenced, again
from gateway.session.followers import Follower, Followers
from gateway.session.ledger import SETTLED_AFTER, CallLog, Clock, Entry, Spool
from gateway.session.ledger_writer import QUERIES, LedgerWriter, notice
from gateway.session.node_lease import LEASE_SECONDS, NodeLease
from gateway.session.numbers import Numbers, numbers_in, opened_event, opened_record, sealed_payload, sealed_record
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
from infra.storage.database import Connection, Database, translated
from infra.storage.errors import StorageError
from infra.supervision import ended
from infra.telemetry.metrics import metrics

PAGE = 1_000
"""Events read at once."""

LISTEN_PAUSE = 0.5
"""Seconds until a lost LISTEN connection is made anew."""

_STOPPED = metrics.gauge(
    "aicc_ledger_stopped", "1 when this node was fenced or its writer died: it has to be started anew"
)

R = TypeVar("R", CallRecord, ContactEvent, Handoff)

_log = structlog.get_logger(__name__)


class ContactLog:
    """A node's ledger (see ``gateway.session.ledger.Ledger``) from ``start`` to ``close``.

    ``node`` names the process among all that use the database, and must be the same after a restart. ``numbers`` seals
    those of the tenants that are served here.
    """

    def __init__(
        self,
        database: Database,
        node: str,
        numbers: Numbers,
        *,
        clock: Clock = utc_now,
        spool: Spool | None = None,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._database = database
        self._numbers = numbers
        self._clock = clock
        self._spool = Spool() if spool is None else spool
        self._lease = NodeLease(database, checked_name(node), seconds=lease_seconds, clock=clock)
        self._followers = Followers(self._read_page)
        self._tasks: list[asyncio.Task[None]] = []
        self._listener: Connection | None = None
        self._stopped: LedgerError | None = LedgerClosed("the ledger has not been started")

    @property
    def node(self) -> str:
        """This node's name."""
        return self._lease.node

    @property
    def epoch(self) -> int:
        """The epoch that this node holds; 0 before the start."""
        return self._lease.epoch

    @property
    def failure(self) -> LedgerError | None:
        """Why nothing can be appended; none while all is well. It belongs in the node's readiness."""
        return self._stopped

    @property
    def lost_calls(self) -> asyncio.Queue[tuple[str, str]]:
        """See ``Ledger``."""
        return self._lease.lost

    async def start(self) -> int:
        """Register, close the calls that lost nodes left open (their number is returned), and begin to write.

        Raises ``StorageError``.
        """
        await self._lease.register()
        await self._lease.retire_expired()
        closed = await self._lease.close_lost_calls()
        self._listener = await self._open_listener()
        writer = LedgerWriter(self._database, self.node, self.epoch, self._spool, self._durable)
        self._stopped = None
        _STOPPED.set(0)
        for name, work in (("write", writer.run()), ("lease", self._lease.keep()), ("listen", self._listen())):
            task = asyncio.create_task(work, name=f"ledger-{name}")
            task.add_done_callback(self._task_ended)
            self._tasks.append(task)
        _log.info("ledger started", node=self.node, epoch=self.epoch, lost_calls=closed)
        return closed

    async def close(self, timeout: float = 10.0) -> None:
        """Accept nothing more, write what was accepted, give up the node's name. What is not written by then is lost.

        Calls should be ended before; those that are open still will be closed as lost by the next start of any node.
        """
        if self._stopped is None:
            self._stopped = LedgerClosed("the ledger was closed")
            try:
                async with asyncio.timeout(timeout):
                    await self._spool.drained()
            except TimeoutError:
                _log.error("the ledger is closed with events that could not be written", events=len(self._spool))
        tasks, self._tasks = self._tasks, []
        await asyncio.gather(*map(ended, tasks))
        if self._listener is not None:
            await self._listener.close()
        self._fail_waiting(self._stopped)
        self._followers.close()
        try:
            await self._lease.release()
        except StorageError as error:
            _log.warning("the node's name could not be given up; its lease will run out", error=str(error))

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
        """See ``Ledger``. The call's record becomes durable together with its first event."""
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
            node=self.node,
            epoch=self.epoch,
        )
        return CallLog(record, self._accept, self._clock)

    async def append_late(
        self, tenant: str, call_id: str, kind: EventKind, payload: Mapping[str, Any], *, key: str
    ) -> bool:
        """See ``Ledger``. One transaction and one NOTIFY; late events of a call queue up for its record."""
        if self._stopped is not None:
            raise again(self._stopped)
        now, told = self._clock(), decode(encode({**redacted_late(kind, payload), "key": key}))
        call = {"tenant": tenant, "call_id": call_id}
        body = encode(sealed_payload(kind, told, self._numbers(tenant)))
        late = {**call, "at": now, "kind": kind.value, "key": key, "payload": body.decode()}
        async with self._database.tenant(tenant) as connection:
            settled = {**call, "settled": now - SETTLED_AFTER}
            held = await connection.execute(QUERIES["hold_settled_call"].sql, settled)
            if await held.fetchone() is None:
                return False
            appended = await (await connection.execute(QUERIES["append_late"].sql, late)).fetchone()
            events = [ContactEvent(tenant, call_id, seq, now, kind.value, told) for seq in appended or ()]
            if events:
                news = {"payload": notice(self.node, self.epoch, events)}
                await connection.execute(QUERIES["notify"].sql, news)
        self._followers.publish_own(events)
        return True

    async def call(self, tenant: str, call_id: str) -> CallRecord | None:
        """See ``Ledger``."""
        found = await self._read(CallRecord, "read_call", tenant, call_id=call_id)
        return opened_record(found[0], self._numbers(tenant)) if found else None

    async def calls(self, tenant: str, *, limit: int = 50, before: CallRecord | None = None) -> list[CallRecord]:
        """See ``Ledger``."""
        at, name = (None, None) if before is None else (before.started_at, before.call_id)
        found = await self._read(CallRecord, "read_calls", tenant, limit=limit, before_at=at, before_id=name)
        return [opened_record(record, self._numbers(tenant)) for record in found]

    async def events(self, tenant: str, call_id: str, *, after_seq: int = 0, limit: int = PAGE) -> list[ContactEvent]:
        """See ``Ledger``."""
        asked = {"call_id": call_id, "after_seq": after_seq, "limit": limit}
        words = self._numbers(tenant)
        return [opened_event(event, words) for event in await self._read(ContactEvent, "read_events", tenant, **asked)]

    async def handoffs(self, tenant: str, *, state: HandoffState | None = None, limit: int = 100) -> list[Handoff]:
        """See ``Ledger``."""
        wanted = None if state is None else state.value
        return await self._read(Handoff, "read_handoffs", tenant, state=wanted, limit=limit)

    async def handoff(self, tenant: str, handoff_id: str) -> Handoff | None:
        """See ``Ledger``."""
        found = await self._read(Handoff, "read_handoff", tenant, handoff_id=handoff_id)
        return found[0] if found else None

    async def move_handoff(self, tenant: str, handoff_id: str, *, before: HandoffState, after: HandoffState) -> bool:
        """See ``Ledger``."""
        arguments = {"tenant": tenant, "handoff_id": handoff_id, "before": before.value, "after": after.value}
        async with self._database.tenant(tenant) as connection:
            return (await connection.execute(QUERIES["move_handoff"].sql, arguments)).rowcount == 1

    def subscribe(self, tenant: str, call_id: str | None = None, *, after_seq: int = 0) -> Follower:
        """See ``Ledger``."""
        return self._followers.add(tenant, call_id, after_seq)

    def subscribe_node(self) -> Follower:
        """See ``Ledger``."""
        return self._followers.add_of_node()

    def _accept(self, entry: Entry) -> None:
        if self._stopped is not None:
            raise again(self._stopped)
        self._spool.put(self._as_it_lies(entry))

    def _as_it_lies(self, entry: Entry) -> Entry:
        """What is written of an event, and of the call that it opens: without numbers that anybody could read."""
        event = entry.event
        if not numbers_in(event.kind, event.payload):
            return entry
        words = self._numbers(event.tenant)
        body = encode(sealed_payload(event.kind, event.payload, words))
        opens = None if entry.opens is None else sealed_record(entry.opens, words)
        return replace(entry, body=body, opens=opens)

    def _durable(self, batch: Sequence[Entry]) -> None:
        for entry in batch:
            entry.call.committed(entry.event.seq)
        self._followers.publish_own(entry.event for entry in batch)

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        """Writer, lease and listener only end by themselves when something is wrong: then nothing more is accepted."""
        if task.cancelled():
            return
        error = task.exception()
        if not isinstance(error, LedgerFenced):
            _log.critical("a part of the ledger died", part=task.get_name(), exc_info=error)
            error = LedgerError(f"{task.get_name()} died and the node has to be started anew: {error!r}")
        else:
            _log.critical("this node was fenced", node=self.node, epoch=self.epoch)
        self._stopped = error
        _STOPPED.set(1)
        self._fail_waiting(error)

    def _fail_waiting(self, error: LedgerError) -> None:
        for call in self._spool.abandon():
            call.failed(error)

    # Reading

    async def _read(self, kind: type[R], query: str, tenant: str, **arguments: Any) -> list[R]:
        async with self._database.tenant(tenant) as connection:
            cursor = await connection.execute(QUERIES[query].sql, {"tenant": tenant, **arguments})
            rows = await cursor.fetchall()
            columns = [column.name for column in cursor.description or ()]
        order = [columns.index(field.name) for field in fields(kind)]
        return [kind(*(_plain(row[place]) for place in order)) for row in rows]

    async def _read_page(self, tenant: str, call_id: str, after_seq: int) -> list[ContactEvent]:
        return await self.events(tenant, call_id, after_seq=after_seq)

    async def _open_listener(self) -> Connection:
        async with AsyncExitStack() as stack:
            connection = await stack.enter_async_context(await self._database.connect())
            with translated():
                await connection.execute(QUERIES["listen"].sql)
            stack.pop_all()
            return connection

    async def _listen(self) -> None:
        while True:
            try:
                if self._listener is None:
                    self._listener = await self._open_listener()
                    self._followers.doubt()
                await self._hear(self._listener)
            except StorageError as error:
                _log.warning("the connection that tells of other nodes' events was lost", error=str(error))
            if self._listener is not None:
                await self._listener.close()
                self._listener = None
            await asyncio.sleep(LISTEN_PAUSE)

    async def _hear(self, connection: Connection) -> None:
        with translated():
            async with aclosing(connection.notifies()) as notifications:
                async for notification in notifications:
                    await self._pass_on(orjson.loads(notification.payload))

    async def _pass_on(self, told: dict[str, Any]) -> None:
        if (told["node"], told["epoch"]) == (self.node, self.epoch):
            return
        for tenant, call_id, low, high in told["calls"]:
            if self._followers.wanted(tenant, call_id):
                found = await self.events(tenant, call_id, after_seq=low - 1, limit=high - low + 1)
                self._followers.publish(found)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
