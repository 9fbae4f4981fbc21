from __future__ import annotations

import io
import json
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np

from gateway.api.calls import calls_router
from gateway.session.errors import NoRecording
from gateway.session.memory_log import MemoryContactLog
from gateway.session.recorded_sound import RecordedSound
from gateway.session.records import CallRecord
from infra.storage.errors import KeyShredded
from tests.gateway.http import client
from tests.gateway.session.sealed import OWNER, sealed_recording


def recordings(folder: Path) -> Callable[[str, CallRecord], Awaitable[RecordedSound]]:
    async def opened(tenant: str, call: CallRecord) -> RecordedSound:
        if not (folder / call.call_id).is_file():
            raise NoRecording(f"call {call.call_id} has no recording")
        return RecordedSound(folder / call.call_id, OWNER)

    return opened


async def ledger_with_a_call() -> MemoryContactLog:
    ledger = MemoryContactLog()
    await ledger.start()
    log = ledger.open_call(tenant="shop", call_id="c1", line="l", language="en", caller="+15550100")
    log.append("caller.turn", {"text": "배송"})
    log.end("completed")
    await log.acknowledged()
    return ledger


async def test_a_call_and_its_events_are_read_back(tmp_path: Path) -> None:
    async with client(calls_router(await ledger_with_a_call(), recordings(tmp_path))) as http:
        [call] = (await http.get("/v1/tenants/shop/calls")).json()
        assert (call["call"], call["caller"], call["end_reason"]) == ("c1", "+15550100", "completed")
        events = (await http.get("/v1/tenants/shop/calls/c1/events?after=1")).json()
        assert [event["kind"] for event in events] == ["caller.turn", "call.ended"]
        assert events[0]["payload"]["text"] == "배송"


async def test_followed_events_end_with_the_call(tmp_path: Path) -> None:
    async with client(calls_router(await ledger_with_a_call(), recordings(tmp_path))) as http:
        response = await http.get("/v1/tenants/shop/calls/c1/events?follow=true")
        data = [line.removeprefix("data: ") for line in response.text.splitlines() if line.startswith("data: ")]
        assert [json.loads(line)["seq"] for line in data] == [1, 2, 3]


async def test_what_is_not_there_is_said_so_and_nothing_of_another_tenant_is_shown(tmp_path: Path) -> None:
    async with client(calls_router(await ledger_with_a_call(), recordings(tmp_path))) as http:
        for url in ("calls/nope", "calls/nope/events", "calls/c1/recording", "calls?before=nope"):
            assert (await http.get(f"/v1/tenants/shop/{url}")).status_code == 404
        assert (await http.get("/v1/tenants/other/calls/c1")).status_code == 404
        assert (await http.get("/v1/tenants/shop/calls?limit=0")).status_code == 422


async def test_a_recording_is_sent_as_a_file_of_its_own(tmp_path: Path) -> None:
    sealed_recording(tmp_path / "c1", np.full((800, 2), 7))
    async with client(calls_router(await ledger_with_a_call(), recordings(tmp_path))) as http:
        answer = await http.get("/v1/tenants/shop/calls/c1/recording")
        with wave.open(io.BytesIO(answer.content)) as file:
            assert file.readframes(900) == b"\7\0" * 1600
        assert answer.headers["content-disposition"] == 'attachment; filename="c1.wav"'
        piece = await http.get("/v1/tenants/shop/calls/c1/recording", headers={"range": "bytes=-4"})
        assert (piece.status_code, piece.content) == (206, b"\7\0\7\0")


async def test_why_a_recording_cannot_be_heard_is_told(tmp_path: Path) -> None:
    async def shredded(tenant: str, call: CallRecord) -> RecordedSound:
        raise KeyShredded("it was erased")

    async with client(calls_router(await ledger_with_a_call(), shredded)) as http:
        assert (await http.get("/v1/tenants/shop/calls/c1/recording")).status_code == 410
