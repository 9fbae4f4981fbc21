"""The media socket behind a real server, called by real clients over loopback: good, hostile and half dead ones."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import logging
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import pytest_asyncio
from prometheus_client import REGISTRY
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gateway.telephony.leg import HungUp, LegEvent, MediaLeg, MediaReceived, Refusal, RefusalReason
from gateway.telephony.streams.signatures import signature
from infra.audio import AudioFrame
from tests.gateway.telephony import wire
from tests.gateway.telephony.doors import Doors, Reception, doors

TOKEN = "open sesame"


@dataclass
class Gateway(Reception):
    """Open doors whose legs echo what they hear, and what came through them."""

    legs: list[MediaLeg] = field(default_factory=list)
    events: list[LegEvent] = field(default_factory=list)
    flood: bool = False
    doors: Doors = field(init=False)

    def __post_init__(self) -> None:
        super().__init__()

    @property
    def media(self) -> str:
        return self.doors.media

    @property
    def sockets(self) -> int:
        return len(self.doors.server.server_state.connections)

    async def serve(self, leg: MediaLeg) -> None:
        self.legs.append(leg)
        if leg.info.parameters.get("fail"):
            raise LookupError("the session is broken")
        if self.flood:
            for _ in range(90):
                leg.send(AudioFrame(bytes(16_000), 8000, 0.0))
        over = asyncio.Event()

        def hear(event: LegEvent) -> None:
            self.events.append(event)
            match event:
                case MediaReceived(frame):
                    leg.send(frame)
                case HungUp():
                    over.set()

        leg.listen(hear)
        await over.wait()

    @property
    def ends(self) -> list[HungUp]:
        return [event for event in self.events if isinstance(event, HungUp)]

    async def ended(self) -> HungUp:
        """How the first leg ended."""
        return await until(lambda: self.ends[0] if self.ends else None)


async def until(look: Any, timeout: float = 20.0) -> Any:
    """What ``look`` returns once that is something."""
    async with asyncio.timeout(timeout):
        while not (seen := look()):
            await asyncio.sleep(0.005)
        return seen


@contextlib.asynccontextmanager
async def running(**settings: Any) -> AsyncIterator[Gateway]:
    gateway = Gateway()
    async with doors(gateway.serve, gateway, **settings) as gateway.doors:
        yield gateway


@pytest_asyncio.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with running() as gateway:
        yield gateway


@pytest_asyncio.fixture
async def impatient() -> AsyncIterator[Gateway]:
    async with running(start_timeout=0.1) as gateway:
        yield gateway


@pytest.fixture(autouse=True)
def clean_log(caplog: pytest.LogCaptureFixture) -> Any:
    """Whatever a peer does, it does not get an error or a traceback into our log."""
    caplog.set_level(logging.INFO)
    yield
    bad = [record for record in caplog.get_records("call") if record.levelno >= logging.WARNING or record.exc_info]
    assert [record.getMessage() for record in bad] == getattr(caplog, "expected", [])


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"aicc_telephony_{name}", labels) or 0.0


async def say(socket_: ClientConnection, *messages: dict[str, Any]) -> None:
    for message in messages:
        await socket_.send(wire.text(message))


async def closed(socket_: ClientConnection) -> tuple[int | None, str | None]:
    async with asyncio.timeout(20):
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket_.recv()
    return socket_.close_code, socket_.close_reason


async def open_call(gateway: Gateway, **parameters: str) -> ClientConnection:
    client = await connect(gateway.media, proxy=None)
    await say(client, wire.connected(), wire.start(**parameters))
    return client


async def test_what_the_caller_says_comes_back_sample_by_sample(gateway: Gateway) -> None:
    client = await open_call(gateway)
    speech = [bytes((n + i) % 251 for i in range(160)) for n in range(20)]
    for number, payload in enumerate(speech):
        await say(client, wire.media(number + 1, payload))
    answers = [json.loads(await client.recv()) for _ in speech]
    # 0x7f is mu-law's other zero; it comes back as 0xff.
    assert [base64.b64decode(answer["media"]["payload"]) for answer in answers] == [
        payload.replace(b"\x7f", b"\xff") for payload in speech
    ]
    assert {answer["streamSid"] for answer in answers} == {wire.STREAM}
    await say(client, wire.stop(sequence=22))
    assert await closed(client) == (1000, "")
    assert (await gateway.ended()).reason == "the carrier ended the stream"


MALFORMED: list[tuple[str, list[dict[str, Any] | str | bytes], int, str, str]] = [
    ("malformed JSON", ['{"event":'], 1007, "the message is not JSON", "not_json"),
    ("JSON, no object", ["[1]"], 1007, "the message is JSON, but not an object", "not_an_object"),
    ("binary", [b"\x00" * 160], 1003, "messages are JSON text, not binary", "not_text"),
    (
        "wrong base64",
        [wire.but(wire.media(), "media.payload", "%%%")],
        1007,
        "media.payload is not base64",
        "bad_base64",
    ),
    ("oversized", [wire.media(payload=b"\xff" * 60_000)], 1009, "a message may have 65536 bytes", "too_large"),
    (
        "half a sample",
        [wire.but(wire.media(), "media.payload", "")],
        1007,
        "media.payload does not hold one whole sample",
        "partial_sample",
    ),
    ("a second start", [wire.start()], 1002, "a second start", "out_of_order"),
    (
        "wrong stream",
        [wire.but(wire.media(), "streamSid", "MZother")],
        1002,
        "streamSid is not the one that was started",
        "wrong_stream",
    ),
    (
        "outbound",
        [wire.but(wire.media(), "media.track", "outbound")],
        1003,
        "media.track must be inbound",
        "unsupported_media",
    ),
]


@pytest.mark.parametrize(
    ("messages", "code", "reason", "label"), [case[1:] for case in MALFORMED], ids=[case[0] for case in MALFORMED]
)
async def test_a_breach_in_mid_call_is_answered_counted_and_told_to_the_session(
    gateway: Gateway, messages: list[dict[str, Any] | str | bytes], code: int, reason: str, label: str
) -> None:
    before = count("violations_total", protocol="twilio", violation=label)
    client = await open_call(gateway)
    await say(client, wire.media(1))
    for message in messages:
        await client.send(wire.text(message) if isinstance(message, dict) else message)
    assert await closed(client) == (code, reason)
    assert count("violations_total", protocol="twilio", violation=label) - before == 1
    assert (await gateway.ended()).reason == f"{label}: {reason}"


@pytest.mark.parametrize(
    ("messages", "code", "reason"),
    [
        ([wire.media()], 1002, "media before connected"),
        ([wire.connected(), wire.media()], 1002, "media before start"),
        (
            [wire.connected(), wire.but(wire.start(), "start.mediaFormat.sampleRate", 16000)],
            1003,
            "start.mediaFormat must be audio/x-mulaw, 8000 Hz, 1 channel",
        ),
    ],
)
async def test_a_breach_before_the_start_is_answered_and_no_call(
    gateway: Gateway, messages: list[dict[str, Any]], code: int, reason: str
) -> None:
    client = await connect(gateway.media, proxy=None)
    await say(client, *messages)
    assert await closed(client) == (code, reason)
    assert gateway.legs == []


@pytest.mark.parametrize("messages", [[], [wire.connected()], [{"event": "news"}]])
async def test_a_socket_without_a_start_is_closed_in_time(impatient: Gateway, messages: list[dict[str, Any]]) -> None:
    before = count("violations_total", protocol="twilio", violation="no_start")
    client = await connect(impatient.media, proxy=None)
    await say(client, *messages)
    assert await closed(client) == (1008, "no start message within 0.1 s")
    assert count("violations_total", protocol="twilio", violation="no_start") - before == 1
    assert impatient.legs == []


async def test_a_message_after_the_stop_changes_nothing(gateway: Gateway) -> None:
    client = await open_call(gateway)
    await say(client, wire.stop(), wire.media(2))
    assert await closed(client) == (1000, "")
    await gateway.ended()
    assert len(gateway.ends) == 1


async def test_ten_megabytes_in_one_frame_are_refused_unread(gateway: Gateway) -> None:
    before = count("violations_total", protocol="twilio", violation="broken_framing")
    client = await open_call(gateway)
    await until(lambda: gateway.legs)
    with contextlib.suppress(ConnectionClosed):
        await client.send("x" * 10_000_000)
    assert (await closed(client))[0] in {1009, 1006}  # 1006: the reset outran the close frame
    assert (await gateway.ended()).reason == "broken_framing: the socket broke off (1009)"
    assert count("violations_total", protocol="twilio", violation="broken_framing") - before == 1


async def test_a_call_without_room_or_welcome_is_closed_with_the_reason(gateway: Gateway) -> None:
    gateway.refusal = Refusal(RefusalReason.BUSY)
    assert await closed(await open_call(gateway)) == (1013, "the call is not taken: busy")
    async with httpx.AsyncClient() as client:
        answer = await client.post(gateway.doors.voice, data={"CallSid": "CA1"})
    assert '<Reject reason="busy" />' in answer.text


async def test_a_session_that_fails_is_our_error_and_the_far_end_is_told_so(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.expected = [f"leg {wire.STREAM} was not served to its end"]  # type: ignore[attr-defined]
    assert await closed(await open_call(gateway, fail="yes")) == (1011, "internal error")


# --- peers without manners: bytes on a plain socket ----------------------------------------------------------------


class RawPeer:
    """A WebSocket peer made of bytes, so that it can do what no library would."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    @contextlib.asynccontextmanager
    async def shaking_hands(
        cls, gateway: Gateway, receive_buffer: int | None = None, wait: bool = True
    ) -> AsyncIterator[RawPeer]:
        host, port = gateway.doors.address.split(":")
        plain = socket.socket()
        if receive_buffer is not None:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.setblocking(False)
        await asyncio.get_running_loop().sock_connect(plain, (host, int(port)))
        reader, writer = await asyncio.open_connection(sock=plain, limit=1 << 12)
        key = base64.b64encode(os.urandom(16)).decode()
        request = (
            f"GET /telephony/twilio/media HTTP/1.1\r\nHost: {gateway.doors.address}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        writer.write(request.encode())
        if wait:
            await reader.readuntil(b"\r\n\r\n")
        try:
            yield cls(reader, writer)
        finally:
            writer.transport.abort()
            await asyncio.sleep(0)

    def frame(self, payload: bytes, opcode: int = 1) -> None:
        size = len(payload)
        head = (
            bytes([0x80 | opcode, 0x80 | size]) if size < 126 else bytes([0x80 | opcode, 0xFE, size >> 8, size & 255])
        )
        self.writer.write(head + b"\0\0\0\0" + payload)

    def start(self) -> None:
        self.frame(wire.text(wire.connected()).encode())
        self.frame(wire.text(wire.start()).encode())

    async def told(self, text: bytes) -> None:
        """Wait until the server has said ``text``."""
        async with asyncio.timeout(20):
            await self.reader.readuntil(text)


async def test_a_line_that_falls_silent_is_given_up() -> None:
    async with running(idle_timeout=0.3) as gateway, RawPeer.shaking_hands(gateway) as peer:
        peer.start()
        peer.frame(wire.text(wire.media(1)).encode())
        assert (await gateway.ended()).reason == "silence on the wire for 0.3 s"
        await peer.told(b"silence on the wire for 0.3 s")


async def test_a_peer_that_vanishes_ends_the_call_at_once(gateway: Gateway) -> None:
    async with RawPeer.shaking_hands(gateway) as peer:
        peer.start()
        peer.frame(wire.text(wire.media(1)).encode())
        await until(lambda: gateway.events)
    assert "the connection was lost" in (await gateway.ended()).reason


async def test_a_peer_that_vanishes_during_the_handshake_is_no_event(gateway: Gateway) -> None:
    async with RawPeer.shaking_hands(gateway, wait=False):
        pass
    await until(lambda: not gateway.sockets)
    assert gateway.events == []


async def test_a_peer_that_never_reads_is_given_up_and_holds_neither_others_nor_its_socket() -> None:
    async with (
        running(send_timeout=0.3, send_queue=100, unread=0.5) as gateway,
        RawPeer.shaking_hands(gateway, receive_buffer=4096) as slow,
    ):
        slow.writer.transport.pause_reading()  # type: ignore[attr-defined]
        gateway.flood = True
        slow.start()
        await until(lambda: gateway.legs)
        gateway.flood = False
        other = await open_call(gateway)
        for number in range(1, 40):  # the other call goes on all the while
            await say(other, wire.media(number))
            assert json.loads(await other.recv())["event"] == "media"
            await asyncio.sleep(0.01)
        assert (await gateway.ended()).reason == "the far end took nothing for 0.3 s"
        await say(other, wire.stop(sequence=50))
        assert await closed(other) == (1000, "")
        await until(lambda: not gateway.sockets)


@pytest.mark.parametrize(
    ("payload", "opcode", "expected"),
    [
        (b"\xff\xfe", 1, "broken_framing: the socket broke off (1007)"),
        (b"x", 0, "broken_framing: the socket broke off (1002)"),
        (b"x", 3, "broken_framing: the socket broke off (1002)"),
    ],
    ids=["text that is not UTF-8", "a continuation of nothing", "an opcode that is none"],
)
async def test_broken_framing_ends_the_call_without_a_traceback(
    gateway: Gateway, payload: bytes, opcode: int, expected: str
) -> None:
    async with RawPeer.shaking_hands(gateway) as peer:
        peer.start()
        await until(lambda: gateway.legs)
        peer.frame(payload, opcode)
        assert (await gateway.ended()).reason == expected


# --- signatures ----------------------------------------------------------------------------------------------------


async def test_with_a_token_only_signed_sockets_are_let_in() -> None:
    public = "https://voice.example.com"
    async with running(twilio_auth_token=TOKEN, public_url=public) as gateway:
        before = count("signatures_refused_total", door="media")
        address = "wss://voice.example.com/telephony/twilio/media"
        wrong = [{}, {"X-Twilio-Signature": "x"}, {"X-Twilio-Signature": signature(TOKEN, gateway.media)}]
        for headers in wrong:
            with pytest.raises(InvalidStatus) as caught:
                await connect(gateway.media, proxy=None, additional_headers=headers)
            assert caught.value.response.status_code == 403
        assert count("signatures_refused_total", door="media") - before == 3
        right = {"X-Twilio-Signature": signature(TOKEN, address)}
        async with connect(gateway.media, proxy=None, additional_headers=right) as client:
            await say(client, wire.connected(), wire.start(), wire.stop())
            assert await closed(client) == (1000, "")


async def test_a_restart_of_the_server_ends_the_calls_in_order(gateway: Gateway) -> None:
    client = await open_call(gateway)
    await say(client, wire.media(1))
    await until(lambda: gateway.events)
    gateway.doors.server.should_exit = True
    assert (await closed(client))[0] == 1012
    assert (await gateway.ended()).reason == "this server is shutting down"
