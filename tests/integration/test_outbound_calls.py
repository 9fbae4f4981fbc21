"""Calls that the house makes by itself, whole: a real gateway process, a carrier's REST API on a real socket that comes
back to our webhooks as a carrier does (behind a proxy's address, signed), and a callee over a real media stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from gateway.commands.audio import read_audio
from gateway.commands.gateway_process import GatewayProcess, gateway_process
from gateway.commands.server import GatewayRefused
from gateway.custody.scan import scan_files
from gateway.telephony.caller import Caller
from gateway.telephony.streams.documents import read_twiml
from tests.gateway.telephony.carrier import ACCOUNT, TOKEN, CarrierServer, Meets, PlacedCall, carrier
from tests.house import EXAMPLE, small_tenant

pytestmark = [pytest.mark.xdist_group("house"), pytest.mark.asyncio(loop_scope="module")]

TENANT = "hanbit-store"
PUBLIC = "https://voice.example.com"
VOICE = EXAMPLE / "calls" / "delivery-time.wav"
"""Somebody speaks; the scripted recognizer does not listen to what they say."""
SCRIPT = ("네", "그대로 갈게요", "다시는 전화하지 마세요")
BEATS = {0: "잠시 통화하실 수 있으신가요?", 1: "그대로 방문하시겠어요", 2: "뵙겠습니다", 3: "전화드리지 않겠습니다"}
"""What is heard after so many utterances of the callee."""


class Callees:
    """What becomes of the calls to each number, in order."""

    def __init__(self) -> None:
        self.plays: dict[str, list[Callable[[CarrierServer, PlacedCall], Awaitable[None]]]] = {}
        self.numbers = iter(range(10_000_000, 99_999_999))

    def number(self, *plays: Callable[[CarrierServer, PlacedCall], Awaitable[None]]) -> str:
        """A number whose calls go as these plays say."""
        number = f"+8210{next(self.numbers)}"
        self.plays[number] = list(plays)
        return number

    async def play(self, server: CarrierServer, call: PlacedCall) -> None:
        """The next play of the number that is called."""
        await self.plays[call.order["To"]].pop(0)(server, call)


def ends(status: str) -> Callable[[CarrierServer, PlacedCall], Awaitable[None]]:
    """Nobody answers."""

    async def play(server: CarrierServer, call: PlacedCall) -> None:
        await asyncio.sleep(0.1)
        await server.report(call, status)

    return play


def answers(utterances: int) -> Callable[[CarrierServer, PlacedCall], Awaitable[None]]:
    """Somebody answers, says so much, each time after having listened, and hangs up."""

    async def play(server: CarrierServer, call: PlacedCall) -> None:
        fetched = await server.fetch(call)
        offer = read_twiml(fetched.text)
        pcm, rate = await asyncio.to_thread(read_audio, VOICE)
        inner = offer.url.replace("wss://voice.example.com", server.inner.replace("http", "ws", 1))
        async with Caller(
            inner,
            parameters=offer.parameters,
            call_sid=call.sid,
            auth_token=TOKEN,
            signed_url=offer.url,
        ) as callee:
            await callee.listen_until_quiet(quiet=1.5)
            for _ in range(utterances):
                await callee.say(pcm, rate)
                heard = await callee.listen_until_quiet(quiet=1.5)
                if heard.over:
                    break
        await server.report(call, "completed")

    return play


def always_calling(folder: Path) -> Path:
    """The example tenant, which may call at any hour, does not wait long before it tries again, and talks fast."""
    tenant = small_tenant(folder, ("ko/delivery/standard-delivery.md",))
    path = tenant / "tenant.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["outbound"] |= {"hours": {}, "attempts": 2, "pauses_minutes": [0.01]}
    content["voices"]["ko"]["pace"] = 2.0
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return tenant


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def callees() -> Callees:
    return Callees()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def at_carrier(callees: Callees) -> AsyncIterator[CarrierServer]:
    async with carrier(callees.play) as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory, at_carrier: CarrierServer) -> AsyncIterator[GatewayProcess]:
    place = tmp_path_factory.mktemp("outbound")
    settings = {
        "AICC_STT_ENGINE": "scripted",
        "AICC_STT_SCRIPT": "|".join(SCRIPT),
        "AICC_GATEWAY_NODE": "outbound",
        "AICC_GATEWAY_MAX_LOOP_LAG": "5.0",  # whether a busy machine refuses calls is not what is tried here
        "AICC_OUTBOUND_DIALER": "twilio",
        "AICC_OUTBOUND_INTERVAL": "0.2",
        "AICC_TELEPHONY_TWILIO_ACCOUNT_SID": ACCOUNT,
        "AICC_TELEPHONY_TWILIO_AUTH_TOKEN": TOKEN,
        "AICC_TELEPHONY_TWILIO_API_URL": at_carrier.url,
        "AICC_TELEPHONY_PUBLIC_URL": PUBLIC,
    }
    async with gateway_process(place / "data", [always_calling(place)], settings) as process:
        at_carrier.public, at_carrier.inner = PUBLIC, process.gateway.url
        yield process


async def want(house: GatewayProcess, number: str, **more: Any) -> str:
    """Ask for a reminder, due now."""
    body = {
        "number": number,
        "language": "ko",
        "at": datetime.now(UTC).isoformat(),
        "purpose": "visit_reminder",
        "details": {"visit_at": "2027-01-12T15:00"},
        "contact": "earlier-call",
        **more,
    }
    wanted: dict[str, Any] = await house.gateway.ask("POST", f"/v1/tenants/{TENANT}/callbacks", json=body)
    return str(wanted["due_call"])


async def settled(house: GatewayProcess, due: str, *, within: float = 120.0) -> dict[str, Any]:
    """The due call, once nothing more comes of it."""
    async with asyncio.timeout(within):
        while True:
            found: dict[str, Any] = await house.gateway.ask("GET", f"/v1/tenants/{TENANT}/callbacks/{due}")
            if found["state"] in {"done", "failed", "expired", "cancelled", "opted_out"}:
                return found
            await asyncio.sleep(0.1)


def states(due: dict[str, Any]) -> list[str]:
    return [line["state"] for line in due["history"]]


async def events_of(house: GatewayProcess, call: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = await house.gateway.ask("GET", f"/v1/tenants/{TENANT}/calls/{call}/events")
    return events


def of(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event["payload"] for event in events if event["kind"] == kind]


@dataclass
class Day:
    """A day's due calls, made side by side because a conversation takes its time: by what they are, what became of
    each, and whom it called."""

    due: dict[str, dict[str, Any]] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def day(house: GatewayProcess, callees: Callees, at_carrier: CarrierServer) -> Day:
    day = Day()
    day.numbers = {
        "answered the second time": callees.number(ends("busy"), answers(2)),
        "wants no calls": callees.number(answers(3)),
        "never reached": callees.number(ends("no-answer"), ends("failed")),
        "refused by the carrier": callees.number(),
        "not acknowledged": callees.number(answers(2)),
    }
    at_carrier.meets[day.numbers["refused by the carrier"]].append(Meets.REFUSED)
    at_carrier.meets[day.numbers["not acknowledged"]].append(Meets.TAKEN_AND_SILENT)
    later = (datetime.now(UTC) + timedelta(days=300)).isoformat()
    next_year = await want(house, day.numbers["wants no calls"], at=later)
    wanted = {name: await want(house, number) for name, number in day.numbers.items()}
    found = await asyncio.gather(*(settled(house, due) for due in wanted.values()))
    day.due = dict(zip(wanted, found, strict=True))
    day.due["next year"] = await settled(house, next_year)
    return day


async def test_a_due_call_is_placed_says_why_is_answered_and_written_back(
    house: GatewayProcess, at_carrier: CarrierServer, day: Day
) -> None:
    due, number = day.due["answered the second time"], day.numbers["answered the second time"]
    assert (due["state"], due["reason"], due["attempts"]) == ("done", "settled", 2)
    # Who answers at once may be heard of before the carrier's word that it rings.
    assert [state for state in states(due) if state != "ringing"] == ["placing", "due", "placing", "answered", "done"]
    placed = at_carrier.to(number)
    assert [call.order["From"] for call in placed] == ["+827080001000"] * 2
    assert len({call.order["Url"] for call in placed}) == 2  # each attempt is known by a name of its own

    record = await house.gateway.ask("GET", f"/v1/tenants/{TENANT}/calls/{due['call']}")
    assert (record["direction"], record["caller"], record["called"]) == ("outbound", "+827080001000", number)
    events = await events_of(house, due["call"])
    assert of(events, "call.offered")[0]["direction"] == "outbound"
    assert of(events, "call.purpose") == [
        {
            "initiation": "outbound",
            "due_call": due["due_call"],
            "purpose": "visit_reminder",
            "contact": "earlier-call",
            "attempt": 2,
        }
    ]
    said = [reply["text"] for reply in of(events, "reply.heard")]
    assert said[0].startswith("안녕하세요, 한빛상점의 자동 안내 AI입니다. 상담 품질 관리를 위해 통화가 녹음됩니다.")
    assert "1월 12일 화요일 오후 3시 서울 매장 방문 예약을 알려 드리려고 전화드렸습니다." in said[0]
    assert said[1] == BEATS[0]
    assert [turn["text"] for turn in of(events, "caller.turn")] == list(SCRIPT[:2])
    assert any(BEATS[1] in text for text in said) and any(BEATS[2] in text for text in said)
    assert {"recording", "processing"} == {event["purpose"] for event in of(events, "consent.assumed")}


async def test_who_does_not_want_to_be_called_is_not_called_again(
    house: GatewayProcess, at_carrier: CarrierServer, day: Day
) -> None:
    due, number = day.due["wants no calls"], day.numbers["wants no calls"]
    assert (due["state"], due["reason"]) == ("opted_out", "refused")
    events = await events_of(house, due["call"])
    assert any(BEATS[3] in reply["text"] for reply in of(events, "reply.heard"))
    assert of(events, "call.ended")[0]["reason"] == "completed"  # it says goodbye, and we hang up
    assert day.due["next year"]["state"] == "opted_out"
    kept = await house.gateway.ask("GET", f"/v1/tenants/{TENANT}/opt-outs")
    assert [(one["number"], one["contact"], one["words"]) for one in kept] == [(number, due["call"], SCRIPT[2])]
    with pytest.raises(GatewayRefused, match="not to be called"):
        await want(house, number)
    assert len(at_carrier.to(number)) == 1


async def test_who_is_not_reached_is_tried_again_and_then_no_more(day: Day) -> None:
    due = day.due["never reached"]
    assert (due["state"], due["reason"], due["attempts"], due["call"]) == ("failed", "unreachable", 2, None)
    assert [line["reason"] for line in due["history"] if line["state"] == "due"] == ["no_answer"]


async def test_a_carrier_that_refuses_is_believed_and_one_that_hangs_is_not_asked_twice(
    at_carrier: CarrierServer, day: Day
) -> None:
    refused = day.due["refused by the carrier"]
    assert refused["state"] == "failed" and "not a valid phone number" in refused["reason"]
    hung = day.due["not acknowledged"]
    assert (hung["state"], hung["attempts"]) == ("done", 1)
    assert states(hung) == ["placing", "answered", "done"]  # the callee's hello came before the carrier's word
    assert len(at_carrier.to(day.numbers["not acknowledged"])) == 1


async def test_nothing_that_lies_shows_whom_we_called(house: GatewayProcess, day: Day) -> None:
    called = [number.removeprefix("+82") for number in day.numbers.values()]
    assert {one["state"] for one in day.due.values()} == {"done", "failed", "opted_out"}
    assert scan_files(house.output.parent, called) == []


async def test_only_the_carrier_can_come_back_with_a_call(house: GatewayProcess) -> None:
    """A forged media stream with a made-up name gets no conversation."""
    stream = house.gateway.url.replace("http", "ws", 1) + "/telephony/twilio/media"
    async with Caller(
        stream,
        parameters={"due": f"{TENANT}.0123.4567"},
        auth_token=TOKEN,
        signed_url="wss://voice.example.com/telephony/twilio/media",
    ) as stranger:
        over = await stranger.wait_until_over(10.0)
    assert "nobody waits for this call" in over.reason
