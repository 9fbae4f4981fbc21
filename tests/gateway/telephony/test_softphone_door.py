"""Softphones behind a real server: tickets, who is let in as whom, and sound in both directions."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from prometheus_client import REGISTRY
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from gateway.telephony.leg import CallOffer, HangUpCause, HungUp, LegEvent, MediaLeg, MediaReceived, Refusal
from gateway.telephony.leg import RefusalReason as Reason
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.softphone import RATE, SUBPROTOCOL
from gateway.telephony.softphone_door import PATH, SoftphoneDoor, Visit, VisitorKind
from infra.audio import AudioFrame
from infra.errors import AiccError
from tests.gateway.telephony.doors import Reception, closed, doors, nobody
from tests.gateway.telephony.test_softphone import sound, text

CALLER = Visit(VisitorKind.CALLER, tenant="shop", call="web-1", ani="", dnis="+1800")
AGENT = Visit(VisitorKind.AGENT, tenant="shop", call="call-7", user="kim")


class Tickets:
    """Knows tickets, each good once."""

    def __init__(self, **known: Visit) -> None:
        self.known = known
        self.broken = False

    async def redeem(self, ticket: str) -> Visit | None:
        await asyncio.sleep(0)
        if self.broken:
            raise AiccError("the table of tickets is gone")
        return self.known.pop(ticket, None)


@dataclass
class House:
    """Echoes every leg; who came, and how it ended."""

    address: str = ""
    reception: Reception = field(default_factory=Reception)
    tickets: Tickets = field(default_factory=lambda: Tickets(caller=CALLER, agent=AGENT))
    legs: list[MediaLeg] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    ends: asyncio.Queue[HungUp] = field(default_factory=asyncio.Queue)

    async def call(self, leg: MediaLeg) -> None:
        self.legs.append(leg)
        over = asyncio.Event()

        def hear(event: LegEvent) -> None:
            match event:
                case MediaReceived(frame):
                    leg.send(frame)
                    leg.mark("echoed")
                case HungUp():
                    self.ends.put_nowait(event)
                    over.set()

        leg.listen(hear)
        await over.wait()

    async def person(self, leg: MediaLeg, visit: Visit) -> None:
        self.visits.append(visit)
        await self.call(leg)

    async def knock(self) -> ClientConnection:
        return await connect(self.address, proxy=None, subprotocols=[Subprotocol(SUBPROTOCOL)])

    async def come(self, ticket: str) -> ClientConnection:
        browser = await self.knock()
        await browser.send(text("hello", ticket=ticket))
        return browser


@contextlib.asynccontextmanager
async def house(**settings: Any) -> AsyncIterator[House]:
    opened = House()
    door = SoftphoneDoor(TelephonySettings(**settings), opened.tickets, opened.reception, opened.call, opened.person)
    async with doors(nobody, others=[door], **settings) as where:
        opened.address = f"ws://{where.address}{PATH}"
        yield opened


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"aicc_telephony_{name}", labels) or 0.0


async def told(browser: ClientConnection) -> Any:
    async with asyncio.timeout(20):
        message = await browser.recv()
    return message if isinstance(message, bytes) else json.loads(message)


async def test_a_caller_is_let_in_and_heard_and_hears() -> None:
    async with house() as opened:
        browser = await opened.come("caller")
        assert browser.subprotocol == SUBPROTOCOL
        assert await told(browser) == {"type": "ready", "rate": RATE, "call": "web-1"}
        await browser.send(sound(0))
        assert await told(browser) == sound(0)[4:]
        assert await told(browser) == {"type": "mark", "name": "echoed"}
        await browser.send(text("bye"))
        assert (await opened.ends.get()).cause is HangUpCause.FAR_END
        assert (await told(browser))["type"] == "bye"
        assert await closed(browser) == (1000, "")
    assert opened.reception.offers == [CallOffer("web-1", "", "+1800", "softphone")]
    assert opened.legs[0].info.rate == RATE


async def test_a_frame_that_comes_in_parts_is_one_frame() -> None:
    async with house() as opened:
        browser = await opened.come("agent")
        await told(browser)
        whole = sound(0)
        await browser.send([whole[:5], whole[5:300], whole[300:]])
        assert await told(browser) == whole[4:]


async def test_an_agent_is_let_in_to_its_call_even_where_there_is_no_room_for_callers() -> None:
    async with house() as opened:
        opened.reception.full = opened.reception.refusal = Refusal(Reason.BUSY)
        browser = await opened.come("agent")
        assert (await told(browser))["call"] == "call-7"
        await opened.legs[0].hang_up("the call is over")
        assert await told(browser) == {"type": "bye", "reason": "the call is over"}
        assert await closed(browser) == (1000, "the call is over")
    assert opened.visits == [AGENT]
    assert opened.reception.offers == []


@pytest.mark.parametrize(("reason", "code"), [(Reason.BUSY, 1013), (Reason.REJECTED, 1008)])
async def test_a_caller_who_is_not_admitted_is_told_why(reason: Reason, code: int) -> None:
    async with house() as opened:
        opened.reception.refusal = Refusal(reason)
        assert await closed(await opened.come("caller")) == (code, f"the call is not taken: {reason.value}")


async def test_a_ticket_is_good_once_and_a_wrong_one_never() -> None:
    before = count("signatures_refused_total", door="softphone")
    async with house() as opened:
        assert (await told(await opened.come("agent")))["type"] == "ready"
        for ticket in ("agent", "guess"):
            code, reason = await closed(await opened.come(ticket))
            assert (code, "not good" in str(reason)) == (1008, True)
    assert count("signatures_refused_total", door="softphone") - before == 2


async def test_tickets_that_cannot_be_looked_at_are_asked_for_later(caplog: pytest.LogCaptureFixture) -> None:
    async with house() as opened:
        opened.tickets.broken = True
        assert await closed(await opened.come("agent")) == (1013, "tickets cannot be looked at now")
    assert "the table of tickets is gone" in caplog.text


async def test_who_shows_no_ticket_is_closed_in_time() -> None:
    async with house(start_timeout=0.05) as opened:
        assert await closed(await opened.knock()) == (1008, "no start message within 0.05 s")


async def test_who_leaves_while_the_ticket_is_looked_at_is_served_by_nobody() -> None:
    async with house() as opened:
        looking, gone = asyncio.Event(), asyncio.Event()

        async def slowly(ticket: str) -> Visit | None:
            looking.set()
            await gone.wait()
            return AGENT

        opened.tickets.redeem = slowly  # type: ignore[method-assign]
        browser = await opened.come("agent")
        await looking.wait()
        await browser.close()
        gone.set()
        await asyncio.sleep(0.05)
        assert opened.visits == []


async def test_who_does_not_speak_our_subprotocol_is_refused_at_the_handshake() -> None:
    async with house() as opened:
        for offered in (None, [Subprotocol("chat"), Subprotocol("aicc.softphone.2")]):
            with pytest.raises(InvalidStatus) as caught:
                await connect(opened.address, proxy=None, subprotocols=offered)
            assert caught.value.response.status_code == 400


async def test_a_malformed_frame_ends_the_leg_as_a_violation_that_is_counted() -> None:
    before = count("violations_total", protocol="softphone", violation="bad_frame")
    async with house() as opened:
        browser = await opened.come("agent")
        await told(browser)
        await browser.send(b"short")
        assert (await opened.ends.get()).cause is HangUpCause.VIOLATION
        while isinstance(message := await told(browser), bytes) or message["type"] != "bye":
            pass
        code, _ = await closed(browser)
        assert code == 1007
    assert count("violations_total", protocol="softphone", violation="bad_frame") - before == 1


async def test_sound_is_sent_at_the_legs_own_rate_only() -> None:
    async with house() as opened:
        browser = await opened.come("agent")
        await told(browser)
        with pytest.raises(ValueError, match="16000 Hz, not 8000"):
            opened.legs[0].send(AudioFrame(bytes(320), 8000, 0.0))
