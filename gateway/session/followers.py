"""Live followers of the ledger: each gets the events of a call, of a tenant's calls, or of all that this node writes,
as they become durable.

A follower of one call first reads what is stored, then what is published; a gap in the numbers sends it back to
reading, so that it misses nothing. A follower of a tenant gets what becomes durable from now on; whoever needs the
past as well follows first, and then reads. A follower of the node gets what this process wrote, whoever's calls they
are, and nothing of other nodes: with one on each node every event is had once.

Every follower's queue is bounded. Policy: a follower that does not keep up is cut off (``FollowerCutOff``) and has to
follow again from the last number it was given; nobody else waits for it.

Refuses: events that are not durable; a place for them to be kept.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from types import TracebackType
from typing import Self
from weakref import WeakSet

from gateway.session.errors import FollowerCutOff
from gateway.session.records import ContactEvent
from infra.telemetry.metrics import metrics

MOST_WAITING = 1_000
"""Events that wait for one follower at most."""

Read = Callable[[str, str, int], Awaitable[list[ContactEvent]]]
"""Reads a page of a tenant's call behind a number; an empty one at the end."""

_CUT = metrics.counter("aicc_ledger_followers_cut", "Followers cut off: too slow, or events may have passed by")


class Follower:
    """An asynchronous iterator of events, ended by ``close`` (or the end of ``async with``)."""

    def __init__(self, read: Read, tenant: str | None, call_id: str | None, after_seq: int, most_waiting: int) -> None:
        self.tenant = tenant
        self.call_id = call_id
        self._read = read
        self._last = after_seq
        self._most = most_waiting
        self._stale = call_id is not None
        self._queue: deque[ContactEvent] = deque()
        self._news = asyncio.Event()
        self._cut: str | None = None
        self._closed = False

    def close(self) -> None:
        """Follow no more; the iteration ends."""
        self._closed = True
        self._news.set()

    def offer(self, event: ContactEvent) -> None:
        """For the ledger: an event became durable."""
        if self.wants(event.tenant, event.call_id) and self._cut is None:
            if len(self._queue) >= self._most:
                self.cut(f"over {self._most} events waited for a follower that did not take them")
                return
            self._queue.append(event)
            self._news.set()

    def wants(self, tenant: str, call_id: str) -> bool:
        """Whether the events of a call are for it."""
        return not self._closed and self.tenant in (None, tenant) and self.call_id in (None, call_id)

    def doubt(self) -> None:
        """For the ledger: events may have passed by. A call is read again; what a tenant missed nobody can tell."""
        if self.call_id is None:
            self.cut("the connection that tells of other nodes' events was interrupted")
        else:
            self._stale = True
            self._news.set()

    def cut(self, why: str) -> None:
        """For the ledger: end it with ``FollowerCutOff``."""
        if self._cut is None and not self._closed:
            _CUT.inc()
            self._cut = why
            self._queue.clear()
            self._news.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ContactEvent:
        while not self._closed:
            if self._cut is not None:
                raise FollowerCutOff(f"{self._cut}: follow again from event {self._last}", self._last)
            event = self._next()
            if event is not None:
                return event
            if self._stale:
                await self._catch_up()
            else:
                await self._news.wait()
        raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _next(self) -> ContactEvent | None:
        while self._queue:
            event = self._queue[0]
            if self.call_id is not None and event.seq > self._last + 1:
                self._stale = True
                return None
            self._queue.popleft()
            if self.call_id is None:
                return event
            if event.seq == self._last + 1:  # a lower one was read already
                self._last = event.seq
                return event
        self._news.clear()
        return None

    async def _catch_up(self) -> None:
        assert self.tenant is not None and self.call_id is not None
        self._stale = False
        page: list[ContactEvent] | None = None
        try:
            page = await self._read(self.tenant, self.call_id, self._last)
        finally:
            # Only an empty page is the end, unless somebody had doubts while we read; a failed reading is done again.
            self._stale = self._stale or page is None or bool(page)
        if not page and self._queue and self._queue[0].seq > self._last + 1:
            self.cut(f"event {self._last + 1} of call {self.call_id} cannot be read")
        # In front of what was published meanwhile; what is in both is told apart by its number.
        self._queue.extendleft(reversed(page))


class Followers:
    """All followers of one ledger. Who forgets a follower without closing it is forgotten as well."""

    def __init__(self, read: Read, most_waiting: int | None = None) -> None:
        self._read = read
        self._most = MOST_WAITING if most_waiting is None else most_waiting
        self._all: WeakSet[Follower] = WeakSet()
        self._of_node: WeakSet[Follower] = WeakSet()

    def add_of_node(self) -> Follower:
        """A new follower of what this node writes."""
        follower = Follower(self._read, None, None, 0, self._most)
        self._of_node.add(follower)
        return follower

    def add(self, tenant: str, call_id: str | None, after_seq: int) -> Follower:
        """A new follower."""
        follower = Follower(self._read, tenant, call_id, after_seq, self._most)
        self._all.add(follower)
        return follower

    def publish(self, events: Iterable[ContactEvent]) -> None:
        """Hand out what another node has made durable."""
        _offer(list(self._all), events)

    def publish_own(self, events: Iterable[ContactEvent]) -> None:
        """Hand out what this node has made durable."""
        _offer([*self._all, *self._of_node], events)

    def wanted(self, tenant: str, call_id: str) -> bool:
        """Whether anybody follows this call."""
        return any(follower.wants(tenant, call_id) for follower in list(self._all))

    def doubt(self) -> None:
        """Tell all that events may have passed by."""
        for follower in list(self._all):
            follower.doubt()

    def close(self) -> None:
        """End all."""
        for follower in (*self._all, *self._of_node):
            follower.close()


def _offer(followers: Sequence[Follower], events: Iterable[ContactEvent]) -> None:
    if followers:
        for event in events:
            for follower in followers:
                follower.offer(event)
