"""A WebSocket whose frames are taken apart in C: the one module that knows picows.

A media socket carries a hundred messages a second and call, and a WebSocket server in Python spends more on each than
everything that is done with it. picows constructs its protocol only for servers of its own; ours has to share the HTTP
server's port, so ``open_socket`` constructs it as picows does. That constructor is not public: the dependency is pinned
for it, and ``tests/gateway/telephony/test_media_socket.py`` says at once when a release has changed it.

Refuses: meaning. Whose messages they are is the ``SocketOwner``'s affair.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final, Protocol

from picows import (
    WSAutoPingStrategy,
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
)
from picows.picows import WSProtocol  # type: ignore[attr-defined]  # missing in the stubs

from gateway.telephony.errors import close_reason

BROKEN_FRAMING: Final = 1002
NOT_UTF8: Final = 1007
TOO_LARGE: Final = 1009
NO_CODE: Final = 1005
"""The far end closed without a code (RFC 6455, section 7.4.1); never on the wire."""
NO_CLOSE: Final = 1006
"""The connection went without a close frame (ibid.)."""

CLOSE_WITHIN: Final = 1.0
"""Seconds that the far end has to answer a close frame before its connection is dropped, sent or not."""

# Looked up once: in Python 3.11 a look-up of an enumeration's member costs as much as all that is asked of a frame.
_TEXT: Final = WSMsgType.TEXT
_BINARY: Final = WSMsgType.BINARY
_CONTINUATION: Final = WSMsgType.CONTINUATION
_CLOSE: Final = WSMsgType.CLOSE
_PONG: Final = WSMsgType.PONG

_SUBPROTOCOL: Final = "Sec-WebSocket-Protocol"

_READ_BUFFER: Final = 2048
"""Bytes to begin with; it grows with what comes at once."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Handshake:
    """A request to open a media socket: its target (path and query) and its headers, whose names are in any case."""

    target: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rejection:
    """A handshake is answered with an HTTP error."""

    status: HTTPStatus
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class SocketOwner(Protocol):
    """To whom a socket belongs. It is told on the loop and in order; ``closed`` or ``broken`` is the last it hears."""

    def received(self, message: str | bytes) -> None:
        """A message: text as ``str``, binary as ``bytes``."""

    def writable(self, yes: bool) -> None:
        """Whether the far end takes what it is sent. What is sent meanwhile piles up without limit, so do not."""

    def closed(self, code: int) -> None:
        """The far end closed, with the code it gave; or it is gone (``NO_CLOSE``)."""

    def broken(self, code: int) -> None:
        """The far end broke the framing, and was told ``code``."""

    def shut_down(self) -> None:
        """The server stops: close, and say so."""


class MediaSocket(WSListener):
    """One open socket, once its handshake is over."""

    def __init__(
        self, largest: int, welcome: Callable[[MediaSocket], SocketOwner], gone: Callable[[MediaSocket], None]
    ) -> None:
        self.owner: SocketOwner
        self.handshake: Handshake
        """The request by which it was opened."""
        self.is_writable = True
        self._largest = largest
        self._welcome = welcome
        self._gone = gone
        self._transport: WSTransport
        self._parts: bytearray | None = None
        self._parts_are_text = False
        self._dropping: asyncio.TimerHandle | None = None
        self._over = False

    def send(self, message: str | bytes) -> None:
        """Write a message, now: ``str`` as text, ``bytes`` as binary. Does nothing once a close frame has been sent."""
        self._transport.send(_TEXT if isinstance(message, str) else _BINARY, message)

    def send_text(self, text: str | bytes) -> None:
        """Write a text message, now; ``bytes`` are UTF-8: where all is text, nothing is made a ``str`` first."""
        self._transport.send(_TEXT, text)

    def close(self, code: int, reason: str) -> None:
        """Send a close frame; the connection is dropped when the far end has answered it, or after ``CLOSE_WITHIN``."""
        if self._dropping is None and not self._transport.is_disconnected:
            self._transport.send_close(WSCloseCode(code), close_reason(reason))
            loop = asyncio.get_running_loop()
            self._dropping = loop.call_later(CLOSE_WITHIN, self._transport.disconnect, False)

    def shutdown(self) -> None:
        """What the HTTP server calls on each of its connections when it stops."""
        self.owner.shut_down()

    # --- what picows calls --------------------------------------------------------------------------------------------
    def on_ws_connected(self, transport: WSTransport) -> None:
        """The handshake is over."""
        self._transport = transport
        # The least possible waits where nothing can be taken back: what is to be sent later waits with the owner.
        transport.underlying_transport.set_write_buffer_limits(high=0)
        self.is_writable = not transport.underlying_transport.get_write_buffer_size()
        self.owner = self._welcome(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """A frame came in; nearly always it is a whole message."""
        kind = frame.msg_type
        if self._over:
            if kind is _CLOSE:  # the answer to ours
                transport.disconnect()
        elif frame.rsv1 or frame.rsv2 or frame.rsv3:  # no extension was agreed upon (RFC 6455, section 5.2)
            self._break_off(BROKEN_FRAMING)
        elif kind is _TEXT and frame.fin and self._parts is None:
            try:
                text = frame.get_payload_as_utf8_text()
            except UnicodeDecodeError:
                self._break_off(NOT_UTF8)
            else:
                self.owner.received(text)
        elif kind is _BINARY and frame.fin and self._parts is None and frame.payload_size <= self._largest:
            self.owner.received(frame.get_payload_as_bytes())
        elif kind is _CLOSE:
            self._answer_close(frame)
        elif kind is not _PONG:
            self._take_part(kind, frame)

    def pause_writing(self) -> None:
        """The far end does not take what it is sent."""
        self.is_writable = False
        if not self._over:
            self.owner.writable(False)

    def resume_writing(self) -> None:
        """It takes it again."""
        self.is_writable = True
        if not self._over:
            self.owner.writable(True)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """The connection is gone."""
        if self._dropping is not None:
            self._dropping.cancel()
        if not self._over:
            self._over = True
            self.owner.closed(NO_CLOSE)
        self._gone(self)

    # --- frames that are no whole message -----------------------------------------------------------------------------
    def refused_by_parser(self, code: int) -> None:
        """picows could not read what came; it will disconnect by itself."""
        if not self._over:
            self._transport.underlying_transport.pause_reading()
            self._break_off(code)

    def _break_off(self, code: int) -> None:
        """The framing is broken: say so to both sides."""
        self._over = True
        self.close(code, "")
        self.owner.broken(code)

    def _answer_close(self, frame: WSFrame) -> None:
        self._over = True
        code = frame.get_close_code().value or NO_CODE
        if not self._transport.is_close_frame_sent:
            self._transport.send_close(WSCloseCode(1000 if code == NO_CODE else code))
        self._transport.disconnect()
        self.owner.closed(code)

    def _take_part(self, kind: WSMsgType, frame: WSFrame) -> None:
        """A part of a message that comes in several frames (RFC 6455, section 5.4)."""
        begins = kind is not _CONTINUATION
        if begins is (self._parts is not None):
            self._break_off(BROKEN_FRAMING)
            return
        if self._parts is None:
            self._parts, self._parts_are_text = bytearray(), kind is _TEXT
        self._parts += frame.get_payload_as_memoryview()
        if len(self._parts) > self._largest:
            self._break_off(TOO_LARGE)
        elif frame.fin:
            whole, self._parts = bytes(self._parts), None
            self._deliver(whole)

    def _deliver(self, whole: bytes) -> None:
        try:
            message = whole.decode() if self._parts_are_text else whole
        except UnicodeDecodeError:
            self._break_off(NOT_UTF8)
        else:
            self.owner.received(message)


class _ParserLog(logging.LoggerAdapter[logging.Logger]):
    """What picows says to its log.

    It is the only way to learn that its parser refused a frame; to picows that is an error, to us a peer's mistake.
    """

    socket: MediaSocket | None = None

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        return msg, kwargs

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        match args:
            case [(int(code), str(reason))] if str(msg).startswith("WS parser error") and self.socket is not None:
                log.info("a media socket's framing is broken: %s", reason)
                self.socket.refused_by_parser(int(code))
            case _:
                super().log(logging.DEBUG if level == logging.INFO else level, msg, *args, **kwargs)


def open_socket(
    transport: asyncio.Transport,
    request: bytes,
    *,
    judge: Callable[[Handshake], Rejection | None],
    make: Callable[[], MediaSocket],
    largest: int,
    subprotocol: str | None = None,
) -> asyncio.BufferedProtocol:
    """Answer a handshake on ``transport``: with an error if ``judge`` says so, else with a socket from ``make``.

    ``request`` is the whole HTTP request, ``largest`` the bytes that a frame may have, ``subprotocol`` what the far end
    has to offer to speak and is told that it is spoken. What is returned has to become the transport's protocol.
    """
    parser_log = _ParserLog(log)

    def answer(upgrade: WSUpgradeRequest) -> WSUpgradeResponseWithListener | MediaSocket:
        handshake = Handshake(upgrade.path.decode("latin-1"), upgrade.headers)
        rejection = judge(handshake)
        if rejection is None and not _offers(upgrade.headers, subprotocol):
            rejection = Rejection(HTTPStatus.BAD_REQUEST)
        if rejection is not None:
            body = f"{rejection.status.phrase}\n".encode()
            response = WSUpgradeResponse.create_error_response(rejection.status, body, rejection.headers)
            return WSUpgradeResponseWithListener(response, None)
        opened = parser_log.socket = make()
        opened.handshake = handshake
        if subprotocol is None:
            return opened
        spoken = WSUpgradeResponse.create_101_response({_SUBPROTOCOL: subprotocol})
        return WSUpgradeResponseWithListener(spoken, opened)

    protocol = _protocol(answer, parser_log, largest)
    protocol.connection_made(transport)
    while request:
        room = memoryview(protocol.get_buffer(len(request)))
        piece, request = request[: len(room)], request[len(room) :]
        room[: len(piece)] = piece
        protocol.buffer_updated(len(piece))
    return protocol


def _offers(headers: Mapping[str, str], subprotocol: str | None) -> bool:
    offered = headers.get(_SUBPROTOCOL, "").split(",")
    return subprotocol is None or subprotocol in map(str.strip, offered)


def _protocol(
    answer: Callable[[WSUpgradeRequest], Any], parser_log: _ParserLog, largest: int
) -> asyncio.BufferedProtocol:
    """picows's protocol for one connection, server side; its parameters have places, not names."""
    protocol: asyncio.BufferedProtocol = WSProtocol(
        None,  # host and port: a client's
        None,  # path: a client's
        False,  # this is no client
        answer,
        parser_log,
        False,  # an error of the listener's does not disconnect: the owner closes, with a reason
        None,  # no time limit for the handshake: the request is here already
        False,  # no pings of its own: media comes fifty times a second, and its absence is noticed
        20.0,
        20.0,
        WSAutoPingStrategy.PING_WHEN_IDLE,
        True,  # pings are answered
        largest,
        None,  # headers: a client's
        _READ_BUFFER,
    )
    return protocol
