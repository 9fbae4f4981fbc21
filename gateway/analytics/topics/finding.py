"""Finds what callers of some days talked about: reads their turns and those of the weeks before, and has a child
process mask and group them.

One search at a time, each with a process of its own that ends with it. Policy: who would have to wait behind too many
is refused (``TooManyReports``).

Refuses: looking at more than ``MOST`` says; whether all were looked at is part of the answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from gateway.analytics.errors import TooManyReports, TopicsFailed
from gateway.analytics.kpis.reports import LONGEST_DAYS, Reports, Sampled, Selection
from knowledge.child import ChildLost, ChildProcess, ChildTimeout, Message

MOST: Final = Sampled(contacts=20_000, turns=50_000)
"""Beyond it a sample is looked at. 50,000 turns take most of a minute, on a busy machine more."""

WEEKS_BEFORE: Final = 4
"""Weeks that the days asked about are held against; more where more was asked about, so that one is not longer than the
other. They are whole ones, for what callers want on a Monday is not what they want on a Sunday."""

TOLD_AT_ONCE: Final = 2_000
"""Turns in one message to the child."""

MOST_WAITING: Final = 4
PATIENCE: Final = 150.0
"""Seconds for a search, of which loading Korean morphemes takes two or three. The page waits 180."""


class TopicSearch:
    """The search for topics in every tenant's calls; ``data`` is where the model that reads turns is kept. Belongs to
    one event loop."""

    def __init__(self, reports: Reports, data: Path, most_waiting: int = MOST_WAITING) -> None:
        self._reports = reports
        self._data = data
        self._most_waiting = most_waiting
        self._waiting = 0
        self._searching = asyncio.Lock()

    async def find(self, tenant: str, asked: Selection, language: str) -> dict[str, Any]:
        """The topics of what was said in a language: as ``gateway.analytics.topics.process`` answers, and ``whole``,
        whether all of it was looked at.

        Raises ``TooManyReports``, ``TopicsFailed``, ``ReportTooWide`` and ``StorageError``.
        """
        if self._waiting >= self._most_waiting:
            raise TooManyReports(f"{self._waiting} searches for topics go on already: ask again in a minute")
        self._waiting += 1
        try:
            async with self._searching:
                since = begins_with(asked)
                said = await self._reports.said(tenant, replace(asked, since=since), language, MOST)
                asked_about = {"language": language, "since": asked.since.isoformat(), "data": str(self._data)}
                found = await asyncio.to_thread(_grouped, said.turns, asked_about)
        finally:
            self._waiting -= 1
        return {**found, "whole": said.whole, "before": {**found["before"], "from": since.isoformat()}}


def begins_with(asked: Selection) -> date:
    """The first of the days that are looked at: the weeks before those asked about, as far as a report may reach."""
    days = (asked.until - asked.since).days + 1
    weeks = max(WEEKS_BEFORE, -(-days // 7))
    return asked.since - timedelta(days=min(7 * weeks, LONGEST_DAYS - days))


def _grouped(said: Sequence[tuple[str, date, str]], asked_about: Message) -> Message:
    """The child's answer. It is told in parts, for encoding a long message keeps all our threads waiting."""
    if not said:
        return {"topics": [], "contacts": 0, "turns": 0, "alone": 0, "before": {"contacts": 0}}
    deadline = time.monotonic() + PATIENCE
    try:
        with ChildProcess("gateway.analytics.topics.process") as child:
            for start in range(0, len(said), TOLD_AT_ONCE):
                turns = [(contact, day.isoformat(), text) for contact, day, text in said[start : start + TOLD_AT_ONCE]]
                child.ask({"do": "hear", "turns": turns}, deadline - time.monotonic())
            answer = child.ask({"do": "group", **asked_about}, deadline - time.monotonic())
    except (ChildLost, ChildTimeout) as error:
        raise TopicsFailed(f"topics could not be looked for: {error}") from error
    if "error" in answer:
        raise TopicsFailed(str(answer["error"]))
    return answer
