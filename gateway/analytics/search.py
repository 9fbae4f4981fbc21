"""Finds calls by what is known of them, over records and logs in PostgreSQL, and says of each what a list needs.

A search reads the logs themselves: it finds what was logged a moment ago, and nothing that was not. What it costs is
bounded by the database's limit for a statement; whoever asks too widely is told to ask for less time.

Refuses: searching by fewer than four digits of a number, which would list callers instead of finding one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.analytics.errors import SearchRefused, SearchTooWide
from gateway.session.records import CallRecord
from infra.storage.database import Database
from infra.storage.errors import StatementTimedOut
from infra.storage.queries import Query, load_queries

QUERIES: Mapping[str, Query] = load_queries(Path(__file__).with_name("queries.sql"))

FEWEST_DIGITS = 4
"""Of a caller's number that is searched for."""

WHOLE_NUMBER = 9
"""Digits from which on a number is taken for whole, so that its zeros in front mean a trunk or a foreign country."""

MOST_WORDS = 8
"""Of a text that is searched for."""

_MEANING = re.compile(r"[\\%_]")
"""What means something to LIKE."""

_RECORD = [field.name for field in fields(CallRecord)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What calls are searched for; nothing is asked of what is None.

    ``since`` and ``until`` bound their beginning (``until`` excluded), ``text`` is words of one utterance of caller,
    bot or agent, ``caller`` a number or its end, ``agent`` who took the call, ``queue`` one that it waited in,
    ``disposition`` how its case was closed. ``within`` is the queues that whoever asks may see (None: every call).
    """

    call: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    caller: str | None = None
    agent: str | None = None
    queue: str | None = None
    disposition: str | None = None
    language: str | None = None
    within: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """A call at a glance: the caller's turns that said something, their first words, the lowest confidence of an
    answer, where and why it waited for a person (the last time), who took it, how the case was closed, and whether a
    recording lies."""

    turns: int = 0
    opening: str | None = None
    confidence: float | None = None
    queue: str | None = None
    reason: str | None = None
    agents: tuple[str, ...] = ()
    disposition: str | None = None
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class FoundCall:
    """A call that fits."""

    record: CallRecord
    outline: Outline


class CallSearch:
    """The search for calls of every tenant in ``database``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(
        self, tenant: str, wanted: Wanted, *, limit: int = 50, before: CallRecord | None = None
    ) -> Sequence[FoundCall]:
        """The latest calls that fit; ``before``: those behind this one, the last of the page before.

        Raises ``SearchRefused``, ``SearchTooWide`` and ``StorageError``.
        """
        asked = {
            **_asked(wanted),
            "tenant": tenant,
            "limit": limit,
            "before_at": None if before is None else before.started_at,
            "before_id": None if before is None else before.call_id,
        }
        return await self._found(tenant, "find", asked)

    async def one(self, tenant: str, call: str, within: tuple[str, ...] | None = None) -> FoundCall | None:
        """One call, if it is there and may be seen by whom these queues are shown (None: every call)."""
        found = await self.find(tenant, Wanted(call=call, within=within), limit=1)
        return found[0] if found else None

    async def these(self, tenant: str, calls: Sequence[str]) -> Sequence[FoundCall]:
        """Calls by their ids, in that order; what is not there is left out. Raises as ``find``."""
        found = await self._found(tenant, "these", {"tenant": tenant, "calls": list(calls)})
        by_id = {one.record.call_id: one for one in found}
        return [by_id[call] for call in calls if call in by_id]

    async def _found(self, tenant: str, query: str, asked: Mapping[str, Any]) -> list[FoundCall]:
        try:
            async with self._database.tenant(tenant) as connection:
                rows = await (await connection.execute(QUERIES[query].sql, asked)).fetchall()
                records = [CallRecord(**dict(zip(_RECORD, row, strict=True))) for row in rows]
                calls = {"tenant": tenant, "calls": [record.call_id for record in records]}
                outlines = await (await connection.execute(QUERIES["outline"].sql, calls)).fetchall()
        except StatementTimedOut as error:
            raise SearchTooWide("there is too much to search through: choose a shorter time, or fewer words") from error
        known = {row[0]: _outline(row) for row in outlines}
        return [FoundCall(record, known.get(record.call_id, Outline())) for record in records]


def digits_wanted(number: str) -> str:
    """The digits by which a number is found however it was written: without the zero that stands for the country code.

    Raises ``SearchRefused`` for fewer than ``FEWEST_DIGITS``.
    """
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", number))
    if len(digits) < FEWEST_DIGITS:
        raise SearchRefused(f"a caller is searched for by at least {FEWEST_DIGITS} digits of their number")
    return digits.lstrip("0") if len(digits) >= WHOLE_NUMBER else digits


def patterns(text: str) -> list[str]:
    """One pattern of LIKE for each word, which stands for nothing but itself. Raises ``SearchRefused``."""
    words = unicodedata.normalize("NFC", text).split()
    if len(words) > MOST_WORDS:
        raise SearchRefused(f"a text is searched for by at most {MOST_WORDS} words")
    return ["%" + _MEANING.sub(r"\\\g<0>", word) + "%" for word in words]


def _asked(wanted: Wanted) -> dict[str, Any]:
    return {
        "call": wanted.call,
        "since": wanted.since,
        "until": wanted.until,
        "words": patterns(wanted.text) or None if wanted.text else None,
        "caller": digits_wanted(wanted.caller) if wanted.caller else None,
        "agent": wanted.agent,
        "queue": wanted.queue,
        "disposition": wanted.disposition,
        "language": wanted.language,
        "queues": None if wanted.within is None else list(wanted.within),
    }


def _outline(row: tuple[Any, ...]) -> Outline:
    _, turns, opening, confidence, queue, reason, agents, disposition, recorded = row
    return Outline(turns, opening, confidence, queue, reason, tuple(agents or ()), disposition, bool(recorded))
