"""How the HTTP server lends us connections: media sockets share its port, but not its WebSocket implementation.

uvicorn makes one protocol for each request to upgrade, shows it the connection and the request, and has it take over
what follows. ``Upgrade`` is that protocol for just one request: it looks at the path and puts the one that is to serve
the connection in its own place, so that no Python of its own is run for what comes then.

Refuses: whether a socket may be opened, and what it carries; see ``entrance.py``.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from gateway.telephony.entrance import Door
from gateway.telephony.media_socket import MediaSocket, SocketOwner, open_socket


def upgrades(*doors: Door) -> type[asyncio.Protocol]:
    """What uvicorn is to be given as ``ws``: media sockets go to the door at their path, all others to the
    application."""
    by_path = {door.path: door for door in doors}
    return cast("type[asyncio.Protocol]", partial(Upgrade, by_path))  # uvicorn only ever calls it


class Upgrade(asyncio.Protocol):
    """One request to upgrade a connection to a WebSocket; it exists until whoever serves the socket takes over."""

    def __init__(
        self, doors: Mapping[bytes, Door], config: Config, server_state: ServerState, app_state: dict[str, Any]
    ) -> None:
        self._doors = doors
        self._config = config
        self._server = server_state
        self._app_state = app_state
        self._transport: asyncio.Transport
        self._successor: asyncio.BaseProtocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection, as the HTTP protocol leaves it."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """The request, whole; nothing else ever comes here."""
        target = data.split(b" ", 2)[1]
        door = self._doors.get(target.partition(b"?")[0])
        self._successor = self._open_other(data) if door is None else self._open_media(door, data)
        # The server makes us the connection's protocol when we return; until we have left again nothing may come in.
        self._transport.pause_reading()
        asyncio.get_running_loop().call_soon(self._leave)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is lost while we stand in for the successor."""
        self._successor.connection_lost(exc)

    def _leave(self) -> None:
        if not self._transport.is_closing():
            self._transport.set_protocol(self._successor)
            self._transport.resume_reading()

    def _open_media(self, door: Door, request: bytes) -> asyncio.BaseProtocol:
        largest, tasks = self._config.ws_max_size, self._server.tasks
        connections = cast("set[Any]", self._server.connections)  # what the server tells when it stops

        def welcome(opened: MediaSocket) -> SocketOwner:
            connections.add(opened)
            return door.welcome(opened, tasks)

        def make() -> MediaSocket:
            return MediaSocket(largest, welcome, connections.discard)

        return open_socket(
            self._transport, request, judge=door.judge, make=make, largest=largest, subprotocol=door.subprotocol
        )

    def _open_other(self, request: bytes) -> asyncio.BaseProtocol:
        protocol = WebSocketsSansIOProtocol(self._config, self._server, self._app_state)
        protocol.connection_made(self._transport)
        protocol.data_received(request)
        return protocol


def limit_unread(listening: socket.socket, seconds: float) -> None:
    """Have the kernel drop connections made through ``listening`` whose peer takes nothing for ``seconds``.

    A close waits for the peer to read what was written before it: without this a peer that holds the line and never
    reads keeps its socket for a quarter of an hour. Linux only (RFC 5482).
    """
    option: int | None = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is not None:
        listening.setsockopt(socket.IPPROTO_TCP, option, int(seconds * 1000))
