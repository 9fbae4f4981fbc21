"""A wait that is over in time, whatever is waited for.

A time-out that cancels still waits until what it cancelled has ended, and a driver that tells a dead server to stop
takes its time. A greeting does not: here what is late is told to stop and left to end by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_ending: set[asyncio.Task[Any]] = set()
"""What was told to stop and has not ended yet: held so that it can."""


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """What ``work`` gives, or raises, if that is there in ``seconds``. Raises ``TimeoutError``."""
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if task.done():
            return task.result()
        raise TimeoutError
    finally:
        if not task.done():
            task.cancel()
            _ending.add(task)
            task.add_done_callback(_ended)


def _ended(task: asyncio.Task[Any]) -> None:
    """What it gives now nobody asks for any more, an error included."""
    _ending.discard(task)
    if not task.cancelled():
        task.exception()
