"""Work that is done again and again for many must not end for all of them because of one of them.

Refuses: what somebody waits for; they have to learn of a failure, and decide what it means.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import TypeVar

from infra.errors import AiccError

T = TypeVar("T")

log = logging.getLogger(__name__)


async def supervised(work: Awaitable[T], what: str) -> T | None:
    """What ``work`` gives, or None when it fails: then that is logged as ``what`` could not be done."""
    try:
        return await work
    except AiccError as error:
        log.warning("%s: %s", what, error)
    except Exception:
        # A supervisor: nobody waits for this one, and the others and the next round must not be lost with it.
        log.exception(what)
    return None


async def ended(task: asyncio.Task[None], again_after: float = 1.0) -> None:
    """Cancel a task and wait until it is over. It is told again after so many seconds: ``asyncio.wait_for`` of Python
    3.11, with which pools of connections wait, may swallow a cancellation. What it fails with is its own affair."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=again_after)
