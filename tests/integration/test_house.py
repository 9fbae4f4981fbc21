"""The whole house as its users meet it: a real gateway process, real sockets, a real caller, real crashes.

One data directory for all of them, in one process after the other: ingesting takes seconds, and once is enough.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import sys
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from gateway.commands.gateway_process import GatewayProcess, gateway_process
from gateway.commands.place_call import PlacedCall, place_call
from gateway.commands.server import RunningGateway
from tests.house import EXAMPLE, ROOT, small_tenant

pytestmark = [pytest.mark.xdist_group("house"), pytest.mark.asyncio(loop_scope="module")]

TENANT = "hanbit-store"
ENGLISH, KOREAN = "+18005550100", "+827080001000"
DOCUMENTS = ("en/delivery/standard-delivery.md", "ko/delivery/standard-delivery.md", "en/returns/refund-times.md")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    small_tenant(folder, DOCUMENTS)
    return folder


@pytest.fixture(scope="module")
def voice() -> Path:
    """Somebody speaks; the scripted recognizer does not listen to what they say."""
    return EXAMPLE / "calls" / "delivery-time.wav"


def scripted(*heard: str) -> dict[str, str]:
    return {"AICC_STT_ENGINE": "scripted", "AICC_STT_SCRIPT": "|".join(heard), "AICC_GATEWAY_NODE": "house"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(place: Path) -> AsyncIterator[GatewayProcess]:
    settings = scripted("일반 배송은 며칠 걸려요", "상담원 연결해 주세요")
    async with gateway_process(place / "data", [place / TENANT], settings) as process:
        yield process


async def call(gateway: RunningGateway, number: str, audio: list[str]) -> tuple[PlacedCall, list[dict[str, Any]]]:
    events: list[dict[str, Any]] = []
    placed = await place_call(gateway, tenant=TENANT, number=number, audio=audio, on_event=events.append)
    return placed, events


def of(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event["payload"] for event in events if event["kind"] == kind]


async def test_a_korean_call_is_answered_from_the_knowledge_and_handed_over(house: GatewayProcess, voice: Path) -> None:
    placed, events = await call(house.gateway, KOREAN, [str(voice), str(voice)])
    turns = [turn["text"] for turn in of(events, "caller.turn")]
    assert turns == ["일반 배송은 며칠 걸려요", "상담원 연결해 주세요"]
    answer = next(reply for reply in of(events, "reply.decided") if reply["decision"] == "answer")
    assert "2일에서 3일" in answer["text"]
    assert answer["citations"][0]["document"] == "ko/delivery/standard-delivery.md"
    assert of(events, "escalation.decided")[0]["reason"] == "caller_asked"
    assert of(events, "handoff.queued")[0]["summary"]["text"]
    assert events[-1]["kind"] == "call.ended"
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert placed.response_times
    assert max(placed.response_times) < 15.0


async def test_the_recording_holds_both_sides(house: GatewayProcess, voice: Path) -> None:
    placed, events = await call(house.gateway, KOREAN, [str(voice)])
    stored = of(events, "recording.stored")[0]
    async with house.gateway.client() as http:
        response = await http.get(f"/v1/tenants/{TENANT}/calls/{placed.call_id}/recording")
    with wave.open(io.BytesIO(response.content)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    assert len(samples) / 8000 == pytest.approx(stored["seconds"], abs=0.1)
    loud = np.abs(samples.astype(float)).max(axis=0)
    assert min(loud) > 1000


async def test_an_action_reaches_the_real_service_and_its_result_is_told(house: GatewayProcess) -> None:
    _, events = await call(house.gateway, ENGLISH, ["dtmf:1#"])
    assert of(events, "dtmf.pressed")[0]["digit"] == "1"
    answer = await house.gateway.ask(
        "POST", f"/v1/tenants/{TENANT}/ask", json={"text": "where is my order 20261187", "language": "en"}
    )
    assert answer["decision"] == "act"
    assert "on its way" in answer["answer"]


async def test_ask_prints_what_others_rely_on(house: GatewayProcess, place: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "gateway", "ask", "how long does standard delivery take", "--tenant", TENANT),
        *("--json", "--data", str(place / "data")),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "AICC_GATEWAY_TENANTS": str(place / TENANT)},
    )
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    answer = json.loads(out)
    assert set(answer) == {"answer", "citations", "confidence", "decision"}
    assert answer["decision"] == "answer"
    [citation] = answer["citations"]
    assert set(citation) == {"document", "passage", "quote"}
    assert citation["quote"] in answer["answer"]


async def test_a_call_goes_on_while_the_database_is_killed_and_comes_back(
    house: GatewayProcess, place: Path, voice: Path
) -> None:
    calling = asyncio.create_task(call(house.gateway, KOREAN, [str(voice), str(voice)]))
    await asyncio.sleep(2.0)
    postmaster = int((place / "data" / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    placed, events = await asyncio.wait_for(calling, 90)
    stored = await house.gateway.ask("GET", f"/v1/tenants/{TENANT}/calls/{placed.call_id}/events")
    assert [event["seq"] for event in stored] == list(range(1, len(stored) + 1))
    assert stored[-1]["kind"] == "call.ended"
    assert "일반 배송은 며칠 걸려요" in [turn["text"] for turn in of(stored, "caller.turn")]
    assert events[-1]["kind"] == "call.ended"


async def test_an_unknown_line_is_rejected_and_the_house_stays_well(house: GatewayProcess) -> None:
    from gateway.telephony.caller import dial, new_call_sid
    from gateway.telephony.errors import CallRefused

    with pytest.raises((CallRefused, ValueError)):
        await dial(f"{house.gateway.url}/telephony/twilio/voice", ani="+1", dnis="+1999", call_sid=new_call_sid())
    assert (await house.gateway.ask("GET", "/readyz"))["status"] == "ready"


async def test_after_kill_9_in_mid_call_the_record_is_closed_and_nothing_acknowledged_is_missing(
    house: GatewayProcess, place: Path, voice: Path
) -> None:
    seen: list[dict[str, Any]] = []
    calling = asyncio.create_task(
        place_call(house.gateway, tenant=TENANT, number=KOREAN, audio=[str(voice), str(voice)], on_event=seen.append)
    )
    while not of(seen, "caller.turn"):
        await asyncio.sleep(0.05)
    house.kill()
    await asyncio.gather(calling, return_exceptions=True)
    assert await asyncio.wait_for(house.process.wait(), 20) == -signal.SIGKILL
    async with gateway_process(place / "data", [place / TENANT], scripted("안녕하세요")) as again:
        call_id = seen[0]["call"]
        record = await again.gateway.ask("GET", f"/v1/tenants/{TENANT}/calls/{call_id}")
        assert record["end_reason"] == "node_lost"
        stored = await again.gateway.ask("GET", f"/v1/tenants/{TENANT}/calls/{call_id}/events")
        assert [event["seq"] for event in stored] == list(range(1, len(stored) + 1))
        assert stored[: len(seen)] == seen
        assert stored[-1]["payload"]["reason"] == "node_lost"
        assert await again.stop() == 0
