"""Finds what callers of some days talked about: reads their turns, masks them, and has a child process group them.

One search at a time, each with a process of its own that ends with it. Policy: who would have to wait behind too many
is refused (``TooManyReports``).

Refuses: looking at more than the latest ``MOST_TURNS`` turns; how many were looked at is part of the answer.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from gateway.access.masking import masked_text
from gateway.analytics.errors import TooManyReports, TopicsFailed
from gateway.analytics.kpis.reports import Reports, Selection
from knowledge.child import ChildLost, ChildProcess, ChildTimeout, Message

MOST_TURNS: Final = 4_000
"""Grouping compares each with each: 4,000 take some 200 MB and a second or two."""

MOST_WAITING: Final = 4
PATIENCE: Final = 60.0
"""Seconds for a search, of which loading Korean morphemes takes two or three."""


class TopicSearch:
    """The search for topics in every tenant's calls. Belongs to one event loop."""

    def __init__(self, reports: Reports, most_waiting: int = MOST_WAITING) -> None:
        self._reports = reports
        self._most_waiting = most_waiting
        self._waiting = 0
        self._searching = asyncio.Lock()

    async def find(self, tenant: str, asked: Selection, language: str) -> dict[str, Any]:
        """The topics of what was said in a language: as ``gateway.analytics.topics.process`` answers, and ``most``, the
        number of turns at which it stopped looking.

        Raises ``TooManyReports``, ``TopicsFailed``, ``ReportTooWide`` and ``StorageError``.
        """
        if self._waiting >= self._most_waiting:
            raise TooManyReports(f"{self._waiting} searches for topics go on already: ask again in a minute")
        self._waiting += 1
        try:
            async with self._searching:
                said = await self._reports.said(tenant, asked, language, MOST_TURNS)
                turns = [[contact, day.isoformat(), masked_text(text)] for contact, day, text in said]
                found = await asyncio.to_thread(_grouped, {"language": language, "turns": turns})
        finally:
            self._waiting -= 1
        return {**found, "most": MOST_TURNS}


def _grouped(message: Message) -> Message:
    if not message["turns"]:
        return {"topics": [], "contacts": 0, "turns": 0, "alone": 0}
    try:
        with ChildProcess("gateway.analytics.topics.process") as child:
            answer = child.ask(message, PATIENCE)
    except (ChildLost, ChildTimeout) as error:
        raise TopicsFailed(f"topics could not be looked for: {error}") from error
    if "error" in answer:
        raise TopicsFailed(str(answer["error"]))
    return answer
