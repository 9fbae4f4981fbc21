from __future__ import annotations

import json
from pathlib import Path

from gateway.api.calls import calls_router
from gateway.session.memory_log import MemoryContactLog
from tests.gateway.http import client


async def ledger_with_a_call() -> MemoryContactLog:
    ledger = MemoryContactLog()
    await ledger.start()
    log = ledger.open_call(tenant="shop", call_id="c1", line="l", language="en", caller="+15550100")
    log.append("caller.turn", {"text": "배송"})
    log.end("completed")
    await log.acknowledged()
    return ledger


async def test_a_call_and_its_events_are_read_back(tmp_path: Path) -> None:
    async with client(calls_router(await ledger_with_a_call(), lambda tenant, call: tmp_path / "c1.wav")) as http:
        [call] = (await http.get("/v1/tenants/shop/calls")).json()
        assert (call["call"], call["caller"], call["end_reason"]) == ("c1", "+15550100", "completed")
        events = (await http.get("/v1/tenants/shop/calls/c1/events?after=1")).json()
        assert [event["kind"] for event in events] == ["caller.turn", "call.ended"]
        assert events[0]["payload"]["text"] == "배송"


async def test_followed_events_end_with_the_call(tmp_path: Path) -> None:
    async with client(calls_router(await ledger_with_a_call(), lambda tenant, call: tmp_path / "c1.wav")) as http:
        response = await http.get("/v1/tenants/shop/calls/c1/events?follow=true")
        data = [line.removeprefix("data: ") for line in response.text.splitlines() if line.startswith("data: ")]
        assert [json.loads(line)["seq"] for line in data] == [1, 2, 3]


async def test_what_is_not_there_is_said_so_and_nothing_of_another_tenant_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "c1.wav"
    async with client(calls_router(await ledger_with_a_call(), lambda tenant, call: path)) as http:
        for url in ("calls/nope", "calls/nope/events", "calls/c1/recording", "calls?before=nope"):
            assert (await http.get(f"/v1/tenants/shop/{url}")).status_code == 404
        assert (await http.get("/v1/tenants/other/calls/c1")).status_code == 404
        assert (await http.get("/v1/tenants/shop/calls?limit=0")).status_code == 422
        path.write_bytes(b"RIFF")
        assert (await http.get("/v1/tenants/shop/calls/c1/recording")).content == b"RIFF"
