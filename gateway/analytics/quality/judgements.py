"""Finds how contacts were judged: those of an agent, of a supervisor's queues, those with an objection that waits.

The log is read as it stands: what was decided a moment ago is found. What a search costs is bounded by the database's
limit for a statement; whoever asks too widely is told to ask for less time.

Refuses: contacts whose words were erased; their scores stay in the figures, and nothing is left to be looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import Any

from gateway.analytics.errors import SearchTooWide
from gateway.analytics.quality.standing import Standing, standings
from gateway.session.records import ContactEvent
from infra.storage.database import Connection, Database
from infra.storage.errors import StatementTimedOut
from infra.storage.queries import Query, load_queries

QUERIES: Mapping[str, Query] = load_queries(Path(__file__).with_name("queries.sql"))

MOST_PEOPLE = 500
"""Agents that are named for who chooses among them."""


class Which(StrEnum):
    """How what is looked for stands."""

    PASSED = "passed"
    FAILED = "failed"
    OBJECTED = "objected"
    """Somebody objected, and nobody has answered."""


@dataclass(frozen=True, slots=True)
class Place:
    """One judgement of a page: a contact, and the rubric that judged it."""

    call: str
    rubric: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; nothing is asked of what is None.

    ``since`` and ``until`` bound the contact's beginning (``until`` excluded). ``own`` and ``within`` are what whoever
    asks may see: only the contacts that this person served, only those that waited in these queues.
    """

    since: datetime | None = None
    until: datetime | None = None
    rubric: str | None = None
    agent: str | None = None
    standing: Which | None = None
    own: str | None = None
    within: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A contact as one rubric judged it; ``began`` and ``ended`` are moments (ISO 8601)."""

    call: str
    began: str
    ended: str
    language: str
    channel: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Total:
    """What judgements of one rubric come to. ``average`` is None where nothing applied in any of them; such contacts
    have neither passed nor failed. ``open`` is contacts with an objection that waits."""

    rubric: str
    contacts: int
    average: float | None
    passed: int
    failed: int
    open: int


@dataclass(frozen=True, slots=True)
class Found:
    """A page of judgements; and of all in the span, however they stand, what they come to, whose (ids with names) and
    by which rubrics they are."""

    page: Sequence[Judgement]
    totals: Sequence[Total]
    agents: Mapping[str, str]
    rubrics: Sequence[str]


class JudgementSearch:
    """The search for judgements of every tenant in ``database``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, tenant: str, wanted: Wanted, *, limit: int = 50, before: Place | None = None) -> Found:
        """The latest that fit; ``before``: those behind this one, the last of the page before.

        Raises ``SearchTooWide`` and ``StorageError``.
        """
        asked = {
            "tenant": tenant,
            "since": wanted.since,
            "until": wanted.until,
            "rubric": wanted.rubric,
            "agent": wanted.agent,
            "standing": None if wanted.standing is None else wanted.standing.value,
            "own": wanted.own,
            "queues": None if wanted.within is None else list(wanted.within),
            "before": None if before is None else before.call,
            "before_rubric": None if before is None else before.rubric,
            "limit": limit,
            "most_people": MOST_PEOPLE,
        }
        try:
            async with self._database.tenant(tenant) as connection:
                row = await (await connection.execute(QUERIES["judgements"].sql, asked)).fetchone()
                assert row is not None, "there is always one row"
                page, totals, agents, rubrics = row
                stand = await _standings(connection, tenant, page)
        except StatementTimedOut as error:
            raise SearchTooWide("there is too much to look through: choose a shorter time") from error
        judgements = [_judgement(one, stand[one["call_id"], one["rubric"]]) for one in page]
        return Found(judgements, [Total(**one) for one in totals], agents, rubrics)


async def _standings(
    connection: Connection, tenant: str, page: Sequence[Mapping[str, Any]]
) -> Mapping[tuple[str, str], Standing]:
    """How the contacts of a page stand by each rubric that judged them."""
    first: dict[str, int] = {}
    for one in page:
        first[one["call_id"]] = min(one["seq"], first.get(one["call_id"], one["seq"]))
    asked = {"tenant": tenant, "calls": list(first), "seqs": list(first.values())}
    rows = await (await connection.execute(QUERIES["told"].sql, asked)).fetchall()
    events = [ContactEvent(*row) for row in rows]
    return {
        (call, standing.rubric): standing
        for call, told in groupby(events, key=lambda event: event.call_id)
        for standing in standings(list(told))
    }


def _judgement(found: Mapping[str, Any], standing: Standing) -> Judgement:
    return Judgement(
        found["call_id"], found["started_at"], found["ended_at"], found["language"], found["channel"], standing
    )
