"""Genesys' doors behind a real server: who is let in, as whose call, and how the others are told."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from gateway.telephony.genesys import hook_leg
from gateway.telephony.genesys.arrival import ServedLine
from gateway.telephony.genesys.connector import ConnectorLeg
from gateway.telephony.genesys.door import ConnectorDoor, Gate, MonitorDoor
from gateway.telephony.genesys.monitor import MonitorLeg
from gateway.telephony.genesys.settings import GenesysKey, GenesysSettings
from gateway.telephony.leg import (
    DtmfReceived,
    HangUpCause,
    HeldByFarEnd,
    HungUp,
    LegEvent,
    MediaLeg,
    MediaReceived,
    Refusal,
    RefusalReason,
)
from gateway.telephony.settings import TelephonySettings
from infra.audio import AudioFrame
from tests.gateway.telephony.doors import Reception, closed, doors, nobody
from tests.gateway.telephony.genesys.hooks import CONVERSATION, NOBODY, ORGANIZATION, STEREO, Client
from tests.integration.genesys.simulator import Account

pytestmark = pytest.mark.asyncio

ACCOUNT = Account("key-of-the-shop", b"a secret of sixteen bytes or more", ORGANIZATION)
ELSEWHERE = Account("key-of-the-bank", b"another secret, of another bank", "11111111-2222-3333-4444-555555555555")
LINE = "+827080001000"


def _key(account: Account, tenant: str, organization: str = "") -> GenesysKey:
    secret = SecretStr(base64.b64encode(account.secret).decode())
    return GenesysKey(secret=secret, tenant=tenant, organization=organization)


@dataclass
class House:
    """Serves whoever comes; who that was, and what was heard of them."""

    reception: Reception = field(default_factory=Reception)
    legs: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)
    tenants: list[str] = field(default_factory=list)
    frames: int = 0
    events: list[LegEvent] = field(default_factory=list)
    address: str = ""

    async def connected(self, leg: ConnectorLeg, tenant: str) -> None:
        self.tenants.append(tenant)
        await self._serve(leg)

    async def overheard(self, leg: MonitorLeg) -> None:
        await self._serve(leg)

    async def _serve(self, leg: MediaLeg) -> None:
        over = asyncio.Event()

        def hear(event: LegEvent) -> None:
            self.events.append(event)
            self.frames += isinstance(event, MediaReceived)
            if isinstance(event, HungUp):
                over.set()

        leg.listen(hear)
        self.legs.put_nowait(leg)
        await over.wait()

    def url(self, door: str = "connector") -> str:
        return f"ws://{self.address}/telephony/genesys/{door}"

    @contextlib.asynccontextmanager
    async def opened(self, *media: dict[str, Any], door: str = "connector", **more: Any) -> AsyncIterator[Session]:
        """A session whose open has been sent."""
        client = Client(str(uuid.uuid4()))
        headers = ACCOUNT.headers(self.url(door), client.session)
        async with connect(self.url(door), additional_headers=headers) as socket:
            session = Session(socket, client)
            await socket.send(client.opens(*media, **more))
            yield session


@dataclass
class Session:
    socket: ClientConnection
    client: Client

    async def hears(self) -> dict[str, Any]:
        async with asyncio.timeout(20):
            text = await self.socket.recv()
        assert isinstance(text, str)
        return self.client.heard(text)

    async def closes(self, reason: str = "end") -> None:
        await self.socket.send(self.client.says("close", reason=reason))
        assert (await self.hears())["type"] == "closed"
        await self.socket.close()


def lines(tenant: str, name: str) -> ServedLine | None:
    return ServedLine(LINE, ("ko", "en")) if (tenant, name) == ("shop", LINE) else None


@contextlib.asynccontextmanager
async def opened_house(**telephony: Any) -> AsyncIterator[House]:
    house = House()
    keys = {
        ACCOUNT.key: _key(ACCOUNT, "shop"),
        ELSEWHERE.key: _key(ELSEWHERE, "bank", "99999999-2222-3333-4444-555555555555"),
    }
    gate = Gate(GenesysSettings(keys=keys), TelephonySettings(**telephony), house.reception, lines)
    others = (ConnectorDoor(gate, house.connected), MonitorDoor(gate, house.overheard))
    async with doors(nobody, house.reception, others=others) as open_doors:
        house.address = open_doors.address
        yield house


async def status_of(url: str, headers: dict[str, str]) -> int:
    try:
        async with connect(url, additional_headers=headers):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


async def test_a_call_is_opened_heard_and_closed_by_genesys() -> None:
    async with opened_house() as house, house.opened(supportedLanguages=True) as session:
        said = await session.hears()
        assert said["type"] == "opened"
        assert said["parameters"]["supportedLanguages"] == ["ko", "en"]
        leg = await house.legs.get()
        assert (leg.info.dnis, leg.info.ani, leg.info.call_sid) == (LINE, "+821012345678", CONVERSATION)
        assert house.tenants == ["shop"]
        assert [offer.dnis for offer in house.reception.offers] == [LINE]
        await session.socket.send(bytes(1600))
        await session.socket.send(session.client.says("ping"))
        assert (await session.hears())["type"] == "pong"
        await session.closes()
        assert house.frames == 10


async def test_a_monitored_call_brings_both_sides_and_the_stereo_that_is_offered() -> None:
    async with opened_house() as house, house.opened(STEREO, door="monitor") as session:
        assert (await session.hears())["parameters"]["media"] == [STEREO]
        leg = await house.legs.get()
        assert isinstance(leg, MonitorLeg)
        await session.closes()


async def test_a_probe_is_opened_and_becomes_no_call() -> None:
    participant = {"id": NOBODY, "ani": "", "aniName": "", "dnis": ""}
    async with opened_house() as house:
        for door in ("connector", "monitor"):
            async with house.opened(door=door, conversationId=NOBODY, participant=participant) as session:
                assert (await session.hears())["type"] == "opened"
                await session.closes()
        assert house.legs.empty()
        assert house.reception.offers == []


@pytest.mark.parametrize(
    ("door", "more", "refusal", "reason", "why"),
    [
        ("connector", {"participant": {"id": NOBODY, "dnis": "tel:+1"}}, None, "unauthorized", "no_such_line"),
        ("monitor", {"participant": {"id": NOBODY, "dnis": "tel:+1"}}, None, "unauthorized", "no_such_line"),
        ("connector", {"organizationId": CONVERSATION}, None, "unauthorized", "another_organization"),
        ("connector", {}, None, "error", "no_usable_media"),
        ("connector", {}, Refusal(RefusalReason.BUSY), "error", "busy"),
    ],
)
async def test_whoever_is_turned_away_is_told_in_their_words(
    door: str, more: dict[str, Any], refusal: Refusal | None, reason: str, why: str
) -> None:
    async with opened_house() as house:
        house.reception.refusal = refusal
        media = [{"type": "video"}] if why == "no_usable_media" else []
        async with house.opened(*media, door=door, **more) as session:
            said = await session.hears()
            assert said["type"] == "disconnect"
            assert (said["parameters"]["reason"], said["parameters"]["info"]) == (reason, why)
            told = said["parameters"].get("outputVariables")
            assert told == ({"aicc_result": "failed", "aicc_reason": why} if door == "connector" else None)
            await session.closes("disconnect")
        assert house.legs.empty()


async def test_who_does_not_sign_signs_for_another_organization_or_finds_no_room_gets_no_socket() -> None:
    async with opened_house() as house:
        name = str(uuid.uuid4())
        assert await status_of(house.url(), {}) == 401
        assert await status_of(house.url(), ELSEWHERE.headers(house.url(), name)) == 401
        good = ACCOUNT.headers(house.url(), name)
        assert await status_of(house.url("monitor"), good) == 401
        assert await status_of(house.url(), good) == 101
        assert await status_of(house.url(), good) == 401, "a signature is good once"
        house.reception.full = Refusal(RefusalReason.BUSY)
        assert await status_of(house.url(), ACCOUNT.headers(house.url(), name)) == 503


async def test_a_signature_is_checked_for_the_address_that_genesys_called() -> None:
    async with opened_house(public_url="https://voice.example.com") as house:
        name, path = str(uuid.uuid4()), "/telephony/genesys/connector"
        assert await status_of(house.url(), ACCOUNT.headers(f"wss://voice.example.com{path}", name)) == 101
        assert await status_of(house.url(), ACCOUNT.headers(house.url(), name)) == 401


async def test_what_breaks_the_protocol_is_told_and_closed() -> None:
    async with opened_house() as house, house.opened() as session:
        await session.hears()
        await session.socket.send(json.dumps({"version": "2"}))
        said = await session.hears()
        assert (said["type"], said["parameters"]["reason"]) == ("disconnect", "error")
        assert (await closed(session.socket))[0] == 1007


async def came_again(house: House, before: Session, **more: Any) -> AsyncIterator[Session]:
    """Another session, which says that it continues one."""
    continued = {"id": before.client.session, "serverSeq": before.client.server_seq, "clientSeq": before.client.seq}
    async with house.opened(continuedSessions=[continued], **more) as after:
        assert (await after.hears())["type"] == "opened"
        yield after


@pytest.mark.parametrize("first", ["the old one closes", "the new one opens"])
async def test_a_session_that_is_continued_by_another_is_one_call(first: str) -> None:
    async with opened_house() as house, house.opened() as before:
        await before.hears()
        leg = await house.legs.get()
        events = house.events
        await before.socket.send(bytes(1600))
        if first == "the old one closes":
            await before.closes("reconnect")
        async with contextlib.aclosing(came_again(house, before)) as sessions:
            after = await anext(sessions)
            if first == "the new one opens":
                await before.closes("reconnect")
            await after.socket.send(bytes(1600))
            await after.socket.send(after.client.says("dtmf", digit="7"))
            async with asyncio.timeout(20):
                while not any(isinstance(event, DtmfReceived) for event in events):
                    await asyncio.sleep(0.01)
            leg.send(AudioFrame(bytes(320), 8000, 0.0))
            async with asyncio.timeout(20):
                assert isinstance(await after.socket.recv(), bytes)
            assert house.legs.empty(), "it is no new call"
            assert len(house.reception.offers) == 1, "and it takes no other place"
            frames = [event.frame for event in events if isinstance(event, MediaReceived)]
            assert sum(len(frame.pcm) for frame in frames) == 2 * 2 * 1600
            assert all(earlier.until <= later.at + 1e-9 for earlier, later in itertools.pairwise(frames))
            held = [event.held for event in events if isinstance(event, HeldByFarEnd)]
            assert held == ([True, False] if first == "the old one closes" else [])
            assert not any(isinstance(event, HungUp) for event in events)
            await after.closes()
            async with asyncio.timeout(20):
                assert (await leg.ended()).cause is HangUpCause.FAR_END


async def test_nobody_continues_a_call_of_another_conversation_or_with_another_key() -> None:
    async with opened_house() as house, house.opened() as before:
        await before.hears()
        await house.legs.get()
        other = "22222222-2222-3333-4444-555555555555"
        async with contextlib.aclosing(came_again(house, before, conversationId=other)) as sessions:
            after = await anext(sessions)
            assert (await house.legs.get()).info.call_sid == other
            await after.closes()
        await before.closes()


async def test_who_closed_to_reconnect_and_does_not_come_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook_leg, "RETURNS_WITHIN", 0.2)
    async with opened_house() as house, house.opened() as session:
        await session.hears()
        leg = await house.legs.get()
        await session.closes("reconnect")
        async with asyncio.timeout(20):
            assert (await leg.ended()).cause is HangUpCause.CONNECTION_LOST
