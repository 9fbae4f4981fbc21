"""Reports over HTTP, for the page ``/reports``: figures, what they are made of, files, the calls behind them, topics.

For supervisors and analysts, each within their tenant and their queues. Downloads are written down first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.access.audit import AuditEntry, AuditLog
from gateway.access.guard import Guard
from gateway.access.identity import Identity, Role
from gateway.access.sign_in_api import no_store
from gateway.analytics.api import Choices
from gateway.analytics.errors import ReportRefused, ReportTooWide, SearchTooWide, TooManyReports, TopicsFailed
from gateway.analytics.kpis.kpi import KPIS, Amount, By, Counted, Kpi
from gateway.analytics.kpis.reports import Behind, Reports, Row, Selection, kpi_named
from gateway.analytics.kpis.table import Format, encoded, records
from gateway.analytics.replay import queues_of, shown_call
from gateway.analytics.search import CallSearch
from gateway.analytics.topics.finding import TopicSearch
from infra.errors import AiccError

DOWNLOADED = "report.downloaded"
"""The deed in the audit."""

STATUS: Mapping[type[AiccError], int] = {
    ReportRefused: 422,
    ReportTooWide: 422,
    SearchTooWide: 422,
    TooManyReports: 429,
    TopicsFailed: 503,
}


class Asked(BaseModel):
    """Which contacts are asked about: days of the tenant's time zone, both included, and what else they are to fit."""

    model_config = ConfigDict(extra="forbid")

    since: date = Field(alias="from")
    until: date = Field(alias="to")
    queue: str | None = Field(None, max_length=200)
    line: str | None = Field(None, max_length=200)
    language: str | None = Field(None, max_length=20)
    agent: str | None = Field(None, max_length=200)

    def selection(self, who: Identity) -> Selection:
        """The same within what somebody may see. Raises what ``refusal`` makes of ``ReportRefused``."""
        with refusals():
            return Selection(
                self.since,
                self.until,
                self.queue or None,
                self.line or None,
                self.language or None,
                self.agent or None,
                queues_of(who),
            )


class AskedBy(Asked):
    """And what figures are told apart by."""

    by: By = By.DAY


class AskedFile(AskedBy):
    """And as what file."""

    form: Format = Field(Format.CSV, alias="format")
    bom: bool = False


class AskedCalls(Asked):
    """And which of the calls behind a figure; ``before`` is the last of the page before."""

    counted: Counted = Counted.ALL
    part: str | None = Field(None, max_length=200)
    limit: int = Field(50, ge=1, le=200)
    before: str | None = Field(None, max_length=200)


class AskedTopics(Asked):
    """And in which language people spoke: words of two languages are not compared."""

    language: str = Field(max_length=20)


@dataclass(frozen=True, slots=True)
class ReportRoom:
    """What the routes work with. ``choices`` are a tenant's queues and languages, with their names."""

    reports: Reports
    topics: TopicSearch
    search: CallSearch
    audit: AuditLog
    now: Callable[[], datetime]
    choices: Callable[[str], Choices]


def reports_router(room: ReportRoom, guard: Guard) -> APIRouter:
    """``GET /v1/reports…``."""
    router = APIRouter(prefix="/v1/reports", tags=["reports"], dependencies=[Depends(no_store)])
    allowed = Depends(guard.require(Role.SUPERVISOR, Role.ANALYST))
    reports = room.reports

    async def download(who: Identity, asked: AskedFile, kpi: str | None) -> Response:
        selection = asked.selection(who)
        with refusals():
            rows = await reports.amounts(who.tenant, selection, asked.by, kpi)
        rules = await reports.rules(who.tenant)
        name = f"{kpi or 'reports'}-{asked.since}-{asked.until}-by-{asked.by.value}.{asked.form.value}"
        details = {"file": name, "rows": str(len(rows))}
        await room.audit.record(AuditEntry(who.tenant, room.now(), who.user, DOWNLOADED, kpi or "", details=details))
        found = records(who.tenant, rows, asked.by, selection, rules.time_zone)
        content = await asyncio.to_thread(encoded, found, asked.form, bom=asked.bom)
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(content, headers=headers, media_type=asked.form.media_type)

    @router.get("")
    async def overview(asked: Annotated[Asked, Query()], who: Identity = allowed) -> dict[str, Any]:
        selection = asked.selection(who)
        with refusals():
            rows = await reports.amounts(who.tenant, selection, By.DAY)
            lines_and_people = await reports.choices(who.tenant, selection)
        return {
            "from": asked.since,
            "to": asked.until,
            "rules": asdict(await reports.rules(who.tenant)),
            "choices": _shown_choices(who, room.choices(who.tenant), lines_and_people),
            "kpis": [_shown_kpi(kpi, [row for row in rows if row.kpi == kpi.name]) for kpi in KPIS.values()],
        }

    @router.get("/table")
    async def all_as_file(asked: Annotated[AskedFile, Query()], who: Identity = allowed) -> Response:
        return await download(who, asked, None)

    @router.get("/topics")
    async def topics(asked: Annotated[AskedTopics, Query()], who: Identity = allowed) -> dict[str, Any]:
        with refusals():
            return await room.topics.find(who.tenant, asked.selection(who), asked.language)

    @router.get("/{kpi}")
    async def one(kpi: str, asked: Annotated[AskedBy, Query()], who: Identity = allowed) -> dict[str, Any]:
        selection = asked.selection(who)
        with refusals():
            rows = await reports.amounts(who.tenant, selection, asked.by, kpi_named(kpi).name)
        return {**_shown_kpi(KPIS[kpi], rows), "by": asked.by, "rows": [_shown_row(row) for row in rows]}

    @router.get("/{kpi}/table")
    async def as_file(kpi: str, asked: Annotated[AskedFile, Query()], who: Identity = allowed) -> Response:
        with refusals():
            name = kpi_named(kpi).name
        return await download(who, asked, name)

    @router.get("/{kpi}/calls")
    async def behind(kpi: str, asked: Annotated[AskedCalls, Query()], who: Identity = allowed) -> dict[str, Any]:
        last = await room.search.one(who.tenant, asked.before) if asked.before else None
        before = None if last is None else (last.record.started_at, last.record.call_id)
        selection = asked.selection(who)
        with refusals():
            wanted = Behind(asked.counted, asked.part, before)
            contacts = await reports.contacts(who.tenant, selection, kpi, wanted, asked.limit + 1)
            page = contacts[: asked.limit]
            calls = await room.search.these(who.tenant, page)
        return {
            "calls": [shown_call(found) for found in calls],
            "next": page[-1] if len(contacts) > asked.limit else None,
            "choices": _shown_choices(who, room.choices(who.tenant), {}),
        }

    return router


@contextmanager
def refusals() -> Iterator[None]:
    """Turns our errors into answers of HTTP with their codes."""
    try:
        yield
    except tuple(STATUS) as error:
        raise HTTPException(STATUS[type(error)], {"code": error.code, "message": str(error)}) from error


def _shown_kpi(kpi: Kpi, rows: Sequence[Row]) -> dict[str, Any]:
    total = sum((row.amount for row in rows), Amount())
    return {
        "kpi": kpi.name,
        "unit": kpi.unit,
        "group": kpi.group,
        "parts": kpi.parts,
        "total": {**asdict(total), "value": total.value},
        "rows": [_shown_row(row) for row in rows],
    }


def _shown_row(row: Row) -> dict[str, Any]:
    return {"key": row.key, **asdict(row.amount), "value": row.value}


def _shown_choices(who: Identity, choices: Choices, found: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Queues that somebody may see, languages, and what there is else to choose from, each as ids with names."""
    queues = [{"id": one, "name": dict(names)} for one, names in choices.queues.items() if who.serves(one)]
    others = {
        f"{what}s": [{"id": one, "name": choices.lines.get(one, name)} for one, name in names.items()]
        for what, names in found.items()
    }
    dispositions = [{"id": one, "name": dict(names)} for one, names in choices.dispositions.items()]
    return {"queues": queues, "languages": list(choices.languages), "dispositions": dispositions, **others}
