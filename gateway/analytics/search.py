"""Finds calls by what is known of them, over records and logs in PostgreSQL, and says of each what a list needs.

A search reads the logs themselves: it finds what was logged a moment ago, and nothing that was not. What it costs is
bounded by the database's limit for a statement; whoever asks too widely is told to ask for less time. Numbers lie
sealed: one is found by how it ends, and those that end so are opened to see which of them it is.

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
from gateway.session.numbers import ENDING, Numbers, digits_of, ending, opened_record
from gateway.session.records import CallRecord
from infra.storage.database import Database
from infra.storage.errors import StatementTimedOut
from infra.storage.queries import Query, load_queries

QUERIES: Mapping[str, Query] = load_queries(Path(__file__).with_name("queries.sql"))

FEWEST_DIGITS = ENDING
"""Of a customer's number that is searched for."""

MOST_NUMBERS = 5_000
"""Different numbers with the same ending that are opened for one search."""

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
    bot or agent, ``caller`` the customer's number or its end, ``agent`` who took the call, ``queue`` one that it waited
    in, ``disposition`` how its case was closed. ``within`` is the queues that whoever asks may see (None: every call).
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

    def __init__(self, database: Database, numbers: Numbers) -> None:
        self._database = database
        self._numbers = numbers

    async def find(
        self, tenant: str, wanted: Wanted, *, limit: int = 50, before: CallRecord | None = None
    ) -> Sequence[FoundCall]:
        """The latest calls that fit; ``before``: those behind this one, the last of the page before.

        Raises ``SearchRefused``, ``SearchTooWide`` and ``StorageError``.
        """
        digits = digits_wanted(wanted.caller) if wanted.caller else None
        numbers = None if digits is None else await self._numbers_ending(tenant, digits)
        asked = {
            **_asked(wanted),
            "ending": None if digits is None else ending(digits, self._numbers(tenant)),
            "numbers": numbers,
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

    async def _numbers_ending(self, tenant: str, digits: str) -> list[str]:
        """The numbers that end with these digits, as they lie."""
        words = self._numbers(tenant)
        asked = {"tenant": tenant, "ending": ending(digits, words), "limit": MOST_NUMBERS + 1}
        rows = await self._rows(tenant, "numbers", asked)
        if len(rows) > MOST_NUMBERS:
            raise SearchTooWide("too many numbers end like that: choose a shorter time, and no number")
        return [lies for (lies,) in rows if digits_of(words.unseal(lies)).endswith(digits)]

    async def _found(self, tenant: str, query: str, asked: Mapping[str, Any]) -> list[FoundCall]:
        words = self._numbers(tenant)
        lying = [CallRecord(**dict(zip(_RECORD, row, strict=True))) for row in await self._rows(tenant, query, asked)]
        calls = {"tenant": tenant, "calls": [record.call_id for record in lying]}
        known = {row[0]: _outline(row) for row in await self._rows(tenant, "outline", calls)}
        return [FoundCall(opened_record(record, words), known.get(record.call_id, Outline())) for record in lying]

    async def _rows(self, tenant: str, query: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        try:
            async with self._database.tenant(tenant) as connection:
                return await (await connection.execute(QUERIES[query].sql, asked)).fetchall()
        except StatementTimedOut as error:
            raise SearchTooWide("there is too much to search through: choose a shorter time, or fewer words") from error


def digits_wanted(number: str) -> str:
    """The digits by which a number is found however it was written: without the zero that stands for the country code.

    Raises ``SearchRefused`` for fewer than ``FEWEST_DIGITS``.
    """
    digits = digits_of(number)
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
        "agent": wanted.agent,
        "queue": wanted.queue,
        "disposition": wanted.disposition,
        "language": wanted.language,
        "queues": None if wanted.within is None else list(wanted.within),
    }


def _outline(row: tuple[Any, ...]) -> Outline:
    _, turns, opening, confidence, queue, reason, agents, disposition, recorded = row
    return Outline(turns, opening, confidence, queue, reason, tuple(agents or ()), disposition, bool(recorded))
