"""Telephone systems as far ends of calls: Asterisk's two wires, Vonage, jambonz and FreeSWITCH, in real time.

Written from what the systems' sources and documentation say, and from what a real Asterisk sent; it uses no codec of
ours. A ``Wire`` puts a call into messages and understands what comes back; ``SystemCall`` is the caller behind it: a
frame every 20 ms, what comes back is played at the pace of sound, marks are told when they are reached. As the systems
do, Asterisk's queue takes 20 s and says when it is nearly full, and forgets its marks when it is flushed.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from gateway.telephony.phone import Earpiece, Mouthpiece, Span
from infra.audio import FRAME_SECONDS, Resampler, mulaw_decode, mulaw_encode

Message = str | bytes


async def ask_as_jambonz(
    house: str, secret: str, asked: Mapping[str, Any], told: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Ask the house what to do with a call, signed as jambonz signs: the address of its sound, and the first message
    that is sent there, with what else is ``told`` of the call."""
    content, at = json.dumps(asked).encode(), int(time.time())
    signed = hmac.new(secret.encode(), f"{at}.".encode() + content, hashlib.sha256).hexdigest()
    async with httpx.AsyncClient(base_url=house, trust_env=False) as client:
        answer = await client.post(
            "/telephony/jambonz/call", content=content, headers={"jambonz-signature": f"t={at},v1={signed}"}
        )
    stream = answer.json()[1]
    call = {"callSid": asked["call_sid"], "from": asked["from"], "to": asked["to"]}
    return stream["url"], {"sampleRate": stream["sampleRate"], "mixType": "mono", **call, **told, **stream["metadata"]}


@dataclass(frozen=True)
class Play:
    pcm: bytes


@dataclass(frozen=True)
class Mark:
    name: str


@dataclass(frozen=True)
class Clear:
    """All that waits is thrown away; ``marks`` come back, or are lost with it."""

    marks: bool


@dataclass(frozen=True)
class HangUp:
    pass


Told = Play | Mark | Clear | HangUp


class Wire(Protocol):
    """One system's messages."""

    rate: int

    def opening(self) -> Sequence[Message]: ...

    def sound(self, pcm: bytes) -> Message: ...

    def key(self, digit: str) -> Message: ...

    def understand(self, message: Message) -> Told | None: ...

    def reached(self, name: str) -> Message | None: ...

    def cleared(self) -> Message | None: ...

    def fullness(self, seconds: float) -> Message | None: ...


class Plain:
    """What most wires have nothing of."""

    rate = 8000

    def opening(self) -> Sequence[Message]:
        return []

    def reached(self, name: str) -> Message | None:
        return None

    def cleared(self) -> Message | None:
        return None

    def fullness(self, seconds: float) -> Message | None:
        return None


class AsteriskChannel(Plain):
    """chan_websocket with mu-law and control in JSON."""

    def __init__(self) -> None:
        self._is_full = False

    def _event(self, name: str, **fields: Any) -> str:
        return json.dumps({"event": name, "channel_id": "1.2", **fields})

    def opening(self) -> Sequence[Message]:
        said = {"connection_id": "c", "channel": "WebSocket/c/0x1", "format": "ulaw", "optimal_frame_size": 160}
        return [self._event("MEDIA_START", **said, ptime=20, channel_variables={})]

    def sound(self, pcm: bytes) -> Message:
        return mulaw_encode(pcm)

    def key(self, digit: str) -> Message:
        return self._event("DTMF_END", digit=digit)

    def understand(self, message: Message) -> Told | None:
        if isinstance(message, bytes):
            assert len(message) <= 65_500
            return Play(mulaw_decode(message[: len(message) // 160 * 160]))  # what is no whole frame is not played
        assert len(message) <= 128, "Asterisk does not read it"
        command = json.loads(message)
        match command["command"]:
            case "MARK_MEDIA":
                return Mark(command["correlation_id"])
            case "FLUSH_MEDIA":
                return Clear(marks=False)
            case "HANGUP":
                return HangUp()
        raise AssertionError(f"Asterisk knows no {command}")

    def reached(self, name: str) -> Message | None:
        return self._event("MEDIA_MARK_PROCESSED", correlation_id=name)

    def fullness(self, seconds: float) -> Message | None:
        if not self._is_full and seconds >= 18.0:
            self._is_full = True
            return self._event("MEDIA_XOFF")
        if self._is_full and seconds < 16.0:
            self._is_full = False
            return self._event("MEDIA_XON")
        return None


class AudioSocket(Plain):
    """AudioSocket at 8 kHz; a message is a whole frame."""

    def __init__(self, call: uuid.UUID) -> None:
        self._call = call

    def _frame(self, kind: int, payload: bytes) -> bytes:
        return bytes([kind]) + len(payload).to_bytes(2, "big") + payload

    def opening(self) -> Sequence[Message]:
        return [self._frame(0x01, self._call.bytes)]

    def sound(self, pcm: bytes) -> Message:
        return self._frame(0x10, pcm)

    def key(self, digit: str) -> Message:
        return self._frame(0x03, digit.encode())

    def understand(self, message: Message) -> Told | None:
        assert isinstance(message, bytes)
        assert message[0] in (0x00, 0x10), "Asterisk takes sound and a hang-up"
        return HangUp() if message[0] == 0x00 else Play(message[3:])


@dataclass
class Json(Plain):
    """A raw stream: an opening, bare sound from us, and what comes back by type."""

    first: Mapping[str, Any]
    rate: int = 16_000

    def opening(self) -> Sequence[Message]:
        return [json.dumps(self.first)]

    def sound(self, pcm: bytes) -> Message:
        return pcm

    def key(self, digit: str) -> Message:
        return json.dumps({"event": "dtmf", "dtmf": digit, "duration": "1600"})

    def understand(self, message: Message) -> Told | None:
        if isinstance(message, bytes):
            return Play(message)
        told = json.loads(message)
        match told.get("type"):
            case "mark":
                return Mark(told["data"]["name"])
            case "killAudio":
                return Clear(marks=True)
            case "disconnect":
                return HangUp()
            case "playAudio":
                assert told["data"]["audioContentType"] == "raw"
                return Play(base64.b64decode(told["data"]["audioContent"]))
            case "streamAudio":
                assert told["data"]["audioDataType"] == "raw"
                return Play(base64.b64decode(told["data"]["audioData"]))
        raise AssertionError(f"nobody knows {told}")

    def reached(self, name: str) -> Message | None:
        return json.dumps({"type": "mark", "data": {"name": name, "event": "playout"}})


class Vonage(Json):
    """Vonage's Voice API: messages of 20 ms, actions and events."""

    def key(self, digit: str) -> Message:
        return json.dumps({"event": "websocket:dtmf", "digit": digit, "duration": 260})

    def understand(self, message: Message) -> Told | None:
        if isinstance(message, bytes):
            assert len(message) == 640, "Vonage plays messages of 20 ms"
            return Play(message)
        told = json.loads(message)
        if told == {"action": "clear"}:
            return Clear(marks=False)
        assert told["action"] == "notify"
        return Mark(json.dumps(told["payload"]))

    def reached(self, name: str) -> Message | None:
        return json.dumps({"event": "websocket:notify", "payload": json.loads(name)})

    def cleared(self) -> Message | None:
        return json.dumps({"event": "websocket:cleared"})


class Line(Protocol):
    """What carries messages."""

    async def send(self, message: Message) -> None: ...

    async def receive(self) -> Message | None: ...

    async def close(self) -> None: ...


class WebSocketLine:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, url: str, subprotocol: str | None = None, **headers: str) -> Self:
        spoken = None if subprotocol is None else [Subprotocol(subprotocol)]
        return cls(await connect(url, proxy=None, subprotocols=spoken, additional_headers=headers, compression=None))

    async def send(self, message: Message) -> None:
        await self._connection.send(message)

    async def receive(self) -> Message | None:
        try:
            return await self._connection.recv()
        except ConnectionClosed:
            return None

    async def close(self) -> None:
        await self._connection.close()


class TcpLine:
    """Frames of AudioSocket over TCP."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, message: Message) -> None:
        assert isinstance(message, bytes)
        self._writer.write(message)
        await self._writer.drain()

    async def receive(self) -> Message | None:
        try:
            header = await self._reader.readexactly(3)
            return header + await self._reader.readexactly(int.from_bytes(header[1:], "big"))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    async def close(self) -> None:
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()


class SystemCall:
    """One call, as an asynchronous context: entered it is connected and silent; left it has hung up."""

    def __init__(self, wire: Wire, line: Line) -> None:
        self._wire, self._line = wire, line
        self._ear, self._mouth = Earpiece(wire.rate), Mouthpiece(wire.rate)
        self._began = asyncio.get_running_loop().time()
        self._tasks: list[asyncio.Task[None]] = []
        self._heard_from = 0.0
        self.told: list[Told] = []
        self.taken_back = 0.0
        """Seconds of sound that were cleared before they were played."""
        self.hung_up = asyncio.Event()
        """The other side has left."""

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time() - self._began

    @property
    def spans(self) -> tuple[Span, ...]:
        """What was audible so far."""
        self._ear.listen(self.now)
        return self._ear.spans

    async def __aenter__(self) -> Self:
        for message in self._wire.opening():
            await self._line.send(message)
        self._began = asyncio.get_running_loop().time()
        self._tasks = [asyncio.create_task(self._speak()), asyncio.create_task(self._hear())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._line.close()
        for task in self._tasks:
            task.cancel()
        results = await asyncio.gather(*self._tasks, return_exceptions=True)
        wrong = [one for one in results if isinstance(one, AssertionError)]
        if wrong and error is None:
            raise wrong[0]

    async def say(self, pcm: bytes, rate: int) -> None:
        """Say it, and wait until the last of it has left."""
        if rate != self._wire.rate:
            resampler = Resampler(rate, self._wire.rate)
            pcm = resampler.process(pcm) + resampler.flush()
        self._mouth.say(pcm)
        self._heard_from = self.now
        seconds = len(pcm) / 2 / self._wire.rate
        await asyncio.sleep(seconds)
        self._heard_from = self.now

    async def press(self, digits: str) -> None:
        for digit in digits:
            await self._line.send(self._wire.key(digit))

    async def hear_voice(self, timeout: float = 20.0) -> Span:
        """Wait until the other side speaks."""
        async with asyncio.timeout(timeout):
            while not (spans := [span for span in self.spans if span.end > self._heard_from]):
                await asyncio.sleep(FRAME_SECONDS)
            return spans[0]

    async def hear_out(self, quiet: float = 1.0, timeout: float = 40.0) -> Span:
        """Wait until the other side has spoken and fallen silent; the last that was heard."""
        async with asyncio.timeout(timeout):
            await self.hear_voice(timeout)
            while self.now - self.spans[-1].end < quiet or self._ear.audible_ahead(self.now):
                await asyncio.sleep(FRAME_SECONDS)
            self._heard_from = self.now
            return self.spans[-1]

    async def _speak(self) -> None:
        while True:
            await asyncio.sleep(max(0.0, self._mouth.frames * FRAME_SECONDS - self.now))
            try:
                await self._line.send(self._wire.sound(self._mouth.next_frame()))
                await self._tell_marks()
                waiting = self._ear.buffered_until - self.now
                if (word := self._wire.fullness(waiting)) is not None:
                    await self._line.send(word)
            except (ConnectionClosed, ConnectionError):
                return

    async def _hear(self) -> None:
        while (message := await self._line.receive()) is not None:
            told = self._wire.understand(message)
            match told:
                case Play(pcm):
                    self._ear.play(pcm, self.now)
                case Mark(name):
                    self._ear.mark(name, self.now)
                case Clear(marks):
                    self.taken_back += self._ear.clear(self.now)
                    if not marks:
                        self._ear.marks_due(self.now)
                    if (word := self._wire.cleared()) is not None:
                        await self._line.send(word)
            if told is not None and not isinstance(told, Play):
                self.told.append(told)
        self.hung_up.set()

    async def _tell_marks(self) -> None:
        for name in self._ear.marks_due(self.now):
            if (word := self._wire.reached(name)) is not None:
                await self._line.send(word)
