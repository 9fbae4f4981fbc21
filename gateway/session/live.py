"""What can be seen of a call while it happens and is never written down: partial transcripts, suggestions, delays.

Whoever looks on gets what is published from then on. Each queue is bounded. Policy: the oldest is dropped; of a partial
only the newest ever counts.

Refuses: keeping anything; what must not be lost belongs into the ledger.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

MOST_WAITING = 100
"""Sights that wait for one onlooker."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Something that was seen: its ``name`` and what belongs to it, as plain data."""

    name: str
    data: Mapping[str, Any]


class Onlooker:
    """An asynchronous iterator of what is published, until the call is over or it looks away (``async with``)."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._waiting: deque[Sight] = deque(maxlen=MOST_WAITING)
        self._news = asyncio.Event()
        self._over = False

    def show(self, sight: Sight) -> None:
        """For ``Live``: something was published."""
        self._waiting.append(sight)
        self._news.set()

    def end(self) -> None:
        """For ``Live``: nothing more will come."""
        self._over = True
        self._news.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Sight:
        while not self._waiting:
            if self._over:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        return self._waiting.popleft()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.forget(self)


class Live:
    """One call's."""

    def __init__(self) -> None:
        self._onlookers: set[Onlooker] = set()

    def look_on(self) -> Onlooker:
        """Somebody looks on from now on."""
        onlooker = Onlooker(self)
        self._onlookers.add(onlooker)
        return onlooker

    def forget(self, onlooker: Onlooker) -> None:
        """Somebody looks away."""
        self._onlookers.discard(onlooker)

    def publish(self, name: str, /, **data: Any) -> None:
        """Show it to whoever looks on; costs nothing when nobody does."""
        if self._onlookers:
            sight = Sight(name, data)
            for onlooker in self._onlookers:
                onlooker.show(sight)

    def close(self) -> None:
        """The call is over."""
        for onlooker in self._onlookers:
            onlooker.end()
        self._onlookers.clear()
