"""Raw streams behind a real server: who is let in, and sound in both directions in every dialect."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from gateway.telephony.leg import (
    HangUpCause,
    HungUp,
    LegEvent,
    MarkPlayed,
    MediaLeg,
    MediaReceived,
    Refusal,
    RefusalReason,
)
from gateway.telephony.raw.dialects import DIALECTS, VONAGE, Dialect
from gateway.telephony.raw.opening import open_raw_streams
from gateway.telephony.raw.settings import RawSettings
from gateway.telephony.raw.webhooks import passes_of
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.transfer import TransferMethod, TransferOrder, Transferred
from infra.audio import AudioFrame
from tests.gateway.telephony.doors import Reception, closed, doors, nobody
from tests.gateway.telephony.raw.raw_wire import PLATFORMS

SECRET = "a-secret-of-thirty-two-characters"
PCM = b"\x07\x00" * 320
every = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)


@dataclass
class House:
    """Keeps the legs that come, and what they tell."""

    address: str = ""
    reception: Reception = field(default_factory=Reception)
    legs: asyncio.Queue[MediaLeg] = field(default_factory=asyncio.Queue)
    events: list[LegEvent] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, leg: MediaLeg) -> None:
        def hear(event: LegEvent) -> None:
            self.events.append(event)
            if isinstance(event, HungUp):
                self.over.set()

        leg.listen(hear)
        self.legs.put_nowait(leg)
        await self.over.wait()

    async def ended(self) -> HungUp:
        async with asyncio.timeout(20):
            await self.over.wait()
        end = self.events[-1]
        assert isinstance(end, HungUp)
        return end

    async def knock(self, dialect: Dialect, query: str = "", **headers: str) -> ClientConnection:
        spoken = None if dialect.subprotocol is None else [Subprotocol(dialect.subprotocol)]
        address = f"{self.address}{dialect.path}{query}"
        return await connect(address, proxy=None, subprotocols=spoken, additional_headers=headers)

    async def call(self, dialect: Dialect, **more: str) -> tuple[ClientConnection, MediaLeg]:
        """A call that shows what it has to."""
        headers = {"authorization": f"Bearer {vonage_token()}"} if dialect is VONAGE else {}
        far_end = await self.knock(dialect, **headers)
        shown = {"pass": passes_of_call("c-1")} if dialect.name == "jambonz" else {"token": SECRET}
        await far_end.send(json.dumps({**PLATFORMS[dialect.name].opening, **shown, **more}))
        async with asyncio.timeout(20):
            return far_end, await self.legs.get()


def vonage_token(secret: str = SECRET) -> str:
    return jwt.encode({"alg": "HS256"}, {"iat": int(time.time())}, OctKey.import_key(secret))


def passes_of_call(call: str) -> str:
    secret = RawSettings(jambonz_webhook_secret=SECRET).jambonz_webhook_secret  # type: ignore[arg-type]
    assert secret is not None
    return passes_of(secret).give("jambonz", call, time.time())


@contextlib.asynccontextmanager
async def house() -> AsyncIterator[House]:
    opened = House()
    raw = RawSettings(vonage_signature_secret=SECRET, jambonz_webhook_secret=SECRET, freeswitch_token=SECRET)  # type: ignore[arg-type]
    streams = open_raw_streams(raw, TelephonySettings(), opened.reception, opened.serve, lambda: 0.0)
    async with doors(nobody, others=streams.doors) as where:
        opened.address = f"ws://{where.address}"
        yield opened


async def told(far_end: ClientConnection) -> Any:
    async with asyncio.timeout(20):
        message = await far_end.recv()
    return message if isinstance(message, bytes) else json.loads(message)


def sound_in(message: Any) -> bytes:
    """The sound of a message, whatever it is wrapped in."""
    if isinstance(message, bytes):
        return message
    return base64.b64decode(message["data"].get("audioContent") or message["data"]["audioData"])


@every
async def test_a_call_comes_in_is_heard_hears_and_leaves(dialect: Dialect) -> None:
    async with house() as opened:
        far_end, leg = await opened.call(dialect)
        assert (leg.info.call_sid, leg.info.ani, leg.info.dnis, leg.info.rate) == ("c-1", "8210", "1588", 16_000)
        assert not {"token", "pass"} & leg.info.parameters.keys()
        await far_end.send(PCM)
        leg.send(AudioFrame(PCM * 10, 16_000, 0.0))
        heard = b""
        while len(heard) < len(PCM) * 10:
            heard += sound_in(await told(far_end))
        assert heard == PCM * 10
        await far_end.send(json.dumps(PLATFORMS[dialect.name].key))
        await far_end.close(1000)
        assert (await opened.ended()).cause is HangUpCause.FAR_END
        assert opened.events[0] == MediaReceived(AudioFrame(PCM, 16_000, 0.0))
    assert [offer.protocol for offer in opened.reception.offers] == [dialect.name]


@every
async def test_a_mark_is_told_when_the_sound_before_it_is_over(dialect: Dialect) -> None:
    async with house() as opened:
        far_end, leg = await opened.call(dialect)
        leg.send(AudioFrame(PCM * 10, 16_000, 0.0))
        leg.mark("m")
        if (mark := PLATFORMS[dialect.name].mark) is not None:
            while isinstance(await told(far_end), bytes):
                pass
            await far_end.send(json.dumps(mark))
        async with asyncio.timeout(20):
            while not opened.events:
                await asyncio.sleep(0.005)
        assert opened.events == [MarkPlayed("m")]


@every
async def test_who_shows_the_wrong_thing_is_not_let_in(dialect: Dialect) -> None:
    wrong = {"pass": passes_of_call("c-2"), "token": "wrong"}
    async with house() as opened:
        if dialect is VONAGE:
            for headers in ({}, {"authorization": f"Bearer {vonage_token('another-secret-of-32-characters-')}"}):
                with pytest.raises(InvalidStatus) as caught:
                    await opened.knock(dialect, **headers)
                assert caught.value.response.status_code == 403
            return
        far_end = await opened.knock(dialect)
        await far_end.send(json.dumps({**PLATFORMS[dialect.name].opening, **wrong}))
        assert await closed(far_end) == (1008, "the secret is wrong or missing")
        assert opened.reception.offers == []


async def test_freeswitch_may_show_its_secret_with_its_request() -> None:
    dialect = PLATFORMS["freeswitch-stream"].dialect
    async with house() as opened:
        with pytest.raises(InvalidStatus):
            await opened.knock(dialect, "?token=wrong")
        far_end = await opened.knock(dialect, f"?token={SECRET}&to=%2B8215")
        await far_end.send("{}")
        leg = await opened.legs.get()
        assert (leg.info.dnis, bool(leg.info.leg_id), leg.info.call_sid) == ("+8215", True, leg.info.leg_id)


async def test_without_room_there_is_no_socket_and_a_call_that_is_not_wanted_is_told_so() -> None:
    dialect = PLATFORMS["freeswitch-fork"].dialect
    async with house() as opened:
        opened.reception.full = Refusal(RefusalReason.BUSY)
        with pytest.raises(InvalidStatus) as caught:
            await opened.knock(dialect)
        assert caught.value.response.headers["retry-after"] == "5"
        opened.reception.full, opened.reception.refusal = None, Refusal(RefusalReason.BUSY)
        far_end = await opened.knock(dialect, f"?token={SECRET}")
        await far_end.send("{}")
        assert (await closed(far_end))[0] == 1013


async def test_freeswitch_is_asked_to_move_a_call_and_has_it_when_it_leaves() -> None:
    async with house() as opened:
        far_end, leg = await opened.call(PLATFORMS["freeswitch-fork"].dialect)
        assert leg.transfers == {TransferMethod.PROVIDER}
        order = TransferOrder(TransferMethod.PROVIDER, "support", "h42", within=5.0)
        moving = asyncio.create_task(leg.transfer(order))
        assert await told(far_end) == {"type": "transfer", "data": {"target": "support", "handoff": "h42"}}
        await far_end.close(1000)
        assert await moving == Transferred(confirmed=False)


async def test_vonage_without_an_application_moves_no_calls() -> None:
    async with house() as opened:
        _, leg = await opened.call(VONAGE)
        assert leg.transfers == frozenset()
