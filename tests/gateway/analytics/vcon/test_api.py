from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
from httpx import AsyncClient, Response

from gateway.access.identity import Role
from gateway.access.viewings import Viewings
from gateway.analytics.search import CallSearch
from gateway.analytics.vcon.api import vcon_router
from gateway.analytics.vcon.dialogs import Sound
from gateway.session.records import CallRecord
from infra.storage.database import Database
from tests.gateway.access.people import Lobby, person
from tests.gateway.analytics.past_calls import answered, handed_over, ledger, new_tenant, past_call, said
from tests.gateway.analytics.vcon.profile import ISSUER, SOUND, mistakes
from tests.gateway.http import client
from tests.sealed_numbers import numbers

NUMBER = "010-1234-5678"


@dataclass
class Archive:
    tenant: str
    lobby: Lobby
    http: AsyncClient

    async def get(self, call: str, *roles: Role, queues: tuple[str, ...] = (), query: str = "") -> Response:
        account = person(*roles, tenant=self.tenant)
        account = replace(account, identity=replace(account.identity, queues=queues))
        await self.lobby.store.add_account(account)
        self.http.cookies.clear()
        self.http.cookies.update(await self.lobby.cookies_of(account))
        return await self.http.get(f"/v1/calls/{call}/vcon{query}")


@pytest.fixture
async def archive(database: Database) -> AsyncIterator[Archive]:
    tenant, lobby = await new_tenant(database), Lobby()

    async def sound(record: CallRecord) -> Sound | None:
        return SOUND if record.call_id == "recorded" else None

    async with ledger(database) as log:
        viewings = Viewings(lobby.store, lobby.clock)
        router = vcon_router(log, CallSearch(database, numbers), lobby.guard, viewings, lambda _: ISSUER, sound, None)
        recording = [("recording.started", {"at": 0}), ("recording.stored", {"seconds": 3.5})]
        said_so = said(f"{NUMBER}로 전화 주세요")
        past = [
            past_call(log, tenant, "bot", said_so, *answered("네")),
            past_call(log, tenant, "recorded", said_so, *handed_over("orders", "u1", "solved"), *recording),
        ]
        open_call = log.open_call(tenant=tenant, call_id="open", line="+1", language="en")
        open_call.append("call.answered", {})
        for call in [*past, open_call]:
            await call.acknowledged()
        async with client(router) as http:
            yield Archive(tenant, lobby, http)


async def test_a_call_is_handed_out_whole_masked_and_written_down(archive: Archive) -> None:
    answer = await archive.get("recorded", Role.ANALYST)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/vcon+json")
    vcon = answer.json()
    assert mistakes(vcon) == []
    assert vcon["dialog"][0]["content_hash"] == SOUND.content_hash
    assert "1234" not in answer.text
    kept = await archive.lobby.store.entries(archive.tenant)
    assert ("call.exported", "recorded") in [(one.entry.what, one.entry.whose) for one in kept]


async def test_a_call_without_a_recording_is_its_words(archive: Archive) -> None:
    vcon = (await archive.get("bot", Role.SUPERVISOR)).json()
    assert [dialog["type"] for dialog in vcon["dialog"]] == ["text", "text"]


async def test_only_who_may_see_a_call_gets_it(archive: Archive) -> None:
    assert (await archive.get("bot", Role.AGENT)).status_code == 403
    assert (await archive.get("bot", Role.ANALYST, queues=("orders",))).status_code == 404
    assert (await archive.get("recorded", Role.ANALYST, queues=("orders",))).status_code == 200
    assert (await archive.get("nowhere", Role.ANALYST)).status_code == 404


async def test_a_call_that_goes_on_is_refused(archive: Archive) -> None:
    answer = await archive.get("open", Role.ANALYST)
    assert (answer.status_code, answer.json()["code"]) == (409, "call_goes_on")


async def test_a_signature_without_a_key_is_refused(archive: Archive) -> None:
    answer = await archive.get("bot", Role.ANALYST, query="?signed=true")
    assert (answer.status_code, answer.json()["code"]) == (409, "vcon_not_signed")
