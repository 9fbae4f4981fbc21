"""Asterisk's channels behind a real server: who is let in, whose call it is, and what is said both ways."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from gateway.telephony.asterisk.channel_door import PATH, ChannelDoor
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
from infra.audio import AudioFrame
from tests.gateway.telephony.asterisk.asterisk_wire import event, start
from tests.gateway.telephony.doors import Reception, closed, doors, nobody

TOKEN = "a-secret-of-some-length"


@dataclass
class House:
    """Echoes every leg with a mark behind each frame; who came, and how it ended."""

    address: str = ""
    reception: Reception = field(default_factory=Reception)
    returning: Returning = field(default_factory=lambda: Returning(lambda: 0.0))
    legs: asyncio.Queue[MediaLeg] = field(default_factory=asyncio.Queue)
    events: list[LegEvent] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, leg: MediaLeg) -> None:
        def hear(heard: LegEvent) -> None:
            self.events.append(heard)
            match heard:
                case MediaReceived(frame):
                    leg.send(frame)
                    leg.mark("echoed")
                case HungUp():
                    self.over.set()

        leg.listen(hear)
        self.legs.put_nowait(leg)
        await self.over.wait()

    async def leg(self) -> MediaLeg:
        async with asyncio.timeout(20):
            return await self.legs.get()

    async def ended(self) -> HungUp:
        async with asyncio.timeout(20):
            await self.over.wait()
        end = self.events[-1]
        assert isinstance(end, HungUp)
        return end

    async def dial(self, query: str = f"token={TOKEN}", headers: Mapping[str, str] | None = None) -> ClientConnection:
        return await connect(
            f"{self.address}?{query}",
            proxy=None,
            subprotocols=[Subprotocol("media")],
            additional_headers=headers,
        )


@contextlib.asynccontextmanager
async def house() -> AsyncIterator[House]:
    opened = House()
    door = ChannelDoor(TelephonySettings(), SecretStr(TOKEN), opened.reception, opened.serve, opened.returning)
    async with doors(nobody, others=[door]) as where:
        opened.address = f"ws://{where.address}{PATH}"
        yield opened


async def told(asterisk: ClientConnection) -> Any:
    async with asyncio.timeout(20):
        message = await asterisk.recv()
    return message if isinstance(message, bytes) else json.loads(message)


async def test_a_call_comes_in_is_heard_hears_and_hangs_up() -> None:
    async with house() as opened:
        asterisk = await opened.dial(f"call=a-1&from=+8210&to=%2B8215&token={TOKEN}&x-queue=vip")
        assert asterisk.subprotocol == "media"
        await asterisk.send(start("slin16", 640))
        leg = await opened.leg()
        info = leg.info
        assert (info.call_sid, info.ani, info.dnis, info.rate) == ("a-1", "+8210", "+8215", 16_000)
        assert dict(info.headers) == {"x-queue": "vip"}
        await asterisk.send(b"\x01\x00" * 320)
        assert await told(asterisk) == b"\x01\x00" * 320
        assert await told(asterisk) == {"command": "MARK_MEDIA", "correlation_id": "1"}
        await asterisk.send(event("MEDIA_MARK_PROCESSED", correlation_id="1"))
        await asterisk.send(event("DTMF_END", digit="5"))
        await asterisk.close(1000)
        assert (await opened.ended()).cause is HangUpCause.FAR_END
        assert [type(one) for one in opened.events] == [MediaReceived, MarkPlayed, DtmfReceived, HungUp]
    assert [offer.call_sid for offer in opened.reception.offers] == ["a-1"]


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", {}),
        ("token=wrong", {}),
        ("token=", {"authorization": "Basic !"}),
        ("", {"authorization": "Basic eDp5"}),
        ("token=" + "&x=1" * 200, {}),
    ],
)
async def test_who_does_not_show_the_secret_is_not_let_in(query: str, headers: dict[str, str]) -> None:
    async with house() as opened:
        with pytest.raises(InvalidStatus) as caught:
            await opened.dial(query, headers)
        assert caught.value.response.status_code == 403


async def test_the_secret_may_be_the_password_of_http_authentication() -> None:
    async with house() as opened:
        credentials = base64.b64encode(f"asterisk:{TOKEN}".encode()).decode()
        asterisk = await opened.dial("to=1588", {"authorization": f"Basic {credentials}"})
        await asterisk.send(start())
        assert (await opened.leg()).info.dnis == "1588"


async def test_without_room_there_is_no_socket_and_a_call_that_is_not_wanted_is_told_so() -> None:
    async with house() as opened:
        opened.reception.full = Refusal(RefusalReason.BUSY)
        with pytest.raises(InvalidStatus) as caught:
            await opened.dial()
        assert caught.value.response.headers["retry-after"] == "5"
        opened.reception.full = None
        opened.reception.refusal = Refusal(RefusalReason.REJECTED)
        asterisk = await opened.dial()
        await asterisk.send(start())
        assert await closed(asterisk) == (1008, "the call is not taken: rejected")


async def test_while_asterisk_has_no_room_sound_waits_and_a_clear_overtakes_it() -> None:
    async with house() as opened:
        asterisk = await opened.dial()
        await asterisk.send(start("slin", 320))
        leg = await opened.leg()
        await asterisk.send(event("MEDIA_XOFF"))
        await asterisk.send(event("DTMF_END", digit="1"))
        while not opened.events:
            await asyncio.sleep(0.005)
        leg.send(AudioFrame(b"\x01\x00" * 160, 8000, 0.0))
        leg.clear()
        leg.send(AudioFrame(b"\x02\x00" * 160, 8000, 0.0))
        assert await told(asterisk) == {"command": "FLUSH_MEDIA"}
        assert (await told(asterisk))["command"] == "MARK_MEDIA"
        assert await told(asterisk) == b"\x02\x00" * 160
        await asterisk.send(event("MEDIA_XOFF"))
        await asterisk.send(event("DTMF_END", digit="2"))
        while len(opened.events) < 2:
            await asyncio.sleep(0.005)
        leg.send(AudioFrame(b"\x03\x00" * 160, 8000, 0.0))
        await asterisk.send(event("MEDIA_XON"))
        assert await told(asterisk) == b"\x03\x00" * 160


async def test_a_call_that_is_moved_is_hung_up_here_and_its_dial_plan_knows_where_to() -> None:
    async with house() as opened:
        asterisk = await opened.dial(f"call=a-7&token={TOKEN}")
        await asterisk.send(start())
        leg = await opened.leg()
        assert leg.transfers == {TransferMethod.PROVIDER}
        order = TransferOrder(TransferMethod.PROVIDER, "queue-h42", "h42", within=5.0)
        moving = asyncio.create_task(leg.transfer(order))
        assert await told(asterisk) == {"command": "HANGUP"}
        await asterisk.close(1000)
        assert await moving == Transferred(confirmed=False)
        assert opened.returning.destination("a-7") == "queue-h42"


async def test_when_we_hang_up_the_channel_is_told_before_the_socket_closes() -> None:
    async with house() as opened:
        asterisk = await opened.dial()
        await asterisk.send(start())
        await (await opened.leg()).hang_up("goodbye")
        assert await told(asterisk) == {"command": "HANGUP"}
        assert await closed(asterisk) == (1000, "goodbye")


async def test_what_breaks_the_protocol_is_closed_with_its_code() -> None:
    async with house() as opened:
        asterisk = await opened.dial()
        await asterisk.send(start())
        await opened.leg()
        await asterisk.send(start())
        assert await told(asterisk) == {"command": "HANGUP"}
        assert await closed(asterisk) == (1002, "a second start")
        assert (await opened.ended()).cause is HangUpCause.VIOLATION
