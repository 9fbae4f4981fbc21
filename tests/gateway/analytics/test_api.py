from __future__ import annotations

import io
import wave
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from gateway.access.answers import answer_errors
from gateway.access.identity import Role
from gateway.access.viewings import Viewings
from gateway.analytics.api import Choices, past_calls_router
from gateway.analytics.search import CallSearch
from gateway.analytics.waveform import Waveforms
from gateway.session.errors import NoRecording
from gateway.session.recorded_sound import RecordedSound
from gateway.session.records import CallRecord
from infra.storage.database import Database
from infra.storage.sealed_file import PAGE
from tests.gateway.access.people import Lobby, person
from tests.gateway.analytics.past_calls import answered, handed_over, ledger, new_tenant, past_call, said
from tests.gateway.session.sealed import OWNER, sealed_recording
from tests.sealed_numbers import numbers

CHOICES = Choices({"orders": {"ko": "주문", "en": "Orders"}}, {"solved": {"ko": "해결", "en": "Solved"}}, ("ko", "en"))


class Archive:
    """A tenant's past calls behind the routes: one of the bot alone, one that waited in ``orders`` and is recorded."""

    def __init__(self, tenant: str, folder: Path, lobby: Lobby, http: AsyncClient) -> None:
        self.tenant = tenant
        self.folder = folder
        self.lobby = lobby
        self.http = http

    async def enter(self, *roles: Role, queues: tuple[str, ...] = ()) -> str:
        account = person(*roles, tenant=self.tenant)
        account = replace(account, identity=replace(account.identity, queues=queues))
        await self.lobby.store.add_account(account)
        self.http.cookies.clear()
        self.http.cookies.update(await self.lobby.cookies_of(account))
        return account.identity.user

    async def deeds(self) -> list[tuple[str, str]]:
        kept = await self.lobby.store.entries(self.tenant)
        return [(one.entry.what, one.entry.whose) for one in reversed(kept)]


@pytest.fixture
async def archive(database: Database, tmp_path: Path) -> AsyncIterator[Archive]:
    tenant, lobby = await new_tenant(database), Lobby()
    sealed_recording(tmp_path / "person.sealed", np.zeros((8_000, 2)))

    async def recording(_tenant: str, record: CallRecord) -> RecordedSound:
        path = tmp_path / f"{record.call_id}.sealed"
        if not path.is_file():
            raise NoRecording(f"call {record.call_id} has no recording")
        return RecordedSound(path, OWNER)

    app = FastAPI()
    answer_errors(app)
    async with ledger(database) as log:
        router = past_calls_router(
            log,
            CallSearch(database, numbers),
            Waveforms(),
            recording,
            lobby.guard,
            Viewings(lobby.store, lobby.clock),
            lambda _tenant: CHOICES,
        )
        app.include_router(router)
        bot = past_call(log, tenant, "bot", said("배송이 언제 오나요"), *answered("이틀 안에 도착합니다"))
        person_ = past_call(log, tenant, "person", said("010-1234-5678로"), *handed_over("orders", "u1", "solved"))
        for call in (bot, person_):
            await call.acknowledged()
        async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as http:
            yield Archive(tenant, tmp_path, lobby, http)


async def test_a_search_lists_calls_with_numbers_masked(archive: Archive) -> None:
    await archive.enter(Role.ANALYST)
    answer = (await archive.http.get("/v1/calls", params={"from": "2026-11-21T00:00:00+09:00"})).json()
    assert [call["call"] for call in answer["calls"]] == ["person", "bot"]
    assert answer["next"] is None
    assert answer["choices"]["queues"] == [{"id": "orders", "name": {"ko": "주문", "en": "Orders"}}]
    assert answer["calls"][0]["caller"] == "+821*****5678"
    assert "1234" not in str(answer)
    found = (await archive.http.get("/v1/calls", params={"text": "언제", "agent": ""})).json()
    assert [call["call"] for call in found["calls"]] == ["bot"]


async def test_pages_of_a_search_follow_one_another(archive: Archive) -> None:
    await archive.enter(Role.SUPERVISOR)
    first = (await archive.http.get("/v1/calls?limit=1")).json()
    second = (await archive.http.get(f"/v1/calls?limit=1&before={first['next']}")).json()
    assert [page["calls"][0]["call"] for page in (first, second)] == ["person", "bot"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"caller": "12"}, "search_refused"),
        ({"text": "a b c d e f g h i"}, "search_refused"),
        ({"from": "2026-11-22"}, "invalid_request"),
        ({"limit": "0"}, "invalid_request"),
        ({"nonsense": "1"}, "invalid_request"),
    ],
)
async def test_a_search_for_what_is_not_searched_for_is_told_so(
    archive: Archive, query: dict[str, str], code: str
) -> None:
    await archive.enter(Role.ANALYST)
    answer = await archive.http.get("/v1/calls", params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_call_is_replayed_and_who_did_so_is_written_down_first(archive: Archive) -> None:
    await archive.enter(Role.ANALYST)
    record = (await archive.http.get("/v1/calls/person")).json()
    assert (record["queue"], record["disposition"], record["agents"]) == ("orders", "solved", ["u1"])
    events = (await archive.http.get("/v1/calls/person/events?after=1&limit=2")).json()
    assert [event["seq"] for event in events] == [2, 3]
    assert events[0]["payload"]["text"] == "[phone]로"
    assert await archive.deeds() == [("call.opened", "person")]


async def test_a_recording_is_sent_in_the_pieces_that_a_player_asks_for(archive: Archive) -> None:
    await archive.enter(Role.SUPERVISOR)
    whole = await archive.http.get("/v1/calls/person/recording")
    with wave.open(io.BytesIO(whole.content)) as file:
        assert file.getnframes() == 8_000
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/wav")
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["cache-control"] == "private, no-store"
    piece = await archive.http.get("/v1/calls/person/recording", headers={"range": "bytes=44-143"})
    assert (piece.status_code, piece.headers["content-range"]) == (206, f"bytes 44-143/{len(whole.content)}")
    assert piece.content == whole.content[44:144]
    beyond = await archive.http.get("/v1/calls/person/recording", headers={"range": "bytes=99999-"})
    assert beyond.status_code == 416
    assert await archive.deeds() == [("recording.heard", "person")]


async def test_the_shape_of_a_recording_is_told(archive: Archive) -> None:
    await archive.enter(Role.ANALYST)
    shape = (await archive.http.get("/v1/calls/person/waveform?points=10")).json()
    assert (shape["seconds"], [len(channel) for channel in shape["channels"]]) == (1.0, [10, 10])
    assert (await archive.http.get("/v1/calls/person/waveform?points=5000")).status_code == 422


async def test_a_recording_that_was_changed_is_not_taken_for_one(archive: Archive) -> None:
    await archive.enter(Role.ANALYST)
    path = archive.folder / "person.sealed"
    data = path.read_bytes()
    path.write_bytes(data[:-100] + bytes(100))
    answer = await archive.http.get("/v1/calls/person/waveform")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_waveform")
    path.write_bytes(data[:-PAGE])
    for what in ("waveform", "recording"):
        answer = await archive.http.get(f"/v1/calls/person/{what}")
        assert (answer.status_code, answer.json()["code"]) == (500, "storage_seal_broken")


async def test_what_is_not_there_is_said_so(archive: Archive) -> None:
    await archive.enter(Role.ANALYST)
    for path, code in (
        ("/v1/calls/nope", "no_such_call"),
        ("/v1/calls/nope/events", "no_such_call"),
        ("/v1/calls/nope/recording", "no_such_call"),
        ("/v1/calls?before=nope", "no_such_call"),
        ("/v1/calls/bot/recording", "no_recording"),
        ("/v1/calls/bot/waveform", "no_recording"),
    ):
        answer = await archive.http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, code), path
    assert await archive.deeds() == []


async def test_calls_are_for_supervisors_and_analysts_within_their_queues_and_their_tenant(archive: Archive) -> None:
    assert (await archive.http.get("/v1/calls")).status_code == 401
    for role in (Role.AGENT, Role.CONTENT, Role.ADMIN):
        await archive.enter(role)
        for path in ("/v1/calls", "/v1/calls/person", "/v1/calls/person/events", "/v1/calls/person/recording"):
            assert (await archive.http.get(path)).status_code == 403
    await archive.enter(Role.ANALYST, queues=("orders",))
    assert [call["call"] for call in (await archive.http.get("/v1/calls")).json()["calls"]] == ["person"]
    for path in ("", "/events", "/recording", "/waveform"):
        assert (await archive.http.get(f"/v1/calls/bot{path}")).status_code == 404
    archive.http.cookies.clear()
    archive.http.cookies.update(await archive.lobby.cookies(Role.SUPERVISOR, tenant="other"))
    assert (await archive.http.get("/v1/calls")).json()["calls"] == []
    assert (await archive.http.get("/v1/calls/person/recording")).status_code == 404


async def test_nothing_of_a_call_is_kept_by_browsers(archive: Archive) -> None:
    await archive.enter(Role.ANALYST)
    for path in ("/v1/calls", "/v1/calls/person", "/v1/calls/person/events"):
        answer = await archive.http.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
