"""AudioSocket over real TCP: an Asterisk of our own making connects, speaks, hears at the pace of sound, and leaves."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from gateway.telephony.asterisk.announcement import Announcements
from gateway.telephony.asterisk.audiosocket_server import AudioSocketServer
from gateway.telephony.asterisk.returning import Returning
from gateway.telephony.leg import (
    DtmfReceived,
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
from gateway.telephony.transfer import TransferMethod, TransferOrder, Transferred
from infra.audio import FRAME_SECONDS, AudioFrame
from tests.gateway.telephony.asterisk.asterisk_wire import audiosocket
from tests.gateway.telephony.doors import Reception

CALL = uuid.UUID("40325ec2-5efd-4bd3-805f-53576e581d13")
PCM = b"\x07\x00" * 160


@dataclass
class Asterisk:
    """One connection, as Asterisk makes it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def say(self, kind: int, payload: bytes = b"") -> None:
        self.writer.write(audiosocket(kind, payload))

    async def told(self) -> tuple[int, bytes]:
        """The next frame."""
        async with asyncio.timeout(20):
            header = await self.reader.readexactly(3)
            return header[0], await self.reader.readexactly(int.from_bytes(header[1:], "big"))

    async def closed(self) -> bytes:
        """What is left on a connection that the server closes."""
        async with asyncio.timeout(20):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""


@dataclass
class House:
    """The server; keeps the legs that come, and what they tell."""

    reception: Reception = field(default_factory=Reception)
    legs: asyncio.Queue[MediaLeg] = field(default_factory=asyncio.Queue)
    events: list[LegEvent] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    returning: Returning = field(default_factory=lambda: Returning(lambda: 0.0))
    announcements: Announcements = field(default_factory=lambda: Announcements(30.0, 10, lambda: 0.0))
    address: tuple[str, int] = ("", 0)
    connections: list[Asterisk] = field(default_factory=list)

    async def serve(self, leg: MediaLeg) -> None:
        def hear(event: LegEvent) -> None:
            self.events.append(event)
            if isinstance(event, HungUp):
                self.over.set()

        leg.listen(hear)
        self.legs.put_nowait(leg)
        await self.over.wait()

    async def connect(self) -> Asterisk:
        self.connections.append(Asterisk(*await asyncio.open_connection(*self.address)))
        return self.connections[-1]

    async def disconnect(self) -> None:
        for asterisk in self.connections:
            asterisk.writer.transport.abort()
            with contextlib.suppress(OSError):
                await asterisk.writer.wait_closed()

    async def call(self, **said: str) -> tuple[Asterisk, MediaLeg]:
        """An announced call that has connected."""
        assert self.announcements.announce([("uuid", str(CALL)), *said.items()])
        asterisk = await self.connect()
        asterisk.say(0x01, CALL.bytes)
        async with asyncio.timeout(20):
            return asterisk, await self.legs.get()

    async def ended(self) -> HungUp:
        async with asyncio.timeout(20):
            await self.over.wait()
        end = self.events[-1]
        assert isinstance(end, HungUp)
        return end


@contextlib.asynccontextmanager
async def house(most: int = 10, **settings: Any) -> AsyncIterator[House]:
    opened = House()
    server = AudioSocketServer(
        TelephonySettings(**settings), opened.reception, opened.serve, opened.announcements, opened.returning, most
    )
    try:
        opened.address = await server.listen("127.0.0.1", 0)
        yield opened
    finally:
        await server.close()
        await opened.disconnect()


async def test_an_announced_call_is_taken_heard_and_told_its_keys() -> None:
    async with house() as opened:
        asterisk, leg = await opened.call(**{"from": "010", "to": "1588", "x-queue": "vip", "call": "a-1"})
        info = leg.info
        assert (info.leg_id, info.call_sid, info.ani, info.dnis) == (str(CALL), "a-1", "010", "1588")
        assert (info.rate, dict(info.headers)) == (8000, {"x-queue": "vip"})
        whole = audiosocket(0x10, PCM) + audiosocket(0x03, b"5")
        for byte in whole:  # cut as badly as can be
            asterisk.writer.write(bytes([byte]))
        await asterisk.writer.drain()
        asterisk.say(0x00)
        assert (await opened.ended()).cause is HangUpCause.FAR_END
        assert opened.events[:2] == [MediaReceived(AudioFrame(PCM, 8000, 0.0)), DtmfReceived("5", at=0.02)]
        assert await asterisk.closed() == audiosocket(0x00)
    assert [offer.dnis for offer in opened.reception.offers] == ["1588"]


async def test_sound_goes_out_at_the_pace_of_sound_and_marks_come_when_it_was_played() -> None:
    async with house() as opened:
        asterisk, leg = await opened.call(format="slin16")
        began = asyncio.get_running_loop().time()
        leg.send(AudioFrame(b"\x01\x00" * 320 * 20, 16_000, 0.0))
        leg.mark("said")
        frames = [await asterisk.told() for _ in range(20)]
        took = asyncio.get_running_loop().time() - began
        assert frames == [(0x12, b"\x01\x00" * 320)] * 20
        assert took > 0.3  # 0.4 s less what may be sent ahead
        while not opened.events:
            await asyncio.sleep(0.005)
        assert opened.events == [MarkPlayed("said")]
        assert asyncio.get_running_loop().time() - began >= 0.4


async def test_an_interruption_leaves_no_more_than_the_lead_to_be_heard() -> None:
    async with house() as opened:
        asterisk, leg = await opened.call()
        loop = asyncio.get_running_loop()
        began = loop.time()
        leg.send(AudioFrame(PCM * 100, 8000, 0.0))
        await asterisk.told()
        leg.clear()
        played = (loop.time() - began) / FRAME_SECONDS
        leg.send(AudioFrame(bytes(320), 8000, 0.0))
        heard = 0
        while (await asterisk.told())[1] == PCM:
            heard += 1
        assert heard <= 5 + played


async def test_who_was_not_announced_or_says_anything_else_first_is_closed() -> None:
    async with house() as opened:
        stranger = await opened.connect()
        stranger.say(0x01, bytes(16))
        assert await stranger.closed() == b""
        noisy = await opened.connect()
        noisy.say(0x10, PCM)
        assert await noisy.closed() == b""
        assert opened.legs.empty()


async def test_who_says_nothing_is_closed_in_time() -> None:
    async with house(start_timeout=0.05) as opened:
        silent = await opened.connect()
        assert await silent.closed() == b""


async def test_without_room_or_a_place_a_connection_is_closed_at_once() -> None:
    async with house(most=1) as opened:
        opened.reception.full = Refusal(RefusalReason.BUSY)
        assert await (await opened.connect()).closed() == b""
        opened.reception.full = None
        await opened.call()
        assert await (await opened.connect()).closed() == b""


async def test_a_call_that_is_not_wanted_is_closed() -> None:
    async with house() as opened:
        opened.reception.refusal = Refusal(RefusalReason.REJECTED)
        opened.announcements.announce([("uuid", str(CALL))])
        asterisk = await opened.connect()
        asterisk.say(0x01, CALL.bytes)
        assert await asterisk.closed() == b""


async def test_a_connection_that_just_closes_is_a_hang_up_also_when_our_sound_was_not_read() -> None:
    async with house() as opened:
        asterisk, _ = await opened.call()
        asterisk.writer.close()
        assert (await opened.ended()).cause is HangUpCause.FAR_END
    async with house() as opened:
        asterisk, _ = await opened.call()
        raw = asterisk.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing sends a reset
        asterisk.writer.transport.abort()
        assert (await opened.ended()).cause is HangUpCause.FAR_END


async def test_a_connection_that_breaks_is_lost() -> None:
    async with house() as opened:
        _, leg = await opened.call()
        leg._socket.connection_lost(TimeoutError("no answer from the network"))  # type: ignore[attr-defined]
        assert (await opened.ended()).cause is HangUpCause.CONNECTION_LOST


async def test_a_call_that_is_moved_is_hung_up_and_its_dial_plan_knows_where_to() -> None:
    async with house() as opened:
        asterisk, leg = await opened.call(call="a-7")
        order = TransferOrder(TransferMethod.PROVIDER, "queue-h42", "h42", within=5.0)
        moving = asyncio.create_task(leg.transfer(order))
        assert await asterisk.told() == (0x00, b"")
        asterisk.writer.close()
        assert await moving == Transferred(confirmed=False)
        assert opened.returning.destination("a-7") == "queue-h42"


async def test_a_far_end_that_takes_nothing_is_given_up() -> None:
    async with house(send_timeout=0.2) as opened:
        asterisk, leg = await opened.call()
        asterisk.reader._transport.pause_reading()  # type: ignore[attr-defined]
        connection = leg._socket  # type: ignore[attr-defined]
        connection._transport.write(bytes(8 << 20))  # more than the systems of both take in
        assert (await opened.ended()).cause is HangUpCause.STALLED


async def test_when_the_server_stops_every_leg_ends() -> None:
    said: list[asyncio.Task[bytes]] = []
    async with house() as opened:
        asterisk, _ = await opened.call()
        said.append(asyncio.create_task(asterisk.closed()))
        await asyncio.sleep(0)
    assert (await opened.ended()).cause is HangUpCause.OURS
    assert await said[0] == audiosocket(0x00)
