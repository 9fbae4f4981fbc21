"""The WebSocket in C, over real sockets: the contract with picows, and frames that are no whole text."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
import inspect
import json
from collections.abc import AsyncIterator

import pytest
from picows.picows import WSProtocol
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from gateway.telephony.leg import DtmfReceived, HungUp, LegEvent, MediaLeg
from tests.gateway.telephony import wire
from tests.gateway.telephony.doors import doors


class Call:
    """What came of the far end's frames."""

    def __init__(self) -> None:
        self.events: list[LegEvent] = []
        self.begun = asyncio.Event()
        self.over = asyncio.Event()

    async def serve(self, leg: MediaLeg) -> None:
        def hear(event: LegEvent) -> None:
            self.events.append(event)
            if isinstance(event, HungUp):
                self.over.set()
            elif isinstance(event, DtmfReceived):
                leg.mark(event.digit)

        leg.listen(hear)
        self.begun.set()
        await self.over.wait()


@contextlib.asynccontextmanager
async def call() -> AsyncIterator[tuple[Call, ClientConnection]]:
    served = Call()
    async with doors(served.serve) as opened, connect(opened.media, proxy=None) as far_end:
        await far_end.send(wire.text(wire.connected()))
        await far_end.send(wire.text(wire.start()))
        async with asyncio.timeout(20):
            await served.begun.wait()
        yield served, far_end
        far_end.transport.abort()


def raw(far_end: ClientConnection, *frames: Frame, extension: bool = False) -> None:
    """Put frames on the wire as they are; with ``extension`` under the first reserved bit."""
    for frame in frames:
        written = frame.serialize(mask=True)
        far_end.transport.write(bytes([written[0] | 0x40, *written[1:]]) if extension else written)


async def mark(far_end: ClientConnection) -> str:
    async with asyncio.timeout(20):
        return str(json.loads(await far_end.recv())["mark"]["name"])


async def closed(far_end: ClientConnection) -> int | None:
    with contextlib.suppress(ConnectionClosed):
        async with asyncio.timeout(20):
            await far_end.recv()
    return far_end.close_code


def test_the_pinned_release_still_has_the_constructor_that_we_call() -> None:
    """picows does not promise it: after an update read its ``ws_create_server`` and change ``_protocol`` to match."""
    assert importlib.metadata.version("picows") == "2.3.1"
    assert inspect.isclass(WSProtocol)
    with pytest.raises(TypeError, match="exactly 15 positional arguments"):
        WSProtocol()
    for method in ("connection_made", "connection_lost", "get_buffer", "buffer_updated", "pause_writing"):
        assert callable(getattr(WSProtocol, method))


async def test_frames_reach_the_owner_and_answers_the_far_end() -> None:
    async with call() as (served, far_end):
        await far_end.send(wire.text(wire.dtmf("5")))
        assert await mark(far_end) == "5"
        await far_end.send(wire.text(wire.stop(3)))
        assert await closed(far_end) == 1000
        await served.over.wait()


async def test_a_message_may_come_in_parts_with_pings_between_them() -> None:
    text = wire.text(wire.dtmf("9")).encode()
    async with call() as (_, far_end):
        raw(
            far_end,
            Frame(Opcode.TEXT, text[:10], fin=False),
            Frame(Opcode.PING, b"are you there"),
            Frame(Opcode.CONT, text[10:20], fin=False),
            Frame(Opcode.CONT, text[20:]),
        )
        assert await mark(far_end) == "9"


async def test_pings_are_answered_and_pongs_borne_with() -> None:
    async with call() as (_, far_end):
        raw(far_end, Frame(Opcode.PONG, b"nobody asked"))
        async with asyncio.timeout(20):
            await (await far_end.ping())


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([Frame(Opcode.CONT, b"x")], 1002),
        ([Frame(Opcode.TEXT, b"x", fin=False), Frame(Opcode.TEXT, b"y")], 1002),
        ([Frame(Opcode.TEXT, b"\xff")], 1007),
        ([Frame(Opcode.TEXT, b"\xc3", fin=False), Frame(Opcode.CONT, b"\x28")], 1007),
        ([Frame(Opcode.TEXT, b"x" * 700_000, fin=False), Frame(Opcode.CONT, b"x" * 700_000, fin=False)], 1009),
        ([Frame(Opcode.TEXT, b"x" * 1_100_000)], 1009),
    ],
    ids=[
        "a continuation of nothing",
        "a message within a message",
        "no UTF-8",
        "no UTF-8 in parts",
        "too large in parts",
        "too large",
    ],
)
async def test_broken_framing_is_answered_with_its_code_and_told_to_the_call(frames: list[Frame], code: int) -> None:
    async with call() as (served, far_end):
        raw(far_end, *frames)
        assert await closed(far_end) in {code, 1006}  # 1006: the reset of what was left unread outran the close frame
        async with asyncio.timeout(20):
            await served.over.wait()
        (end,) = served.events
        assert isinstance(end, HungUp)
        assert end.reason == f"broken_framing: the socket broke off ({code})"


async def test_an_extension_that_nobody_agreed_to_is_broken_framing() -> None:
    async with call() as (_, far_end):
        raw(far_end, Frame(Opcode.TEXT, wire.text(wire.dtmf("1")).encode()), extension=True)
        assert await closed(far_end) == 1002


async def test_a_far_end_that_does_not_answer_a_close_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.telephony.media_socket.CLOSE_WITHIN", 0.05)
    async with call() as (_, far_end):
        far_end.transport.pause_reading()
        raw(far_end, Frame(Opcode.TEXT, wire.text(wire.stop()).encode()))
        await asyncio.sleep(0.3)
        far_end.transport.resume_reading()
        async with asyncio.timeout(20):
            await far_end.wait_closed()
