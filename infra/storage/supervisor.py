"""Keeps the embedded PostgreSQL alive: notices that it died and starts it again, for as long as we run.

It looks every 0.2 s at the cluster's lock, which also tells the death of a server that another process had started. All
failures to start are retried, after a pause that doubles up to 2 s; giving up would mean calls without a record, and
the spool of the ledger bounds how long that can go on.

Refuses: judging a server that lives but does not answer; statements and connections have their own limits.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Protocol

import structlog

from infra.storage.errors import EmbeddedPostgresFailed
from infra.telemetry.metrics import metrics

INTERVAL = 0.2
"""Seconds between two looks."""

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
"""Seconds between two attempts to start."""

RESTARTS = metrics.counter(
    "aicc_embedded_postgres_restarts", "Times that the embedded PostgreSQL died and was restarted"
)
FAILURES = metrics.counter(
    "aicc_embedded_postgres_start_failures", "Attempts to restart the embedded PostgreSQL that failed"
)

_log = structlog.get_logger(__name__)


class Supervised(Protocol):
    """What can be kept alive."""

    def alive(self) -> bool:
        """Whether it lives; must not block."""
        ...

    async def start(self) -> None:
        """Start it; raises ``EmbeddedPostgresFailed``."""
        ...


class Supervisor:
    """Watches one server from ``start`` to ``stop``."""

    def __init__(self, server: Supervised, interval: float = INTERVAL) -> None:
        self._server = server
        self._interval = interval
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch."""
        if self._task is None:
            self._task = asyncio.create_task(self._watch(), name="supervise-postgres")

    async def stop(self) -> None:
        """Watch no more; must come before the server is stopped on purpose."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            if not self._server.alive():
                _log.warning("the embedded PostgreSQL died; starting it again")
                await self._restart()

    async def _restart(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._server.start()
            except EmbeddedPostgresFailed as error:
                FAILURES.inc()
                _log.error("the embedded PostgreSQL does not start; trying again", error=str(error), pause=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                RESTARTS.inc()
                _log.info("the embedded PostgreSQL is back")
                return
