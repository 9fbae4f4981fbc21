from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest

from dialog.memory.memory import Agreement, EarlierContact, Preferences
from dialog.memory.policy import Consent, MemoryPolicy
from dialog.memory.postgres import PostgresMemory
from dialog.memory.subject import Subjects
from dialog.memory.tenant import TenantMemory
from gateway.api.memory import memory_router
from infra.storage.database import Database
from tests.dialog.surroundings import StoppedClock
from tests.gateway.http import client

NOW = StoppedClock().now("UTC")
JSON = {"content-type": "application/json"}
NUMBER = "+821055501234"


@pytest.fixture
async def memories(database: Database) -> dict[str, TenantMemory]:
    made = {}
    for name in ("shop", "bank"):
        tenant = f"{name}-{uuid.uuid4().hex}"
        await database.enter_tenant(tenant)
        policy = MemoryPolicy(Consent.CUSTOMER_OPTED_IN, timedelta(days=90))
        made[name] = TenantMemory(PostgresMemory(database, tenant), Subjects(b"k" * 32, tenant), policy)
    return made


async def known(memory: TenantMemory) -> None:
    subject = memory.subjects.customer("C-1001")
    await memory.store.agree(subject, Agreement(True, NOW - timedelta(days=1), "ko:1", "c-1"))
    contact = EarlierContact("c-1", NOW - timedelta(days=1), "phone", "ko", "returns")
    await memory.store.keep(subject, NOW, Preferences("ko", 1, 0, "phone"), contact)


async def test_what_is_remembered_can_be_seen_and_taken_along(memories: dict[str, TenantMemory]) -> None:
    await known(memories["shop"])
    async with client(memory_router(memories, now=lambda: NOW)) as http:
        shown = await http.post("/v1/tenants/shop/memory/show", json={"customer": "C-1001"})
        exported = await http.post("/v1/tenants/shop/memory/export", json={"customer": "C-1001"})
        elsewhere = await http.post("/v1/tenants/bank/memory/show", json={"customer": "C-1001"})
    [one] = shown.json()["remembered"]
    assert one["preferences"]["language"] == "ko"
    assert [contact["about"] for contact in one["contacts"]] == ["returns"]
    assert exported.json()["remembered"] == shown.json()["remembered"]
    assert exported.json()["person"] == {"customer": "C-1001", "number": ""}
    assert exported.headers["content-disposition"] == 'attachment; filename="memory.json"'
    assert elsewhere.json()["remembered"][0]["agreement"] is None


async def test_who_is_forgotten_is_gone_and_that_it_was_done_stands(memories: dict[str, TenantMemory]) -> None:
    await known(memories["shop"])
    async with client(memory_router(memories, now=lambda: NOW)) as http:
        erased = await http.post("/v1/tenants/shop/memory/forget", json={"customer": "C-1001"})
        [one] = (await http.post("/v1/tenants/shop/memory/show", json={"customer": "C-1001"})).json()["remembered"]
    [what] = erased.json()["forgotten"]
    assert (what["by"], what["kinds"]) == ("api", ["agreement", "preferences", "contacts"])
    assert (one["agreement"], one["preferences"], one["contacts"]) == (None, None, [])
    assert [erasure["by"] for erasure in one["erasures"]] == ["api"]


async def test_an_enterprise_says_who_has_agreed(memories: dict[str, TenantMemory]) -> None:
    answer = {"customer": "C-7", "number": NUMBER, "agreed": True, "wording": "web form 3"}
    async with client(memory_router(memories, now=lambda: NOW)) as http:
        assert (await http.post("/v1/tenants/shop/memory/consent", json=answer)).json()["stands"]
        found = (await http.post("/v1/tenants/shop/memory/show", json={"number": NUMBER})).json()["remembered"]
        no = {**answer, "agreed": False}
        assert (await http.post("/v1/tenants/shop/memory/consent", json=no)).json()["stands"]
    assert found[0]["agreement"]["wording"] == "web form 3"
    subject = memories["shop"].subjects.customer("C-7")
    assert not (await memories["shop"].store.recall(subject, NOW - timedelta(days=1))).agreed


@pytest.mark.parametrize("path", ["show", "export", "forget"])
async def test_nobody_is_meant_by_nothing(memories: dict[str, TenantMemory], path: str) -> None:
    async with client(memory_router(memories)) as http:
        for named in ({}, {"number": "anonymous"}, {"customer": "x" * 200}, {"surname": "Kim"}):
            assert (await http.post(f"/v1/tenants/shop/memory/{path}", json=named)).status_code == 422
        assert (await http.post(f"/v1/tenants/nobody/memory/{path}", json={"customer": "C-1"})).status_code == 404


@pytest.mark.parametrize("way", ["show", "export", "forget"])
async def test_a_name_that_cannot_be_written_is_nobodys(memories: dict[str, TenantMemory], way: str) -> None:
    async with client(memory_router(memories, now=lambda: NOW)) as http:
        answer = await http.post(
            f"/v1/tenants/shop/memory/{way}", content=json.dumps({"customer": "\ud800"}), headers=JSON
        )
    assert answer.status_code == 422
