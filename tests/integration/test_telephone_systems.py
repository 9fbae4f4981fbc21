"""Whole calls from telephone systems: a real gateway, and each system's far end in real time on a real socket.

The same conversation over every door: greeting, question and answer, an interruption, keys, and the caller hangs up.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import yaml
from joserfc import jwt
from joserfc.jwk import OctKey

from gateway.commands.gateway_process import GatewayProcess, gateway_process
from infra.audio import read_wav
from tests.house import EXAMPLE, small_tenant
from tests.integration.telephone_systems import (
    AsteriskChannel,
    AudioSocket,
    Clear,
    HangUp,
    Json,
    Line,
    Mark,
    Plain,
    SystemCall,
    TcpLine,
    Told,
    Vonage,
    WebSocketLine,
    ask_as_jambonz,
)
from tests.ports import free_port

pytestmark = [pytest.mark.xdist_group("telephone systems"), pytest.mark.asyncio(loop_scope="module")]

TENANT = "hanbit-store"
KOREAN = "+827080001000"
CALLER = "+821012345678"
SECRET = "a-secret-of-thirty-two-characters"
DOCUMENTS = ("ko/delivery/standard-delivery.md",)

Opened = tuple[str, Plain, Line]
"""The name of the call, its wire, and what carries it."""


@pytest.fixture(scope="module")
def audiosocket_port() -> int:
    return free_port()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory, audiosocket_port: int) -> AsyncIterator[GatewayProcess]:
    place = tmp_path_factory.mktemp("systems")
    move_to_a_queue_of_the_exchange(small_tenant(place, DOCUMENTS))
    settings = {
        "AICC_STT_ENGINE": "scripted",
        "AICC_STT_SCRIPT": "|".join([*["일반 배송은 며칠 걸려요"] * 3, "상담원 연결해 주세요"]),
        "AICC_GATEWAY_NODE": "systems",
        "AICC_GATEWAY_MAX_LOOP_LAG": "5",  # on a busy machine calls would be refused, and rightly so
        "AICC_GATEWAY_MAX_RECOGNITION_WAIT": "30",
        "AICC_ASTERISK_TOKEN": SECRET,
        "AICC_ASTERISK_AUDIOSOCKET": f"127.0.0.1:{audiosocket_port}",
        "AICC_RAW_VONAGE_SIGNATURE_SECRET": SECRET,
        "AICC_RAW_JAMBONZ_WEBHOOK_SECRET": SECRET,
        "AICC_RAW_FREESWITCH_TOKEN": SECRET,
    }
    async with gateway_process(place / "data", [place / TENANT], settings) as process:
        yield process


def move_to_a_queue_of_the_exchange(tenant: Path) -> None:
    """Have calls for people moved by the platform that they came by."""
    path = tenant / "tenant.yaml"
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    target = {
        "name": {"ko": "고객지원팀", "en": "Support"},
        "to": "sip:q@pbx.example",
        "provider_to": "queue-{handoff}",
    }
    del told["hours"]  # people answer at any time
    told["transfers"] = {"exchange": {**target, "ways": ["provider"]}}
    for queue in told["hand_over"]["queues"]:
        queue["transfer"] = "exchange"
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")


@pytest.fixture(scope="module")
def voice() -> tuple[bytes, int]:
    """Somebody speaks; the scripted recognizer does not listen to what they say."""
    return read_wav(EXAMPLE / "calls" / "delivery-time.wav")


# --- how each system brings a call ---------------------------------------------------------------------------------


class Systems:
    """The systems, each bringing a call to a running gateway."""

    def __init__(self, http: str, audiosocket_port: int) -> None:
        self.http = http
        self.sockets = http.replace("http", "ws", 1)
        self.audiosocket_port = audiosocket_port

    async def asterisk(self) -> Opened:
        call = uuid.uuid4().hex
        query = httpx.QueryParams({"call": call, "from": CALLER, "to": KOREAN, "token": SECRET, "x-queue": "vip"})
        line = await WebSocketLine.open(f"{self.sockets}/telephony/asterisk/media?{query}", "media")
        return call, AsteriskChannel(), line

    async def audiosocket(self) -> Opened:
        call = uuid.uuid4()
        form = {"uuid": str(call), "call": call.hex, "from": CALLER, "to": KOREAN, "token": SECRET, "x-queue": "vip"}
        async with httpx.AsyncClient(base_url=self.http, trust_env=False) as client:
            assert (await client.post("/telephony/asterisk/calls", data=form)).status_code == 202
        line = TcpLine(*await asyncio.open_connection("127.0.0.1", self.audiosocket_port))
        return call.hex, AudioSocket(call), line

    async def vonage(self) -> Opened:
        call = uuid.uuid4().hex
        asked = {"uuid": call, "from": CALLER[1:], "to": KOREAN[1:], "SipHeader_X-Queue": "vip"}
        content = json.dumps(asked).encode()
        claims = {"iat": int(time.time()), "payload_hash": hashlib.sha256(content).hexdigest()}
        signed = {"authorization": f"Bearer {jwt.encode({'alg': 'HS256'}, claims, OctKey.import_key(SECRET))}"}
        async with httpx.AsyncClient(base_url=self.http, trust_env=False) as client:
            answer = await client.post("/telephony/vonage/answer", content=content, headers=signed)
        [endpoint] = answer.json()[0]["endpoint"]
        first = {"event": "websocket:connected", "content-type": endpoint["content-type"], **endpoint["headers"]}
        line = await WebSocketLine.open(endpoint["uri"], **signed)
        return call, Vonage(first), line

    async def jambonz(self) -> Opened:
        call = uuid.uuid4().hex
        asked = {"call_sid": call, "from": CALLER, "to": KOREAN}
        address, first = await ask_as_jambonz(self.http, SECRET, asked, {"headers": {"X-Queue": "vip"}})
        return call, Json(first), await WebSocketLine.open(address, "audio.jambonz.org")

    async def _freeswitch(self, path: str, subprotocol: str | None) -> Opened:
        call = uuid.uuid4().hex
        first = {"uuid": call, "from": CALLER, "to": KOREAN, "sampleRate": 16000, "token": SECRET, "x-queue": "vip"}
        line = await WebSocketLine.open(f"{self.sockets}/telephony/freeswitch/{path}", subprotocol)
        return call, Json(first), line

    async def freeswitch_fork(self) -> Opened:
        return await self._freeswitch("fork", "audio.drachtio.org")

    async def freeswitch_streaming(self) -> Opened:
        return await self._freeswitch("streaming", "audio.drachtio.org")

    async def freeswitch_stream(self) -> Opened:
        return await self._freeswitch("stream", None)


NAMES = ("asterisk", "audiosocket", "vonage", "jambonz", "freeswitch_fork", "freeswitch_streaming", "freeswitch_stream")
SAYS_CLEAR = {"asterisk", "vonage", "jambonz", "freeswitch_fork", "freeswitch_streaming"}
HAS_MARKS = {"asterisk", "vonage", "jambonz", "freeswitch_streaming"}


async def events_of(house: GatewayProcess, sid: str) -> list[dict[str, Any]]:
    """The events of the call that its system calls ``sid``, once it is over."""
    async with asyncio.timeout(40):
        while True:
            for record in await house.gateway.ask("GET", f"/v1/tenants/{TENANT}/calls"):
                path = f"/v1/tenants/{TENANT}/calls/{record['call']}/events"
                events: list[dict[str, Any]] = await house.gateway.ask("GET", path)
                answered = of(events, "call.answered")
                if answered and answered[0]["call_sid"] == sid and events[-1]["kind"] == "call.ended":
                    return events
            await asyncio.sleep(0.1)


def of(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event["payload"] for event in events if event["kind"] == kind]


@dataclass(frozen=True)
class Held:
    """A conversation that was held: what the system was told, when its caller was interrupting, and the record."""

    told: list[Told]
    answer: float
    """Seconds that the answer takes when nobody interrupts it."""
    voice_went_on: float
    """Seconds that the other side's voice went on after the caller had begun to speak over it."""
    events: list[dict[str, Any]]


async def converse(house: GatewayProcess, systems: Systems, voice: tuple[bytes, int], name: str) -> Held:
    """The conversation of all these calls."""
    bring: Callable[[], Awaitable[Opened]] = getattr(systems, name)
    sid, wire, line = await bring()
    async with SystemCall(wire, line) as call:
        await call.hear_out()  # the greeting
        await call.say(*voice)
        began = await call.hear_voice()
        answer = await call.hear_out()
        await call.say(*voice)  # the same again, which has the same answer
        await call.hear_voice()
        await asyncio.sleep(0.3)
        interrupting = call.now
        await call.say(*voice)  # over the answer
        went_on = max(span.end for span in call.spans if span.start <= interrupting) - interrupting
        await call.press("1#")
        await asyncio.sleep(0.3)
    return Held(call.told, answer.end - began.start, went_on, await events_of(house, sid))


@dataclass(frozen=True)
class Moved:
    """A call that was moved: where the dial plan was told to send it, when it asked twice, and the record."""

    destinations: list[str]
    events: list[dict[str, Any]]


async def ask_for_a_person(house: GatewayProcess, systems: Systems, voice: tuple[bytes, int]) -> Moved:
    """A call by Asterisk whose caller wants a person."""
    sid, wire, line = await systems.asterisk()
    async with SystemCall(wire, line) as call:
        for _ in range(4):
            await call.hear_out()
            await call.say(*voice)
        async with asyncio.timeout(40):
            while not any(isinstance(told, HangUp) for told in call.told):
                await asyncio.sleep(0.05)
    ask = f"{systems.http}/telephony/asterisk/calls/{sid}/destination?token={SECRET}"
    async with httpx.AsyncClient(trust_env=False) as client:
        destinations = [(await client.get(ask)).text for _ in range(2)]
    return Moved(destinations, await events_of(house, sid))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def held(
    house: GatewayProcess, audiosocket_port: int, voice: tuple[bytes, int]
) -> dict[str, Held | Moved | BaseException]:
    """All of them at once: a call takes as long as it takes."""
    systems = Systems(house.gateway.url, audiosocket_port)
    calls = [converse(house, systems, voice, name) for name in NAMES]
    moving = ask_for_a_person(house, systems, voice)
    outcomes = await asyncio.gather(*calls, moving, return_exceptions=True)
    return dict(zip((*NAMES, "moved"), outcomes, strict=True))


@pytest.mark.parametrize("name", NAMES)
async def test_a_whole_call(held: dict[str, Held | Moved | BaseException], name: str) -> None:
    call = held[name]
    if isinstance(call, BaseException):
        raise call
    assert isinstance(call, Held)
    assert any(isinstance(told, Clear) for told in call.told) == (name in SAYS_CLEAR)
    assert any(isinstance(told, Mark) for told in call.told) == (name in HAS_MARKS)
    assert 0.3 + call.voice_went_on < call.answer - 0.5, "the voice went on while the caller spoke over it"
    events = call.events
    assert of(events, "caller.turn")[0]["text"] == "일반 배송은 며칠 걸려요"
    answer = next(reply for reply in of(events, "reply.decided") if reply["decision"] == "answer")
    assert "2일에서 3일" in answer["text"]
    assert of(events, "barge_in")
    assert [pressed["digit"] for pressed in of(events, "dtmf.pressed")] == ["1", "#"]
    heard = of(events, "reply.heard")
    assert heard[0]["complete"], "the greeting was heard to its end"
    assert not all(reply["complete"] for reply in heard), "the interrupted reply was not"
    answered = of(events, "call.answered")[0]
    assert (answered["ani"], answered["dnis"], answered["headers"]["x-queue"]) == (CALLER, KOREAN, "vip")
    assert events[-1]["payload"]["reason"] == "caller_hung_up"


async def test_a_caller_who_wants_a_person_goes_back_to_the_dial_plan_which_knows_where_to(
    held: dict[str, Held | Moved | BaseException],
) -> None:
    call = held["moved"]
    if isinstance(call, BaseException):
        raise call
    assert isinstance(call, Moved)
    handoff = of(call.events, "handoff.queued")[0]["handoff"]
    assert call.destinations == [f"queue-{handoff}", ""]
    moved = of(call.events, "call.transferred")[0]
    assert (moved["way"], moved["target"], moved["handoff"]) == ("provider", "exchange", handoff)
