"""A stream that whoever holds it can end from outside, also while somebody waits for what it gives next.

An answer that is being composed is of no use to a caller who has begun to speak: the model behind it is to stop then,
not when it has finished.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Generic, TypeVar

T = TypeVar("T")


class Interruptible(Generic[T]):
    """``stream`` until ``stop`` is called; it is closed then, as when whoever reads it stops reading."""

    def __init__(self, stream: AsyncGenerator[T, None]) -> None:
        self._stream = stream
        self._next: asyncio.Future[T | None] | None = None
        self.stopped = False

    def stop(self) -> None:
        """Give nothing more. Whoever waits for more learns at once that there is none."""
        self.stopped = True
        if self._next is not None:
            self._next.cancel()

    async def events(self) -> AsyncGenerator[T, None]:
        """What the stream gives until it ends or is stopped. To be read once."""
        async with aclosing(self._stream) as stream:
            while not self.stopped:
                self._next = asyncio.ensure_future(anext(stream, None))
                try:
                    await asyncio.wait({self._next})
                finally:
                    step, self._next = self._next, None
                    step.cancel()
                    await asyncio.wait({step})
                event = None if step.cancelled() else step.result()
                if event is None or self.stopped:
                    return
                yield event
