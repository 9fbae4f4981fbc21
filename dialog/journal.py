"""Writing to the record of a call, and a record kept in memory where there is no ledger.

What must stand before something is done is awaited where it is done (``actions/action.py``). Everything else the dialog
notes (how a turn was understood, what was retrieved, where a flow went) is written beside the conversation, in
order, without making the caller wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from dialog.actions.action import Journal
from infra.errors import AiccError

MOST_UNWRITTEN = 64
"""Notes that may wait for the ledger at once; further ones are dropped and counted. They explain, they do not prove."""


class MemoryJournal:
    """A journal that acknowledges at once and forgets with the process: for text conversations without a ledger."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, object]]] = []

    async def record(self, kind: str, payload: Mapping[str, object]) -> None:
        """Keep an event."""
        self.events.append((kind, dict(payload)))


class Scribe:
    """Notes events to a journal without waiting. ``dropped`` counts those that were never written."""

    def __init__(self, journal: Journal, *, timeout: float) -> None:
        self.journal = journal
        self.dropped = 0
        self._timeout = timeout
        self._writing: set[asyncio.Task[None]] = set()

    def note(self, kind: str, payload: Mapping[str, object]) -> None:
        """Begin to write an event; notes are begun in order. Must be called on the event loop."""
        if len(self._writing) >= MOST_UNWRITTEN:
            self.dropped += 1
            return
        task = asyncio.get_running_loop().create_task(self._write(kind, payload))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def settle(self) -> None:
        """Wait until every note is written or given up; bounded by the time limit of one write."""
        if self._writing:
            await asyncio.wait(set(self._writing))

    async def _write(self, kind: str, payload: Mapping[str, object]) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                await self.journal.record(kind, payload)
        except (AiccError, TimeoutError):
            self.dropped += 1
