"""Live followers of a tenant's floor: each gets the events in order, none twice, none left out.

A follower reads what is stored behind the last event it gave. That something new is there it is told by a hint, which
may get lost: it looks by itself every ``LOOKS_EVERY`` seconds. So nothing waits for a slow one, and no queue fills up.

The followers of a tenant on one node, as many as there are desktops, share their looks: what one has read the others
take from memory, which holds the latest ``MOST_RECENT`` events; who is farther behind reads for themselves.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice
from types import TracebackType
from typing import Self
from weakref import WeakSet

from gateway.desk.floor.events import FloorEvent

LOOKS_EVERY = 2.0
"""Seconds after which those who were told nothing look by themselves."""

MOST_RECENT = 1_000
"""Events of a tenant that are kept for those who follow."""

Read = Callable[[str, int], Awaitable[Sequence[FloorEvent]]]
"""Reads a page of a tenant's events behind a number; an empty one at the end."""


class FloorFollower:
    """An asynchronous iterator of a tenant's events behind ``after_seq``, ended by ``close`` or ``async with``.

    Raises what reading raises; whoever follows may go on, or follow again from the last event.
    """

    def __init__(self, feed: _Feed, after_seq: int) -> None:
        self._feed = feed
        self._last = after_seq
        self._page: deque[FloorEvent] = deque()
        self._news = asyncio.Event()
        self._news.set()
        self._closed = False

    def hint(self) -> None:
        """For the store: something happened."""
        self._news.set()

    def close(self) -> None:
        """Follow no more; the iteration ends."""
        self._closed = True
        self._news.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> FloorEvent:
        while not self._closed:
            if self._page:
                event = self._page.popleft()
                self._last = event.seq
                return event
            hinted = self._news.is_set()
            self._news.clear()  # before reading: what happens meanwhile sets it again
            self._page.extend(await self._feed.behind(self._last, hinted=hinted))
            if not self._page:
                await self._wait()
        raise StopAsyncIteration

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(LOOKS_EVERY):
                await self._news.wait()
        except TimeoutError:
            return

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Feed:
    """The latest events of a tenant, in order and without a gap up to ``_last``."""

    def __init__(self, read: Read, tenant: str) -> None:
        self._read = read
        self._tenant = tenant
        self._recent: deque[FloorEvent] = deque(maxlen=MOST_RECENT)
        self._last = 0
        self._looking = asyncio.Lock()
        self._looks = 0
        self._looked_at = float("-inf")
        self.followers: WeakSet[FloorFollower] = WeakSet()

    def hint(self) -> None:
        """Something happened, or may have."""
        for follower in list(self.followers):
            follower.hint()

    async def behind(self, seq: int, *, hinted: bool) -> Sequence[FloorEvent]:
        """Events behind a number that somebody has read already. At the end it is looked for more: when there was a
        hint, or nobody has looked for a while."""
        if seq > self._last:  # they were given it by somebody else, so that it is there
            self._recent.clear()
            self._last = seq
        if seq == self._last:
            await self._look(hinted)
        if seq == self._last:
            return ()
        first = self._last - len(self._recent) + 1
        if seq + 1 < first:
            return await self._read(self._tenant, seq)
        return list(islice(self._recent, seq + 1 - first, None))

    async def _look(self, hinted: bool) -> None:
        asked_at = self._looks
        async with self._looking:
            now = asyncio.get_running_loop().time()
            if self._looks > asked_at or (not hinted and now < self._looked_at + LOOKS_EVERY):
                return
            self._looks += 1
            found = [event for event in await self._read(self._tenant, self._last) if event.seq > self._last]
            self._looked_at = now
            if found:
                self._recent.extend(found)
                self._last = found[-1].seq
                self.hint()


class FloorFollowers:
    """All followers of one store. Who forgets a follower without closing it is forgotten as well."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._feeds: dict[str, _Feed] = {}

    def add(self, tenant: str, after_seq: int) -> FloorFollower:
        """A new follower."""
        feed = self._feeds.setdefault(tenant, _Feed(self._read, tenant))
        follower = FloorFollower(feed, after_seq)
        feed.followers.add(follower)
        return follower

    def hint(self, tenant: str | None = None) -> None:
        """Tell those of a tenant, or all, that something happened."""
        for name, feed in self._feeds.items():
            if tenant in (None, name):
                feed.hint()

    def close(self) -> None:
        """End all."""
        for feed in self._feeds.values():
            for follower in list(feed.followers):
                follower.close()
