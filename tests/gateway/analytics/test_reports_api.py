from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from pyarrow import parquet

from gateway.access.answers import answer_errors
from gateway.access.identity import Role
from gateway.analytics.api import Choices
from gateway.analytics.kpis.kpi import KPIS
from gateway.analytics.kpis.reports import Reports
from gateway.analytics.kpis.rules import Rules
from gateway.analytics.reports_api import ReportRoom, reports_router
from gateway.analytics.search import CallSearch
from gateway.analytics.topics.finding import TopicSearch
from infra.storage.database import Database
from tests.gateway.access.people import Lobby, person
from tests.gateway.analytics.kpis.contacts import NOON, Contacts, asked, queued, taken, told
from tests.gateway.analytics.past_calls import new_tenant
from tests.sealed_numbers import numbers

CHOICES = Choices(
    {"orders": {"ko": "주문", "en": "Orders"}, "billing": {"ko": "결제", "en": "Billing"}},
    {"solved": {"ko": "해결", "en": "Solved"}},
    ("ko", "en"),
    {"+827080001000": "한빛상점"},
)
FRIDAY = {"from": "2026-11-20", "to": "2026-11-20"}


class Office:
    """The routes with four contacts: two contained, one not, one with a person in ``orders``."""

    def __init__(self, tenant: str, lobby: Lobby, http: AsyncClient) -> None:
        self.tenant = tenant
        self.lobby = lobby
        self.http = http

    async def enter(self, *roles: Role, queues: tuple[str, ...] = ()) -> None:
        account = person(*roles, tenant=self.tenant)
        account = replace(account, identity=replace(account.identity, queues=queues))
        await self.lobby.store.add_account(account)
        self.http.cookies.clear()
        self.http.cookies.update(await self.lobby.cookies_of(account))

    async def get(self, path: str = "", **query: Any) -> Response:
        return await self.http.get(f"/v1/reports{path}", params={**FRIDAY, **query})


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    tenant, lobby = await new_tenant(database), Lobby()
    reports, app = Reports(database), FastAPI()
    answer_errors(app)
    topics = TopicSearch(reports, tmp_path)
    room = ReportRoom(reports, topics, CallSearch(database, numbers), lobby.store, lobby.clock, lambda _tenant: CHOICES)
    app.include_router(reports_router(room, lobby.guard))
    await reports.keep_rules(tenant, Rules(time_zone="Asia/Seoul"))
    contacts = Contacts(database, tenant)
    contacts.add("good0", [*asked(3), *told(5, 8)])
    contacts.add("good1", [*asked(3), *told(5, 8)], begun=NOON + timedelta(minutes=1), language="en")
    contacts.add("cut", [*asked(3), *told(5, 8, complete=False)], begun=NOON + timedelta(minutes=2))
    contacts.add("person", [*asked(3), queued(10), *taken(20, 50, wrap_up=5)], begun=NOON + timedelta(minutes=3))
    await contacts.write()
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as http:
        yield Office(tenant, lobby, http)


async def test_the_overview_has_every_figure_with_its_days_and_its_rules(office: Office) -> None:
    await office.enter(Role.ANALYST)
    told_ = (await office.get()).json()
    assert [one["kpi"] for one in told_["kpis"]] == list(KPIS)
    by_name = {one["kpi"]: one for one in told_["kpis"]}
    assert by_name["containment"]["total"] == {
        "numerator": 2,
        "denominator": 4,
        "contacts": 4,
        "provisional": 0,
        "value": 0.5,
    }
    assert [row["key"] for row in by_name["containment"]["rows"]] == ["2026-11-20"]
    assert by_name["csat_score"]["total"]["value"] is None
    assert by_name["csat_score"]["rows"] == []
    assert told_["rules"]["time_zone"] == "Asia/Seoul"
    assert told_["choices"]["lines"] == [{"id": "+827080001000", "name": "한빛상점"}]
    assert told_["choices"]["agents"] == [{"id": "minji", "name": "Minji"}]
    assert [queue["id"] for queue in told_["choices"]["queues"]] == ["orders", "billing"]


async def test_a_figure_is_told_apart_by_what_is_asked_for(office: Office) -> None:
    await office.enter(Role.SUPERVISOR)
    told_ = (await office.get("/containment", by="language")).json()
    assert {row["key"]: row["value"] for row in told_["rows"]} == {"ko": 1 / 3, "en": 1.0}
    reasons = (await office.get("/escalation_reasons", by="part")).json()
    assert [(row["key"], row["value"]) for row in reasons["rows"]] == [("caller_asked", 1.0)]


async def test_what_is_downloaded_is_what_the_page_shows_and_is_written_down(office: Office) -> None:
    await office.enter(Role.ANALYST)
    shown = (await office.get("/containment", by="language")).json()["rows"]
    answer = await office.get("/containment/table", by="language", format="parquet")
    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    assert 'filename="containment-2026-11-20-2026-11-20-by-language.parquet"' in answer.headers["content-disposition"]
    rows = parquet.read_table(io.BytesIO(answer.content)).to_pylist()
    assert [(row["key"], row["value"], row["time_zone"]) for row in rows] == [
        (row["key"], row["value"], "Asia/Seoul") for row in shown
    ]
    everything = await office.get("/table", bom=True)
    assert everything.content.startswith(b'\xef\xbb\xbf"tenant","kpi"')
    entries = [kept.entry for kept in await office.lobby.store.entries(office.tenant)]
    assert [(one.what, one.whose) for one in entries if one.what == "report.downloaded"] == [
        ("report.downloaded", ""),
        ("report.downloaded", "containment"),
    ]
    assert {one.details["rows"] for one in entries if one.whose == "containment"} == {"2"}


async def test_the_calls_behind_a_number_are_a_list_like_any_other_page_by_page(office: Office) -> None:
    await office.enter(Role.ANALYST)
    first = (await office.get("/containment/calls", counted="yes", limit=1)).json()
    assert [call["call"] for call in first["calls"]] == ["good1"]
    assert first["next"] == "good1"
    assert "1234" not in first["calls"][0]["caller"]
    second = (await office.get("/containment/calls", counted="yes", limit=1, before="good1")).json()
    assert [call["call"] for call in second["calls"]] == ["good0"]
    assert second["next"] is None
    reason = (await office.get("/escalation_reasons/calls", part="caller_asked")).json()
    assert [call["call"] for call in reason["calls"]] == ["person"]


async def test_who_has_some_queues_sees_those_alone(office: Office) -> None:
    await office.enter(Role.SUPERVISOR, queues=("billing",))
    told_ = (await office.get()).json()
    assert all(one["total"]["contacts"] == 0 for one in told_["kpis"])
    assert [queue["id"] for queue in told_["choices"]["queues"]] == ["billing"]
    assert (await office.get("/containment/calls")).json()["calls"] == []


async def test_topics_are_told_for_one_language(office: Office) -> None:
    await office.enter(Role.ANALYST)
    told_ = (await office.get("/topics", language="ko")).json()
    assert [topic["turns"] for topic in told_["topics"]] == [4]
    assert (await office.get("/topics")).status_code == 422


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("/churn", {}, 422, "report_refused"),
        ("/churn/table", {}, 422, "report_refused"),
        ("/fact/calls", {}, 422, "report_refused"),
        ("/containment", {"by": "part"}, 422, "report_refused"),
        ("/table", {"by": "part"}, 422, "report_refused"),
        ("", {"from": "2026-11-21"}, 422, "report_refused"),
        ("", {"from": "2020-01-01"}, 422, "report_refused"),
    ],
)
async def test_what_there_is_none_of_is_refused(
    office: Office, path: str, query: dict[str, str], status: int, code: str
) -> None:
    await office.enter(Role.ANALYST)
    answer = await office.get(path, **query)
    assert answer.status_code == status
    assert answer.json()["code"] == code


async def test_reports_are_for_supervisors_and_analysts(office: Office) -> None:
    assert (await office.get()).status_code == 401
    for role in (Role.AGENT, Role.CONTENT):
        await office.enter(role)
        for path in ("", "/table", "/containment", "/containment/calls", "/containment/table"):
            assert (await office.get(path)).status_code == 403, (role, path)


@pytest.mark.parametrize("query", [{"from": "soon"}, {"nobody": "asks"}, {"by": "moon"}])
async def test_what_is_no_question_is_refused(office: Office, query: dict[str, str]) -> None:
    await office.enter(Role.ANALYST)
    assert (await office.get("/containment", **query)).status_code == 422
