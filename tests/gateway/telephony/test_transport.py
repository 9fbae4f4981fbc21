"""The doors over an ASGI server that is a script: no socket, so that every way an end can come is in reach."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY
from starlette.types import Message
from starlette.websockets import WebSocket

from gateway.telephony import twilio
from gateway.telephony.leg import (
    CallOffer,
    HangUpCause,
    HungUp,
    LegEvent,
    MarkPlayed,
    MediaLeg,
    MediaReceived,
    Refusal,
    RefusalReason,
)
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.transport import (
    CallStatus,
    WebSocketLeg,
    accept_media_stream,
    quiet_about_bad_peers,
    telephony_router,
)
from infra.audio import AudioFrame
from tests.gateway.telephony import wire

VOICE = "http://gateway.test/telephony/twilio/voice"
FORM = {"CallSid": "CA1", "From": "+821012345678", "To": "15880000"}
TOKEN = "open sesame"


class Carrier:
    """The far end and the server between, as two lists: what it sends, and what came to it."""

    def __init__(self, *messages: dict[str, Any] | str | bytes) -> None:
        self.sent: list[Message] = []
        self.reading = asyncio.Event()
        self.reading.set()
        self.arrived = asyncio.Event()
        self.breaks_with: type[Exception] | None = None
        self._incoming: asyncio.Queue[Message] = asyncio.Queue()
        self._incoming.put_nowait({"type": "websocket.connect"})
        self.say(*messages)
        self.websocket = WebSocket({"type": "websocket", "headers": []}, self._incoming.get, self._take)

    def say(self, *messages: dict[str, Any] | str | bytes) -> None:
        for message in messages:
            match message:
                case dict():
                    event: Message = {"type": "websocket.receive", "text": wire.text(message)}
                case str():
                    event = {"type": "websocket.receive", "text": message}
                case _:
                    event = {"type": "websocket.receive", "bytes": message}
            self._incoming.put_nowait(event)

    def leave(self, code: int) -> None:
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": code})

    async def _take(self, message: Message) -> None:
        await self.reading.wait()
        if self.breaks_with is not None:
            self.arrived.set()
            raise self.breaks_with("the socket is closed")
        self.sent.append(message)
        self.arrived.set()

    @property
    def heard(self) -> list[dict[str, Any]]:
        return [json.loads(message["text"]) for message in self.sent if message["type"] == "websocket.send"]

    @property
    def closed_with(self) -> tuple[int, str] | None:
        closes = [message for message in self.sent if message["type"] == "websocket.close"]
        return (closes[0]["code"], closes[0]["reason"]) if closes else None


def no_refusal(_: CallOffer) -> Refusal | None:
    return None


async def leg_of(carrier: Carrier, **settings: Any) -> WebSocketLeg:
    carrier.say(wire.connected(), wire.start())
    leg = await accept_media_stream(carrier.websocket, TelephonySettings(**settings), no_refusal)
    assert leg is not None
    return leg


async def rest_of(leg: WebSocketLeg) -> list[LegEvent]:
    events: list[LegEvent] = []
    over = asyncio.Event()

    def hear(event: LegEvent) -> None:
        events.append(event)
        if isinstance(event, HungUp):
            over.set()

    leg.listen(hear)
    async with asyncio.timeout(5):
        await over.wait()
    return events


async def written(carrier: Carrier, count: int) -> list[dict[str, Any]]:
    """What the far end has got once it has ``count`` messages."""
    async with asyncio.timeout(5):
        while len(carrier.heard) < count:
            carrier.arrived.clear()
            await carrier.arrived.wait()
    return carrier.heard


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"aicc_telephony_{name}", labels) or 0.0


def frame(samples: int = 160, rate: int = 8000) -> AudioFrame:
    return AudioFrame(bytes(2 * samples), rate, 0.0)


# --- the leg -------------------------------------------------------------------------------------------------------


async def test_a_leg_hears_speaks_and_ends_with_the_carriers_stop() -> None:
    carrier = Carrier()
    leg = await leg_of(carrier)
    leg.send(frame())
    leg.mark("m")
    assert [message["event"] for message in await written(carrier, 2)] == ["media", "mark"]
    carrier.say(wire.media(1), wire.mark("m", sequence=3), wire.stop(sequence=4))
    sound, played, over = await rest_of(leg)
    assert isinstance(sound, MediaReceived)
    assert played == MarkPlayed("m")
    assert isinstance(over, HungUp)
    assert over.cause is HangUpCause.FAR_END
    assert carrier.closed_with == (1000, "")


async def test_a_clear_overtakes_sound_that_waits() -> None:
    carrier = Carrier()
    leg = await leg_of(carrier)
    leg.send(frame())
    leg.mark("m")
    leg.clear()
    assert [message["event"] for message in await written(carrier, 2)] == ["clear", "mark"]
    await leg.hang_up("done")


async def test_sound_at_another_rate_is_a_mistake_of_ours() -> None:
    leg = await leg_of(Carrier())
    with pytest.raises(ValueError, match="resample"):
        leg.send(frame(rate=16000))
    await leg.hang_up("done")


async def test_a_full_queue_drops_the_new_frame_and_the_mark_behind_it() -> None:
    carrier = Carrier()
    leg = await leg_of(carrier, send_queue=0.04)
    before = count("frames_dropped_total", protocol="media-stream")
    for _ in range(5):
        leg.send(frame())
    leg.mark("would be a lie")
    leg.mark("true")
    heard = await written(carrier, 3)
    assert [message["event"] for message in heard] == ["media", "media", "mark"]
    assert heard[2]["mark"]["name"] == "true"
    assert count("frames_dropped_total", protocol="media-stream") - before == 3
    await leg.hang_up("done")


async def test_hanging_up_wakes_the_reader_and_tells_the_far_end_why() -> None:
    carrier = Carrier()
    leg = await leg_of(carrier)
    reader = asyncio.create_task(rest_of(leg))
    await asyncio.sleep(0)
    await leg.hang_up("goodbye")
    assert await reader == [HungUp("goodbye", HangUpCause.OURS)]
    assert carrier.closed_with == (1000, "goodbye")


async def test_a_leg_that_has_ended_leaves_no_task_behind() -> None:
    leg = await leg_of(Carrier())
    assert [task.get_name() for task in asyncio.all_tasks()].count(f"leg-writer-{wire.STREAM}") == 1
    await leg.hang_up("goodbye")
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize("error", [RuntimeError, OSError])
async def test_sound_that_meets_a_closed_socket_is_dropped_and_the_reader_learns_why_it_closed(
    error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    carrier = Carrier()
    leg = await leg_of(carrier)
    carrier.breaks_with = error
    carrier.arrived.clear()
    leg.send(frame())
    leg.send(frame())
    await carrier.arrived.wait()
    carrier.leave(1009)
    (over,) = await rest_of(leg)
    assert over == HungUp("broken_framing: the socket broke off (1009)", HangUpCause.VIOLATION)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_after_the_end_nothing_is_sent_and_nothing_breaks() -> None:
    carrier = Carrier()
    leg = await leg_of(carrier)
    await leg.hang_up("goodbye")
    await leg.hang_up("once more")
    leg.send(frame())
    leg.mark("m")
    leg.clear()
    await asyncio.sleep(0)
    assert carrier.heard == []
    assert await rest_of(leg) == [HungUp("goodbye", HangUpCause.OURS)]


async def test_a_second_listener_is_a_mistake_of_ours() -> None:
    leg = await leg_of(Carrier())
    await leg.hang_up("done")
    await rest_of(leg)
    with pytest.raises(RuntimeError, match="one listener"):
        await rest_of(leg)


async def test_a_far_end_that_takes_nothing_is_given_up_and_cannot_hold_the_call() -> None:
    carrier = Carrier()
    leg = await leg_of(carrier, send_timeout=0.02)
    carrier.reading.clear()
    leg.send(frame())
    (over,) = await rest_of(leg)
    assert isinstance(over, HungUp)
    assert over.cause is HangUpCause.STALLED


async def test_a_far_end_that_says_nothing_is_given_up() -> None:
    carrier = Carrier()
    leg = await leg_of(carrier, idle_timeout=0.02)
    assert await rest_of(leg) == [HungUp("silence on the wire for 0.02 s", HangUpCause.IDLE)]
    assert carrier.closed_with == (1008, "silence on the wire for 0.02 s")


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (1000, HangUpCause.FAR_END),
        (1001, HangUpCause.FAR_END),
        (1005, HangUpCause.CONNECTION_LOST),
        (1006, HangUpCause.CONNECTION_LOST),
        (1009, HangUpCause.VIOLATION),
        (1012, HangUpCause.OURS),
        (4000, HangUpCause.CONNECTION_LOST),
    ],
)
async def test_a_socket_that_closes_without_a_stop_ends_the_leg(code: int, cause: HangUpCause) -> None:
    carrier = Carrier()
    leg = await leg_of(carrier)
    carrier.leave(code)
    (over,) = await rest_of(leg)
    assert isinstance(over, HungUp)
    assert over.cause is cause


async def test_sound_far_ahead_of_real_time_is_refused_whether_stamped_or_sent_so() -> None:
    carrier = Carrier()
    leg = await leg_of(carrier, max_ahead=30)
    carrier.say(wire.media(1), wire.media(2, timestamp=29_000), wire.media(3, timestamp=10**12))
    events = await rest_of(leg)
    assert [type(event) for event in events] == [MediaReceived, MediaReceived, HungUp]
    assert carrier.closed_with == (1008, "sound runs more than 30 s ahead of real time")


async def test_what_was_odd_on_the_wire_is_counted_when_the_leg_ends() -> None:
    names = ("unknown_event", "sequence_gap", "lost_chunk", "late_chunk")
    before = [count("odd_messages_total", protocol="media-stream", kind=name) for name in names]
    filled = count("sound_filled_seconds_total", protocol="media-stream")
    carrier = Carrier()
    leg = await leg_of(carrier)
    carrier.say(wire.media(1), wire.media(3), wire.media(2), {"event": "news"}, wire.stop(sequence=5))
    await rest_of(leg)
    after = [count("odd_messages_total", protocol="media-stream", kind=name) for name in names]
    assert [new - old for new, old in zip(after, before, strict=True)] == [1, 1, 1, 1]
    assert count("sound_filled_seconds_total", protocol="media-stream") - filled == pytest.approx(0.02)


async def test_legs_that_are_open_are_counted() -> None:
    before = count("legs_open", protocol="media-stream")
    leg = await leg_of(Carrier())
    assert count("legs_open", protocol="media-stream") == before + 1
    await leg.hang_up("done")
    assert count("legs_open", protocol="media-stream") == before


# --- up to the start -----------------------------------------------------------------------------------------------


async def test_a_socket_without_a_start_is_closed_in_time() -> None:
    carrier = Carrier(wire.connected())
    assert await accept_media_stream(carrier.websocket, TelephonySettings(start_timeout=0.02), no_refusal) is None
    assert carrier.closed_with == (1008, "no start message within 0.02 s")


async def test_a_socket_that_leaves_before_the_start_is_no_call() -> None:
    carrier = Carrier(wire.connected())
    carrier.leave(1006)
    assert await accept_media_stream(carrier.websocket, TelephonySettings(), no_refusal) is None
    assert carrier.closed_with is None


@pytest.mark.parametrize(("reason", "code"), [(RefusalReason.BUSY, 1013), (RefusalReason.REJECTED, 1008)])
async def test_a_call_that_is_not_admitted_is_closed_with_the_reason(reason: RefusalReason, code: int) -> None:
    carrier = Carrier(wire.connected(), wire.start(to="15880000"))
    asked: list[CallOffer] = []

    def admit(offer: CallOffer) -> Refusal:
        asked.append(offer)
        return Refusal(reason)

    assert await accept_media_stream(carrier.websocket, TelephonySettings(), admit) is None
    assert carrier.closed_with == (code, f"the call is not taken: {reason.value}")
    assert asked == [CallOffer(wire.CALL, "", "15880000", "media-stream")]


def test_a_peers_bad_utf8_is_no_error_of_ours_in_the_servers_log(caplog: pytest.LogCaptureFixture) -> None:
    quiet_about_bad_peers()
    logger = logging.getLogger("uvicorn.error")
    with caplog.at_level(logging.INFO, logger="uvicorn.error"):
        try:
            b"\xff".decode()
        except UnicodeDecodeError:
            logger.exception("Invalid UTF-8 sequence received from client.")
        logger.error("the disk is full")
    assert [(record.levelname, record.exc_info) for record in caplog.records] == [("INFO", None), ("ERROR", None)]


# --- the webhooks --------------------------------------------------------------------------------------------------


class Gateway:
    """The router in an application, and what it told the rest of the house."""

    def __init__(self, **settings: Any) -> None:
        self.statuses: list[CallStatus] = []
        self.offers: list[CallOffer] = []
        self.refusal: Refusal | None = None
        self.app = FastAPI()
        router = telephony_router(TelephonySettings(**settings), self._serve, self._admit, self.statuses.append)
        self.app.include_router(router)

    async def _serve(self, leg: MediaLeg) -> None:
        await leg.hang_up("not in this test")

    def _admit(self, offer: CallOffer) -> Refusal | None:
        self.offers.append(offer)
        return self.refusal

    async def post(self, url: str, **request: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app)) as client:
            return await client.post(url, **request)


async def test_the_voice_webhook_connects_the_call_to_the_media_socket() -> None:
    gateway = Gateway()
    response = await gateway.post(VOICE, data=FORM)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/xml")
    offer = twilio.read_twiml(response.text)
    assert offer.url == "ws://gateway.test/telephony/twilio/media"
    assert dict(offer.parameters) == {"from": "+821012345678", "to": "15880000"}
    assert gateway.offers == [CallOffer("CA1", "+821012345678", "15880000", "media-stream")]


async def test_behind_a_proxy_the_public_address_is_the_one_that_counts() -> None:
    gateway = Gateway(public_url="https://voice.example.com/aicc/", twilio_auth_token=TOKEN)
    called = "https://voice.example.com/aicc/telephony/twilio/voice?line=1"
    signed = {"X-Twilio-Signature": twilio.signature(TOKEN, called, FORM.items())}
    response = await gateway.post(VOICE + "?line=1", data=FORM, headers=signed)
    assert twilio.read_twiml(response.text).url == "wss://voice.example.com/aicc/telephony/twilio/media"
    unsigned_host = {"X-Twilio-Signature": twilio.signature(TOKEN, VOICE + "?line=1", FORM.items())}
    assert (await gateway.post(VOICE + "?line=1", data=FORM, headers=unsigned_host)).status_code == 403


async def test_a_refused_call_is_told_so_in_twiml() -> None:
    gateway = Gateway()
    gateway.refusal = Refusal(RefusalReason.BUSY)
    assert '<Reject reason="busy" />' in (await gateway.post(VOICE, data=FORM)).text


@pytest.mark.parametrize("door", ["voice", "status"])
async def test_with_a_token_only_signed_webhooks_pass(door: str) -> None:
    gateway, url = Gateway(twilio_auth_token=TOKEN), f"http://gateway.test/telephony/twilio/{door}"
    form = FORM | {"CallStatus": "completed"}
    before = count("signatures_refused_total", door=door)
    right = {"X-Twilio-Signature": twilio.signature(TOKEN, url, form.items())}
    wrong = {"X-Twilio-Signature": twilio.signature("guess", url, form.items())}
    assert (await gateway.post(url, data=form, headers=right)).is_success
    assert (await gateway.post(url, data=form, headers=wrong)).status_code == 403
    assert (await gateway.post(url, data=form)).status_code == 403
    assert (await gateway.post(url, data=form | {"To": "other"}, headers=right)).status_code == 403
    assert count("signatures_refused_total", door=door) - before == 3


async def test_what_becomes_of_a_call_is_counted_and_passed_on() -> None:
    gateway, url = Gateway(), "http://gateway.test/telephony/twilio/status"
    before = count("call_statuses_total", status="other")
    assert (await gateway.post(url, data={"CallSid": "CA1", "CallStatus": "completed"})).status_code == 204
    assert (await gateway.post(url, data={"CallSid": "CA1", "CallStatus": "abducted"})).status_code == 204
    assert gateway.statuses == [CallStatus("CA1", "completed"), CallStatus("CA1", "abducted")]
    assert count("call_statuses_total", status="other") - before == 1


@pytest.mark.parametrize(
    ("request_parts", "status"),
    [
        ({"data": {"From": "+82"}}, 400),
        ({"json": FORM}, 415),
        ({"content": b"CallSid=%s" % (b"x" * 70_000)}, 413),
        ({"content": b"&".join([b"a=1"] * 2000)}, 400),
        ({"content": b"CallSid=\xff\xfe"}, 400),
        ({"content": b""}, 400),
    ],
)
async def test_a_body_that_cannot_be_a_call_is_answered_with_its_status(
    request_parts: dict[str, Any], status: int
) -> None:
    headers = {} if "content" not in request_parts else {"Content-Type": "application/x-www-form-urlencoded"}
    before = count("webhooks_total", door="voice", answer=str(status))
    response = await Gateway().post(VOICE, headers=headers, **request_parts)
    assert response.status_code == status
    assert count("webhooks_total", door="voice", answer=str(status)) - before == 1


async def test_a_body_that_never_ends_is_not_waited_for() -> None:
    incoming: asyncio.Queue[Message] = asyncio.Queue()
    incoming.put_nowait({"type": "http.request", "body": b"CallSid=CA1", "more_body": True})
    answered: list[Message] = []

    async def send(message: Message) -> None:
        answered.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/telephony/twilio/voice",
        "query_string": b"",
        "headers": [(b"content-type", b"application/x-www-form-urlencoded"), (b"host", b"[")],
    }
    await Gateway(webhook_timeout=0.02).app(scope, incoming.get, send)
    assert answered[0]["status"] == 408


async def test_a_host_that_is_none_breaks_nothing() -> None:
    response = await Gateway().post(VOICE, data=FORM, headers={"Host": "["})
    assert response.status_code == 200
    token = Gateway(twilio_auth_token=TOKEN)
    assert (await token.post(VOICE, data=FORM, headers={"Host": "[", "X-Twilio-Signature": "x"})).status_code == 403
