"""The telephone's only sockets: the media WebSocket, and the carrier's webhooks.

``telephony_router`` is mounted by the composition root. For each media socket: signature, handshake, start, admission,
then the leg goes to whoever serves calls; whatever way that ends, the socket is closed with a code and a reason, and
the leg's writer task is ended here where it was begun. A hostile or half-dead peer is counted and answered; it never
gets a traceback into the log, and no wait on it is unlimited.

Refuses: meaning. What a message says is the codec's; what a caller wants is the session's.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, WebSocket
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from gateway.telephony import metrics, twilio
from gateway.telephony.errors import ProtocolViolation, Violation, close_reason
from gateway.telephony.leg import (
    CallOffer,
    HangUpCause,
    HungUp,
    LegEvent,
    LegInfo,
    MediaLeg,
    MediaReceived,
    Refusal,
    RefusalReason,
)
from gateway.telephony.media_stream import (
    CALLER_PARAMETER,
    DIALLED_PARAMETER,
    PROTOCOL,
    MediaStreamCodec,
    StreamEvent,
    StreamStarted,
)
from gateway.telephony.send_queue import SendQueue
from gateway.telephony.settings import TelephonySettings
from infra.audio import AudioFrame

PREFIX: Final = "/telephony/twilio"

log = logging.getLogger(__name__)

_NORMAL: Final = 1000
_POLICY: Final = 1008
_INTERNAL: Final = 1011
_TRY_LATER: Final = 1013
_CLOSE_TIMEOUT: Final = 1.0
"""Seconds to wait for room to write a close frame: who does not read it has gone already."""

_STATUSES: Final = frozenset(
    {"queued", "initiated", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"}
)


@dataclass(frozen=True, slots=True)
class CallStatus:
    """What the carrier says has become of a call: one of its own words, such as ``completed``."""

    call_sid: str
    status: str


class Admission(Protocol):
    """Whether a call is to be taken. A question: it reserves nothing, and each door that a call passes asks it."""

    def __call__(self, offer: CallOffer, /) -> Refusal | None:
        """``None`` to take the call."""


# --- the leg -------------------------------------------------------------------------------------------------------


class _Patience:
    """Notices a far end that says nothing or takes nothing for too long.

    One timer a leg, which looks again when a limit could next be reached; a timer a message would be a hundred each
    second.
    """

    def __init__(self, settings: TelephonySettings, give_up: Callable[[HungUp], None]) -> None:
        self._idle, self._send = settings.idle_timeout, settings.send_timeout
        self._give_up = give_up
        self._loop = asyncio.get_running_loop()
        self._listening: float | None = None
        self._sending: float | None = None
        self._timer = self._loop.call_later(min(self._idle, self._send), self._look)

    def listening(self) -> None:
        """From now on a message is waited for."""
        self._listening = self._loop.time()

    def heard(self) -> None:
        """It came."""
        self._listening = None

    def sending(self) -> None:
        """From now on the far end is to take a message."""
        self._sending = self._loop.time()

    def sent(self) -> None:
        """It took it."""
        self._sending = None

    def end(self) -> None:
        """Look no more."""
        self._timer.cancel()

    def _look(self) -> None:
        now = self._loop.time()
        silent = 0.0 if self._listening is None else now - self._listening
        stuck = 0.0 if self._sending is None else now - self._sending
        if stuck >= self._send:
            self._give_up(HungUp(f"the far end took nothing for {self._send:g} s", HangUpCause.STALLED))
        elif silent >= self._idle:
            self._give_up(HungUp(f"silence on the wire for {self._idle:g} s", HangUpCause.IDLE))
        else:
            # A clock's grain later, so that the limit is then really past.
            self._timer = self._loop.call_later(min(self._idle - silent, self._send - stuck) + 0.001, self._look)


class WebSocketLeg:
    """A ``MediaLeg`` over one media WebSocket. Made by ``accept_media_stream``, which starts its writer."""

    def __init__(
        self, websocket: WebSocket, codec: MediaStreamCodec, info: LegInfo, settings: TelephonySettings
    ) -> None:
        self._websocket = websocket
        self._codec = codec
        self._info = info
        self._settings = settings
        self._queue = SendQueue(settings.send_queue)
        self._queued = asyncio.Event()
        self._end: HungUp | None = None
        self._close_with = (_NORMAL, "")
        self._closed = False
        self._reader: asyncio.Task[None] | None = None
        self._wait: asyncio.Timeout | None = None
        self._first_sound: float | None = None
        self._patience = _Patience(settings, lambda end: self._finish(end, _POLICY, end.reason))
        self._writer = asyncio.create_task(self._write(), name=f"leg-writer-{info.leg_id}")
        metrics.LEGS_OPEN.labels(PROTOCOL).inc()

    @property
    def info(self) -> LegInfo:
        """What is known of the leg."""
        return self._info

    def listen(self, hear: Callable[[LegEvent], None]) -> None:
        """Hear what the far end does; see ``MediaLeg``."""
        if self._reader is not None:
            raise RuntimeError("a leg has one listener")
        self._reader = asyncio.create_task(self._read_on(hear), name=f"leg-reader-{self._info.leg_id}")

    async def _read_on(self, hear: Callable[[LegEvent], None]) -> None:
        try:
            while self._end is None:
                for event in await self._read():
                    if isinstance(event, HungUp):
                        self._finish(event, _NORMAL, "")
                    elif not isinstance(event, StreamStarted):
                        hear(event)
        finally:
            self._finish(HungUp("internal error", HangUpCause.FAULT), _INTERNAL, "internal error")
            await self._close()
            assert self._end is not None
            hear(self._end)

    async def _read(self) -> list[StreamEvent]:
        """The events of the next message; after the end none."""
        self._patience.listening()
        try:
            async with asyncio.timeout(None) as self._wait:
                message = await self._websocket.receive()
        except TimeoutError:  # the leg has ended, and woke us by it
            return []
        finally:
            self._wait = None
            self._patience.heard()
        if message["type"] == "websocket.disconnect":
            self._finish(_disconnected(message), _NORMAL, "")
            return []
        try:
            events = self._codec.receive(_content(message))
            self._check_pace(events)
        except ProtocolViolation as violation:
            _count_violation(violation, self._info.leg_id)
            self._finish(HungUp(str(violation), HangUpCause.VIOLATION), violation.close_code, violation.reason)
            return []
        return events

    def _check_pace(self, events: list[StreamEvent]) -> None:
        """Hold the far end to real time: sound that is stamped or sent hours ahead would fill our disk."""
        now = asyncio.get_running_loop().time()
        for event in events:
            if isinstance(event, MediaReceived):
                if self._first_sound is None:
                    self._first_sound = now
                if event.frame.until > now - self._first_sound + self._settings.max_ahead:
                    reason = f"sound runs more than {self._settings.max_ahead:g} s ahead of real time"
                    raise ProtocolViolation(Violation.AHEAD_OF_TIME, reason)

    def send(self, frame: AudioFrame) -> None:
        """Queue sound; see ``MediaLeg``."""
        if frame.rate != self._info.rate:
            raise ValueError(f"the leg carries {self._info.rate} Hz, not {frame.rate}: resample before sending")
        if self._end is None and frame.pcm:
            if not self._queue.add_sound(self._codec.encode_media(frame.pcm), frame.duration):
                metrics.FRAMES_DROPPED.labels(PROTOCOL).inc()
            self._queued.set()

    def mark(self, name: str) -> None:
        """Queue a mark; see ``MediaLeg``."""
        if self._end is None:
            if not self._queue.add_mark(self._codec.encode_mark(name)):
                metrics.MARKS_WITHHELD.labels(PROTOCOL).inc()
            self._queued.set()

    def clear(self) -> None:
        """Drop sound here and there; see ``MediaLeg``."""
        if self._end is None:
            self._queue.clear(self._codec.encode_clear())
            self._queued.set()

    async def hang_up(self, reason: str) -> None:
        """End the leg; see ``MediaLeg``."""
        self._finish(HungUp(reason, HangUpCause.OURS), _NORMAL, reason)
        await self._close()

    async def fail(self) -> None:
        """End the leg because whoever served it failed."""
        self._finish(HungUp("internal error", HangUpCause.FAULT), _INTERNAL, "internal error")
        await self._close()

    def _finish(self, end: HungUp, close_code: int, reason: str) -> None:
        """Decide the end, once. Wakes the reader and stops the writer."""
        if self._end is not None:
            return
        self._end = end
        self._close_with = (close_code, reason)
        self._queue.drop_all()
        if self._wait is not None and not self._wait.expired():
            self._wait.reschedule(asyncio.get_running_loop().time())
        self._writer.cancel()
        self._patience.end()
        self._count_end(end)

    def _count_end(self, end: HungUp) -> None:
        metrics.LEGS_OPEN.labels(PROTOCOL).dec()
        metrics.LEGS_ENDED.labels(PROTOCOL, end.cause.value).inc()
        counts, gaps = self._codec.counts, self._codec.gaps
        odd = {
            "unknown_event": counts.unknown_events,
            "sequence_gap": counts.sequence_gaps,
            "sequence_repeat": counts.sequence_repeats,
            "lost_chunk": gaps.lost_chunks,
            "late_chunk": gaps.late_chunks,
            "time_jump": gaps.jumps,
        }
        for kind, number in odd.items():
            if number:
                metrics.ODD_MESSAGES.labels(PROTOCOL, kind).inc(number)
        metrics.SOUND_FILLED.labels(PROTOCOL).inc(gaps.filled_seconds)
        log.info("leg %s ended: %s (%s)", self._info.leg_id, end.reason, end.cause.value)

    async def _close(self) -> None:
        """End the writer and close the socket, once."""
        if self._closed:
            return
        self._closed = True
        await asyncio.wait({self._writer}, timeout=_CLOSE_TIMEOUT)
        if self._writer.done() and not self._writer.cancelled() and (mistake := self._writer.exception()) is not None:
            log.error("leg %s could not send: a mistake of ours", self._info.leg_id, exc_info=mistake)
        await _close_socket(self._websocket, *self._close_with)

    async def _write(self) -> None:
        """The writer task: sends what is queued. A send that hangs is noticed by ``_Patience``, which ends the leg."""
        while True:
            await self._queued.wait()
            self._queued.clear()
            while (message := self._queue.take()) is not None:
                self._patience.sending()
                try:
                    await self._websocket.send_text(message)
                except (WebSocketDisconnect, RuntimeError):
                    # The socket is gone (once a close frame is out, uvicorn and starlette say so by a bare
                    # RuntimeError); why, the reader is told. Until then sound has nowhere to go.
                    self._queue.drop_all()
                    return
                finally:
                    self._patience.sent()


def _disconnected(message: Message) -> HungUp:
    """Who or what closed the socket, by its close code (RFC 6455, section 7.4.1)."""
    match message.get("code", 1005):
        case 1000 | 1001 as code:
            return HungUp(f"the far end closed the socket ({code})", HangUpCause.FAR_END)
        case 1002 | 1007 | 1009 as code:  # the server's own parser refused what came
            violation = ProtocolViolation(Violation.BROKEN_FRAMING, f"the socket broke off ({code})")
            _count_violation(violation, "")
            return HungUp(str(violation), HangUpCause.VIOLATION)
        case 1012:
            return HungUp("this server is shutting down", HangUpCause.OURS)
        case code:
            return HungUp(f"the connection was lost ({code})", HangUpCause.CONNECTION_LOST)


def _content(message: Message) -> str | bytes:
    """What a ``websocket.receive`` brought: text as ``str``, binary as ``bytes``."""
    text: str | None = message.get("text")
    content: bytes | None = message.get("bytes")
    return text if text is not None else content or b""


def _count_violation(violation: ProtocolViolation, leg_id: str) -> None:
    metrics.VIOLATIONS.labels(PROTOCOL, violation.violation.label).inc()
    log.info("media socket %s broke the protocol: %s", leg_id or "(not started)", violation)


async def _close_socket(websocket: WebSocket, code: int, reason: str) -> None:
    """Close with a code and a reason, if the far end is still there to be told."""
    try:
        async with asyncio.timeout(_CLOSE_TIMEOUT):
            await websocket.close(code, close_reason(reason))
    except (TimeoutError, WebSocketDisconnect, RuntimeError) as error:
        log.debug("the close frame was not delivered: %r", error)


async def accept_media_stream(
    websocket: WebSocket, settings: TelephonySettings, admit: Admission
) -> WebSocketLeg | None:
    """Take a media socket up to its start message. ``None`` when it comes to nothing; it is closed and counted then.

    Whoever gets the leg must end it with ``hang_up``.
    """
    await websocket.accept()
    codec = MediaStreamCodec()
    try:
        info = await _await_start(websocket, codec, settings.start_timeout)
    except ProtocolViolation as violation:
        _count_violation(violation, "")
        await _close_socket(websocket, violation.close_code, violation.reason)
        return None
    if info is None:
        return None
    if refusal := admit(info.offer):
        metrics.CALLS_REFUSED.labels("media", refusal.reason.value).inc()
        code = _TRY_LATER if refusal.reason is RefusalReason.BUSY else _POLICY
        await _close_socket(websocket, code, f"the call is not taken: {refusal.reason.value}")
        return None
    return WebSocketLeg(websocket, codec, info, settings)


async def _await_start(websocket: WebSocket, codec: MediaStreamCodec, patience: float) -> LegInfo | None:
    """The leg that the start message announces; ``None`` when the far end left before it."""
    try:
        async with asyncio.timeout(patience):
            while True:
                message = await websocket.receive()
                if message["type"] == "websocket.disconnect":
                    left = _disconnected(message)
                    log.info("media socket left before start: %s", left.reason)
                    return None
                for event in codec.receive(_content(message)):
                    if isinstance(event, StreamStarted):
                        return event.info
    except TimeoutError as error:
        raise ProtocolViolation(Violation.NO_START, f"no start message within {patience:g} s") from error


# --- the doors -----------------------------------------------------------------------------------------------------


def telephony_router(
    settings: TelephonySettings,
    on_leg: Callable[[MediaLeg], Awaitable[None]],
    admit: Admission,
    on_status: Callable[[CallStatus], None] | None = None,
) -> APIRouter:
    """The carrier's doors: ``POST …/voice``, ``POST …/status`` and the socket ``…/media`` under ``/telephony/twilio``.

    ``on_leg`` serves one call and returns when it is over; ``on_status`` hears what the carrier reports of a call.
    """
    quiet_about_bad_peers()
    doors = _Doors(settings, on_leg, admit, on_status)
    router = APIRouter(prefix=PREFIX, tags=["telephony"])
    router.add_api_route("/voice", doors.voice, methods=["POST"], response_model=None)
    router.add_api_route("/status", doors.status, methods=["POST"], response_model=None)
    router.add_api_websocket_route("/media", doors.media)
    return router


class _BadRequest(Exception):
    """A webhook request that is answered with ``status`` and goes no further."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class _Doors:
    """The endpoints, over what they were configured with."""

    def __init__(
        self,
        settings: TelephonySettings,
        on_leg: Callable[[MediaLeg], Awaitable[None]],
        admit: Admission,
        on_status: Callable[[CallStatus], None] | None,
    ) -> None:
        self._settings = settings
        self._on_leg = on_leg
        self._admit = admit
        self._on_status = on_status

    async def voice(self, request: Request) -> Response:
        """A call has come in: answer with TwiML that connects its sound to our media socket, or refuses it."""
        try:
            fields = dict(await self._signed_form(request, "voice"))
            call_sid = fields.get("CallSid", "")
            if not call_sid:
                raise _BadRequest(400, "CallSid is missing")
        except _BadRequest as bad:
            return self._turn_away("voice", bad)
        ani, dnis = fields.get("From", "")[:256], fields.get("To", "")[:256]
        refusal = self._admit(CallOffer(call_sid=call_sid, ani=ani, dnis=dnis, protocol=PROTOCOL))
        if refusal is not None:
            metrics.CALLS_REFUSED.labels("voice", refusal.reason.value).inc()
            return _twiml(twilio.refuse(refusal))
        metrics.WEBHOOKS.labels("voice", "connected").inc()
        url = twilio.socket_url(self._base(request), request.scope["path"].removesuffix("/voice") + "/media")
        return _twiml(twilio.connect_stream(url, {CALLER_PARAMETER: ani, DIALLED_PARAMETER: dnis}))

    async def status(self, request: Request) -> Response:
        """The carrier reports what became of a call."""
        try:
            fields = dict(await self._signed_form(request, "status"))
            report = CallStatus(call_sid=fields.get("CallSid", ""), status=fields.get("CallStatus", ""))
            if not report.call_sid or not report.status:
                raise _BadRequest(400, "CallSid or CallStatus is missing")
        except _BadRequest as bad:
            return self._turn_away("status", bad)
        metrics.CALL_STATUSES.labels(report.status if report.status in _STATUSES else "other").inc()
        metrics.WEBHOOKS.labels("status", "noted").inc()
        if self._on_status is not None:
            self._on_status(report)
        return Response(status_code=204)

    async def media(self, websocket: WebSocket) -> None:
        """A call's sound."""
        if not self._is_signed(websocket, []):
            metrics.SIGNATURES_REFUSED.labels("media").inc()
            log.info("media socket refused: its signature is wrong or missing")
            await websocket.close(_POLICY)  # before the handshake: the server answers 403
            return
        leg = await accept_media_stream(websocket, self._settings, self._admit)
        if leg is None:
            return
        try:
            await self._on_leg(leg)
        except BaseException:
            await leg.fail()
            raise
        await leg.hang_up("the session is over")

    async def _signed_form(self, request: Request, door: str) -> list[tuple[str, str]]:
        """The fields of a form whose signature holds. Raises ``_BadRequest``."""
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
            raise _BadRequest(415, "the body must be application/x-www-form-urlencoded")
        body = await self._body(request)
        try:
            form = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=1000)
        except ValueError as error:
            raise _BadRequest(400, "the form cannot be read") from error
        if not self._is_signed(request, form):
            metrics.SIGNATURES_REFUSED.labels(door).inc()
            raise _BadRequest(403, "the signature is wrong or missing")
        return form

    async def _body(self, request: Request) -> bytes:
        """The request's body, within the limits of size and time."""
        body = bytearray()
        try:
            async with asyncio.timeout(self._settings.webhook_timeout):
                async for piece in request.stream():
                    body += piece
                    if len(body) > self._settings.max_body:
                        raise _BadRequest(413, f"the body may have {self._settings.max_body} bytes")
        except TimeoutError as error:
            raise _BadRequest(408, "the body did not come in time") from error
        except ClientDisconnect as error:
            raise _BadRequest(400, "the body broke off") from error
        return bytes(body)

    def _is_signed(self, connection: HTTPConnection, form: list[tuple[str, str]]) -> bool:
        """Whether the request bears the carrier's signature; without an auth token every request passes."""
        token = self._settings.twilio_auth_token
        if token is None:
            return True
        claimed = connection.headers.get(twilio.SIGNATURE_HEADER)
        return twilio.signature_is_valid(token.get_secret_value(), self._address(connection), form, claimed=claimed)

    def _address(self, connection: HTTPConnection) -> str:
        """The address that the carrier called. Put together without parsing, for a peer may name any host."""
        scope = connection.scope
        base, query = self._base(connection), scope["query_string"].decode("latin-1")
        called = base + scope["path"] if scope["type"] == "http" else twilio.socket_url(base, scope["path"])
        return f"{called}?{query}" if query else called

    def _base(self, connection: HTTPConnection) -> str:
        """``public_url`` when it is set, else scheme and host as the request names them."""
        named = f"{connection.scope['scheme']}://{connection.headers.get('host', '')}"
        return self._settings.public_url or named

    def _turn_away(self, door: str, bad: _BadRequest) -> Response:
        metrics.WEBHOOKS.labels(door, str(bad.status)).inc()
        log.info("webhook %s refused: %s", door, bad)
        return PlainTextResponse(f"{bad}\n", status_code=bad.status)


def _twiml(document: str) -> Response:
    return Response(document, media_type="application/xml")


# --- the server underneath -----------------------------------------------------------------------------------------


class _BadPeerFilter(logging.Filter):
    """uvicorn logs a peer's text frame that is not UTF-8 as an error of ours, with a traceback: one line is enough."""

    def filter(self, record: logging.LogRecord) -> bool:
        if str(record.msg).startswith("Invalid UTF-8 sequence"):
            record.levelno, record.levelname, record.exc_info = logging.INFO, "INFO", None
        return True


_BAD_PEERS: Final = _BadPeerFilter()


def quiet_about_bad_peers() -> None:
    """Keep tracebacks of hostile peers' framing out of the server's log; may be called again."""
    logging.getLogger("uvicorn.error").addFilter(_BAD_PEERS)


def limit_unread(listening: socket.socket, seconds: float) -> None:
    """Have the kernel drop connections made through ``listening`` whose peer takes nothing for ``seconds``.

    An ASGI server cannot abort a connection, and a close waits for the peer to read what was written before it: without
    this a peer that holds the line and never reads keeps its socket for a quarter of an hour. Linux only (RFC 5482).
    """
    option: int | None = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is not None:
        listening.setsockopt(socket.IPPROTO_TCP, option, int(seconds * 1000))
