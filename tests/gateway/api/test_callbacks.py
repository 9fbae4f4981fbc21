"""Due calls over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from httpx import AsyncClient

from gateway.api.callbacks import callbacks_router
from gateway.outbound.desk import TenantDesk
from gateway.outbound.due_call import Started
from infra.storage.database import Database
from tests.gateway.http import client
from tests.gateway.outbound.parlour import NOW, NUMBER, Clock, desk

WANTED: dict[str, Any] = {"number": "010-1234-5678", "language": "ko", "at": "2026-11-24T15:00", "key": "k1"}


@pytest.fixture
async def shop(database: Database) -> TenantDesk:
    return await desk(database, Clock())


@pytest.fixture
async def http(shop: TenantDesk) -> AsyncIterator[AsyncClient]:
    async with client(callbacks_router({shop.tenant.id: shop})) as http:
        http.base_url = http.base_url.join(f"/v1/tenants/{shop.tenant.id}")
        yield http


async def test_a_call_is_asked_for_looked_at_and_called_off(http: AsyncClient) -> None:
    made = await http.post("/callbacks", json={**WANTED, "contact": "c1"})
    assert made.status_code == 201
    due = made.json()
    assert (due["number"], due["state"], due["contact"], due["attempts"]) == (NUMBER, "due", "c1", 0)
    assert datetime.fromisoformat(due["due_at"]) == datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    assert "ticket" not in due
    again = (await http.post("/callbacks", json=WANTED)).json()
    assert again["due_call"] == due["due_call"]
    assert [one["due_call"] for one in (await http.get("/callbacks")).json()] == [due["due_call"]]
    assert (await http.get("/callbacks?state=done")).json() == []
    assert (await http.delete(f"/callbacks/{due['due_call']}")).status_code == 204
    one = (await http.get(f"/callbacks/{due['due_call']}")).json()
    assert one["state"] == "cancelled"
    assert [line["state"] for line in one["history"]] == ["cancelled"]


async def test_what_is_under_way_cannot_be_called_off(http: AsyncClient, shop: TenantDesk) -> None:
    due = (await http.post("/callbacks", json=WANTED)).json()
    await shop.calls.happen(due["due_call"], Started("t1"), NOW)
    refused = await http.delete(f"/callbacks/{due['due_call']}")
    assert refused.status_code == 409 and "is placing" in refused.text
    for answer in (await http.get("/callbacks/nobody"), await http.delete("/callbacks/nobody")):
        assert answer.status_code == 404


async def test_numbers_that_must_not_be_called_are_kept_and_let_go(http: AsyncClient) -> None:
    await http.post("/callbacks", json=WANTED)
    kept = await http.put(f"/opt-outs/{NUMBER}", json={"words": "by letter"})
    assert kept.json() == {"called_off": 1}
    [one] = (await http.get("/opt-outs")).json()
    assert (one["number"], one["words"], one["contact"]) == (NUMBER, "by letter", None)
    assert (await http.post("/callbacks", json={**WANTED, "key": "k2"})).status_code == 409
    assert (await http.delete(f"/opt-outs/{NUMBER}")).status_code == 204
    assert (await http.delete(f"/opt-outs/{NUMBER}")).status_code == 404
    assert (await http.post("/callbacks", json={**WANTED, "key": "k2"})).status_code == 201


@pytest.mark.parametrize(
    "changed",
    [
        {"number": "12345"},
        {"purpose": "book_visit"},
        {"language": "de"},
        {"at": "soon"},
        {"details": {"colour": "red"}},
        {"colour": "red"},
    ],
)
async def test_what_cannot_be_done_is_refused(http: AsyncClient, changed: dict[str, Any]) -> None:
    assert (await http.post("/callbacks", json={**WANTED, **changed})).status_code == 422
    assert (await http.put("/opt-outs/12", json={})).status_code == 422
    assert (await http.delete("/opt-outs/12")).status_code == 422


async def test_a_tenant_that_makes_no_calls_is_not_found() -> None:
    async with client(callbacks_router({})) as http:
        assert (await http.get("/v1/tenants/shop/callbacks")).status_code == 404


@pytest.mark.parametrize("part", ["a\0b", "a\ud800b"])
@pytest.mark.parametrize("place", ["number", "key", "purpose", "language", "contact", "detail", "name"])
async def test_text_that_cannot_be_kept_is_refused_with_words(http: AsyncClient, place: str, part: str) -> None:
    details = {"detail": {"phone": part}, "name": {part: "1"}}.get(place, {})
    body = {**WANTED, "details": details, **({} if details else {place: part})}
    answer = await http.post("/callbacks", content=json.dumps(body), headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["message"]
    for method in ("GET", "DELETE"):
        assert (await http.request(method, "/callbacks/a%00b")).status_code == 422
    said = await http.put(f"/opt-outs/{NUMBER}", content=json.dumps({"words": part}))
    assert said.status_code == 422
