"""The far end of a call: a caller over a real media socket, for ``aicc call``, the demo, tests and benchmarks.

It speaks the carrier's side of the media stream, in any of its dialects, in real time: a frame every 20 ms by the
monotonic clock, silence with a line's hiss between utterances, what comes back played at the pace of sound
(``phone.py``), marks returned when they have been played. So what it heard is what a caller would have heard.

Refuses: knowing the gateway. It could call any server that speaks this protocol.
"""

from __future__ import annotations

import asyncio
import secrets
import wave
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Self, assert_never

import httpx
import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from gateway.telephony.errors import CallEnded, CallRefused, NoAnswer, ProtocolViolation
from gateway.telephony.json_fields import KEYS
from gateway.telephony.phone import Earpiece, Mouthpiece, Span, Spoken
from gateway.telephony.streams import signatures
from gateway.telephony.streams.codec import CALLER_PARAMETER, DIALLED_PARAMETER
from gateway.telephony.streams.dialects import TWILIO, Dialect
from gateway.telephony.streams.documents import StreamOffer, read_twiml
from gateway.telephony.streams.messages import (
    RATE,
    CarrierMessage,
    Clear,
    Cleared,
    Connected,
    Dtmf,
    GatewayMessage,
    MarkReached,
    Media,
    Play,
    SetMark,
    Start,
    Stop,
    read_gateway_message,
    write_carrier_message,
)
from infra.audio import FRAME_SECONDS, SAMPLE_WIDTH, Resampler

LONGEST_CALL: Final = 3600.0
"""Seconds after which the caller hangs up by itself."""

EVENT_LIMIT: Final = 4096
"""Events that wait for a reader; the oldest is dropped."""

_SEND_TIMEOUT: Final = 5.0
_CONNECT_TIMEOUT: Final = 10.0
_CLOSE_TIMEOUT: Final = 2.0
_VOICE_OVER: Final = 0.5
"""Seconds of silence after which ``VoiceStopped`` is told."""


# --- events and results --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SpeechSent:
    """The caller has said an utterance; times in seconds since the call began."""

    spoken: Spoken


@dataclass(frozen=True, slots=True)
class VoiceStarted:
    """The other side is audible. ``response_time``: seconds since the caller's speech ended, if it answers that."""

    at: float
    response_time: float | None


@dataclass(frozen=True, slots=True)
class VoiceStopped:
    """The other side has been silent for half a second; ``at`` is when its voice ended."""

    at: float


@dataclass(frozen=True, slots=True)
class MarkReturned:
    """A mark of the other side was reached and sent back."""

    name: str
    at: float


@dataclass(frozen=True, slots=True)
class SoundCleared:
    """The other side took back ``seconds`` of sound that had not been played."""

    seconds: float
    at: float


@dataclass(frozen=True, slots=True)
class Misunderstood:
    """The other side sent something that is not in the protocol; a carrier would ignore it with a warning."""

    problem: str
    at: float


@dataclass(frozen=True, slots=True)
class CallOver:
    """The call has ended, with the socket's close code and reason."""

    code: int
    reason: str
    at: float


CallerEvent = SpeechSent | VoiceStarted | VoiceStopped | MarkReturned | SoundCleared | Misunderstood | CallOver


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard in answer: the span from its first to its last audible moment, and its PCM at 8 kHz.

    ``response_time``: seconds from the end of the caller's speech to the first audible sound; ``None`` when the caller
    had said nothing. ``over``: the other side hung up.
    """

    span: Span
    pcm: bytes
    response_time: float | None
    over: bool


# --- the caller ----------------------------------------------------------------------------------------------------


class Caller:
    """One call, as an asynchronous context: entered it is connected and silent; left it has hung up.

    ``url`` is the media socket (``ws://`` or ``wss://``). With an ``auth_token`` the handshake is signed, for
    ``signed_url`` when the gateway knows itself by another address; ``headers`` go with it as they are. ``noise_dbfs``
    is the level of the line's hiss; ``None`` for digital silence. Raises ``CallRefused`` on entering.
    """

    def __init__(
        self,
        url: str,
        *,
        ani: str = "+15550100",
        dnis: str = "",
        parameters: Mapping[str, str] = MappingProxyType({}),
        call_sid: str | None = None,
        auth_token: str | None = None,
        signed_url: str | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
        noise_dbfs: float | None = -65.0,
        dialect: Dialect = TWILIO,
    ) -> None:
        signed = {}
        if auth_token:
            signed[signatures.TWILIO_HEADER] = signatures.signature(auth_token, signed_url or url)
        self._socket: tuple[str, Mapping[str, str]] = (url, {**headers, **signed})
        self._dialect = dialect
        numbers = {} if dialect.says_numbers else {CALLER_PARAMETER: ani, DIALLED_PARAMETER: dnis}
        self._identity = Start(
            stream_sid=f"MZ{secrets.token_hex(16)}",
            sequence=1,
            account_sid=f"AC{'0' * 32}",
            call_sid=call_sid or new_call_sid(),
            parameters={**numbers, **parameters},
            ani=ani,
            dnis=dnis,
        )
        self._ear = Earpiece(RATE)
        self._mouth = Mouthpiece(RATE, noise_dbfs)
        self._line: _Line | None = None
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._events: asyncio.Queue[CallerEvent] = asyncio.Queue(EVENT_LIMIT)
        self._said = bytearray()
        self._utterances: dict[int, asyncio.Future[Spoken]] = {}
        self._last_spoken: Spoken | None = None
        self._attentive_from = 0.0
        self._voice = False
        self._over: CallOver | None = None

    @property
    def call_sid(self) -> str:
        """The carrier's name for this call."""
        return self._identity.call_sid

    @property
    def now(self) -> float:
        """Seconds since the call began; it stands still when the call is over."""
        if self._over is not None:
            return self._over.at
        return self._line.now if self._line is not None else 0.0

    @property
    def heard(self) -> bytes:
        """Everything heard since the call began, as PCM at 8 kHz, silence included."""
        return self._ear.heard(self.now)

    @property
    def said(self) -> bytes:
        """Everything sent since the call began, as PCM at 8 kHz, as it was after mu-law."""
        return bytes(self._said)

    @property
    def over(self) -> CallOver | None:
        """How the call ended; ``None`` while it lasts."""
        return self._over

    async def __aenter__(self) -> Self:
        self._line = await _Line.open(*self._socket, self._dialect)
        if self._dialect.greets:
            await self._line.send(Connected())
        await self._line.send(replace(self._identity, sequence=self._line.next_sequence()))
        self._line.begin()
        self._tasks = (
            asyncio.create_task(self._speak(), name="caller-speaks"),
            asyncio.create_task(self._hear(), name="caller-hears"),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.hang_up()

    async def say(self, pcm: bytes, rate: int) -> Spoken:
        """Say ``pcm`` (linear, mono, at ``rate`` Hz) and return when the last of it has been sent.

        Raises ``CallEnded`` when the other side hangs up before that.
        """
        if rate != RATE:
            pcm = await asyncio.to_thread(_resampled, pcm, rate)
        self._require_call()
        number = self._mouth.say(pcm)
        self._utterances[number] = asyncio.get_running_loop().create_future()
        try:
            return await self._utterances[number]
        finally:
            del self._utterances[number]

    async def press(self, digits: str) -> None:
        """Press keys, one after the other (``0-9 * # A-D``). Raises ``CallEnded``, or ``ValueError`` for other keys."""
        if unknown := set(digits) - KEYS:
            raise ValueError(f"a telephone has no key {' '.join(sorted(unknown))}")
        for digit in digits:
            line = self._require_call()
            await line.send(Dtmf(self._identity.stream_sid, line.next_sequence(), digit))

    async def listen_until_quiet(self, quiet: float = 0.8, timeout: float = 30.0) -> Heard:
        """Wait until the other side has begun to speak and then been silent for ``quiet`` seconds, or has hung up.

        Counts what was said since the caller's last utterance, or since this was last asked, whichever is later.
        Raises ``NoAnswer`` when that has not happened within ``timeout``, ``CallEnded`` when it hung up saying nothing.
        """
        since = self._attentive_from
        until = self.now + timeout
        while True:
            now = self.now
            self._ear.listen(now)
            spans = [span for span in self._ear.spans if span.end > since]
            silent = bool(spans) and now - spans[-1].end >= quiet and not self._ear.audible_ahead(now)
            if spans and (silent or self._over is not None):
                self._attentive_from = now
                return self._as_heard(spans, since)
            self._require_call()
            if now >= until:
                what = "did not fall silent" if spans else "said nothing"
                raise NoAnswer(f"the other side {what} within {timeout:g} s")
            await asyncio.sleep(FRAME_SECONDS)

    async def wait_until_over(self, timeout: float = 30.0) -> CallOver:
        """Wait until the other side hangs up. Raises ``NoAnswer`` when it does not within ``timeout``."""
        try:
            async with asyncio.timeout(timeout):
                await asyncio.wait(self._tasks)
        except TimeoutError as error:
            raise NoAnswer(f"the other side did not hang up within {timeout:g} s") from error
        assert self._over is not None
        return self._over

    async def events(self) -> AsyncIterator[CallerEvent]:
        """What happens in the call, ending with ``CallOver``. For one reader; without one the oldest are dropped."""
        while True:
            event = await self._events.get()
            yield event
            if isinstance(event, CallOver):
                return

    async def hang_up(self) -> None:
        """End the call as a carrier does: stop, then close. Does nothing when it is over."""
        line = self._line
        if line is None:
            return
        if self._over is None:
            who = self._identity
            with suppress(CallEnded):  # the other side may be quicker
                await line.send(Stop(who.stream_sid, line.next_sequence(), who.account_sid, who.call_sid))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._end(*await line.close())

    def save_recording(self, path: Path | str) -> None:
        """Write the call as a two-channel WAV: left what was said, right what was heard. Blocks: not on the loop."""
        said, heard = (np.frombuffer(side, dtype="<i2") for side in (self.said, self.heard))
        both = np.zeros((max(len(said), len(heard)), 2), dtype="<i2")
        both[: len(said), 0], both[: len(heard), 1] = said, heard
        with wave.open(str(path), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(SAMPLE_WIDTH)
            file.setframerate(RATE)
            file.writeframes(both.tobytes())

    # --- the two tasks ---------------------------------------------------------------------------------------------

    async def _speak(self) -> None:
        """Send a frame every 20 ms, and what is due with it: marks that were reached, news of voices."""
        line = self._require_call()
        try:
            while line.now < LONGEST_CALL:
                await line.sleep_until(self._mouth.frames * FRAME_SECONDS)
                await self._send_frame(line)
                for spoken in self._mouth.spoken():
                    self._last_spoken, self._attentive_from = spoken, spoken.ended
                    waiting = self._utterances.get(spoken.utterance)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(spoken)
                    self._tell(SpeechSent(spoken))
                await self._return_marks(line)
                self._tell_voice(line.now)
            await line.close()
        except CallEnded:
            pass  # the hearing task has the close code and ends the call

    async def _send_frame(self, line: _Line) -> None:
        number = self._mouth.frames
        encoding = self._dialect.heard
        payload = encoding.encode(self._mouth.next_frame())
        self._said += encoding.decode(payload)
        timestamp = round(number * FRAME_SECONDS * 1000)
        await line.send(Media(self._identity.stream_sid, line.next_sequence(), number + 1, timestamp, payload))

    async def _hear(self) -> None:
        """Take what the other side sends until the socket closes."""
        line = self._require_call()
        while (text := await line.receive()) is not None:
            try:
                message = read_gateway_message(text, self._dialect)
            except ProtocolViolation as violation:
                self._tell(Misunderstood(str(violation), line.now))
                continue
            if message.stream_sid not in ("", self._identity.stream_sid):
                self._tell(Misunderstood("a message for another stream", line.now))
                continue
            try:
                await self._obey(message, line)
            except CallEnded:
                break
        self._end(*await line.close())

    async def _obey(self, message: GatewayMessage, line: _Line) -> None:
        match message:
            case Play(_, payload):
                self._ear.play(self._dialect.sent(self._dialect.heard).decode(payload), line.now)
            case SetMark(_, name):
                self._ear.mark(name, line.now)
                await self._return_marks(line)
            case Clear():
                now = line.now
                self._tell(SoundCleared(self._ear.clear(now), now))
                if self._dialect.marks_survive_clear:
                    await self._return_marks(line)
                    return
                self._ear.marks_due(now)  # such a carrier forgets them
                if self._dialect.events.cleared:
                    await line.send(Cleared(self._identity.stream_sid, line.next_sequence()))
            case _:
                assert_never(message)

    async def _return_marks(self, line: _Line) -> None:
        for name in self._ear.marks_due(line.now):
            self._tell(MarkReturned(name, line.now))
            await line.send(MarkReached(self._identity.stream_sid, line.next_sequence(), name))

    # --- small parts -----------------------------------------------------------------------------------------------

    def _require_call(self) -> _Line:
        if self._over is not None:
            raise CallEnded(f"the call is over: {self._over.code} {self._over.reason}".rstrip())
        if self._line is None:
            raise RuntimeError("the call has not begun: enter the caller with 'async with' first")
        return self._line

    def _as_heard(self, spans: list[Span], since: float) -> Heard:
        whole = Span(max(spans[0].start, since), spans[-1].end)
        first, last = (round(moment * RATE) * SAMPLE_WIDTH for moment in (whole.start, whole.end))
        over = self._over is not None
        return Heard(whole, self.heard[first:last], self._response_time(spans[0]), over)

    def _response_time(self, span: Span) -> float | None:
        """Seconds from the end of the caller's last utterance to ``span``, if that is the first voice after it."""
        if self._last_spoken is None:
            return None
        ended = self._last_spoken.ended
        first = next((heard for heard in self._ear.spans if heard.end > ended), None)
        return max(0.0, span.start - ended) if first is not None and first.start == span.start else None

    def _tell_voice(self, now: float) -> None:
        self._ear.listen(now)
        span = self._ear.last_span
        speaks = span is not None and now - span.end < _VOICE_OVER
        if span is None or speaks == self._voice:
            return
        self._voice = speaks
        self._tell(VoiceStarted(span.start, self._response_time(span)) if speaks else VoiceStopped(span.end))

    def _tell(self, event: CallerEvent) -> None:
        if self._events.full():
            self._events.get_nowait()
        self._events.put_nowait(event)

    def _end(self, code: int, reason: str) -> None:
        if self._over is not None:
            return
        self._ear.listen(self.now)
        self._over = CallOver(code, reason, self.now)
        self._tell(self._over)
        for waiting in self._utterances.values():
            if not waiting.done():
                waiting.set_exception(CallEnded(f"the other side hung up: {code} {reason}".rstrip()))


class _Line:
    """The socket of a call and its clock."""

    def __init__(self, connection: ClientConnection, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect
        self._sending = asyncio.Lock()
        self._sequence = 0
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()

    @classmethod
    async def open(cls, url: str, headers: Mapping[str, str], dialect: Dialect) -> _Line:
        """Connect. Raises ``CallRefused``."""
        try:
            connection = await connect(
                url,
                additional_headers=headers,
                compression=None,
                proxy=None,
                open_timeout=_CONNECT_TIMEOUT,
                close_timeout=_CLOSE_TIMEOUT,
            )
        except (OSError, InvalidHandshake, InvalidURI, ConnectionClosed) as error:
            raise CallRefused(f"no media socket at {url}: {error}; is the gateway running there?") from error
        return cls(connection, dialect)

    @property
    def now(self) -> float:
        """Seconds since the call began."""
        return self._loop.time() - self._began

    def begin(self) -> None:
        """Begin the call's time."""
        self._began = self._loop.time()

    def next_sequence(self) -> int:
        """The number of the next message. Numbers keep their order: whoever takes one sends at once."""
        self._sequence += 1
        return self._sequence

    async def sleep_until(self, moment: float) -> None:
        """Wait for a moment of the call; what is late is not waited for, so that lateness does not add up."""
        await asyncio.sleep(max(0.0, moment - self.now))

    async def send(self, message: CarrierMessage) -> None:
        """Send one message. Raises ``CallEnded`` when the socket is closed, or takes nothing for seconds."""
        async with self._sending:
            try:
                async with asyncio.timeout(_SEND_TIMEOUT):
                    await self._connection.send(write_carrier_message(message, self._dialect))
            except ConnectionClosed as error:
                raise CallEnded(f"the media socket is closed: {error}") from error
            except TimeoutError as error:
                self._connection.transport.abort()
                raise CallEnded(f"the gateway took nothing for {_SEND_TIMEOUT:g} s") from error

    async def receive(self) -> str | bytes | None:
        """The next message of the other side; ``None`` when it has closed."""
        try:
            return await self._connection.recv()
        except ConnectionClosed:
            return None

    async def close(self) -> tuple[int, str]:
        """Close if it is still open; the close code and reason."""
        await self._connection.close()
        code, reason = self._connection.close_code, self._connection.close_reason
        return (1006 if code is None else code), reason or ""


def _resampled(pcm: bytes, rate: int) -> bytes:
    resampler = Resampler(rate, RATE)
    return resampler.process(pcm) + resampler.flush()


# --- the way through the webhook -----------------------------------------------------------------------------------


def new_call_sid() -> str:
    """A name for a call, as carriers make them."""
    return f"CA{secrets.token_hex(16)}"


async def dial(
    voice_url: str,
    *,
    ani: str,
    dnis: str,
    call_sid: str,
    auth_token: str | None = None,
    signed_url: str | None = None,
) -> StreamOffer:
    """Announce a call at a gateway's voice webhook, as a carrier does, and read where its TwiML wants the sound.

    Raises ``CallRefused`` with what the gateway answered.
    """
    form = {"CallSid": call_sid, "From": ani, "To": dnis, "CallStatus": "ringing", "Direction": "inbound"}
    headers = {}
    if auth_token:
        headers[signatures.TWILIO_HEADER] = signatures.signature(auth_token, signed_url or voice_url, form.items())
    try:
        async with httpx.AsyncClient(timeout=_CONNECT_TIMEOUT, trust_env=False) as client:
            response = await client.post(voice_url, data=form, headers=headers)
    except httpx.HTTPError as error:
        raise CallRefused(f"no voice webhook at {voice_url}: {error}; is the gateway running there?") from error
    if response.status_code != httpx.codes.OK:
        raise CallRefused(f"the voice webhook answered {response.status_code}: {response.text.strip()[:200]}")
    return read_twiml(response.text)
