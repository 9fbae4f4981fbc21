"""Real telephones call a real gateway: they are answered, hear it, ask, get their answer, press keys, hold, hang up."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.integration.sip.asking import is_answered, is_complete, is_heard_both_ways
from tests.integration.sip.baresip import G722, OPUS, PCMA, BaresipPhone, Codec, baresip_phone
from tests.integration.sip.house import LINE, QUESTION, RTP_TIMEOUT, Event, SipHouse, new_caller
from tests.integration.sip.likeness import RATE, read_sound
from tests.integration.sip.rtp import rtp_end
from tests.integration.sip.sipp import sipp_scenario

pytestmark = [pytest.mark.xdist_group("sip"), pytest.mark.asyncio(loop_scope="session")]


async def test_baresip_calls_asks_presses_keys_holds_and_hangs_up(house: SipHouse, tmp_path: Path) -> None:
    async with baresip_phone(tmp_path / "phone") as phone:
        call = await house.call_of(await phone.dial(house.uri()))
        await house.until(call, "reply.heard")  # the greeting
        await phone.say(QUESTION)
        reply = await is_answered(house, call)
        assert reply["citations"][0]["document"] == "en/services/gift-wrapping.md"
        await phone.hold()
        await asyncio.sleep(RTP_TIMEOUT / 3)
        await phone.resume()
        await phone.press("5#")
        await house.until(call, "dtmf.pressed", 2)
        await phone.say(QUESTION)
        await is_answered(house, call, 2)
        await phone.hang_up()
        await house.until(call, "call.ended")
        events = await house.events(call)
        is_complete(events, keys="5#")
        await is_heard_both_ways(house, call, sent=read_sound(QUESTION, RATE)[0], heard=phone.heard())
    await house.is_at_rest()


async def ask_by(house: SipHouse, phone: BaresipPhone, transport: str) -> tuple[str, list[Event]]:
    """A question and its answer, and both again after a hold; the call and its record."""
    call = await house.call_of(await phone.dial(house.uri(transport)))
    await house.until(call, "reply.heard")
    await phone.say(QUESTION)
    await is_answered(house, call)
    await phone.hold()
    await asyncio.sleep(RTP_TIMEOUT / 3)
    await phone.resume()
    await phone.press("1")
    await house.until(call, "dtmf.pressed")
    await phone.say(QUESTION)
    await is_answered(house, call, 2)
    await phone.hang_up()
    await house.until(call, "call.ended")
    return call, await house.events(call)


@pytest.mark.parametrize(
    ("transport", "codec", "account"),
    [("tls", OPUS, ";mediaenc=srtp-mand"), ("udp", G722, ""), ("tcp", PCMA, "")],
    ids=["opus over TLS with SRTP", "G.722 over UDP", "PCMA over TCP"],
)
async def test_it_speaks_hears_and_holds_by_every_transport_and_codec(
    house: SipHouse, tmp_path: Path, transport: str, codec: Codec, account: str
) -> None:
    authority = house.authority if transport == "tls" else None
    async with baresip_phone(tmp_path / "phone", codec, account=account, authority=authority) as phone:
        call, events = await ask_by(house, phone, transport)
        is_complete(events, keys="1")
        answered = next(event["payload"] for event in events if event["kind"] == "call.answered")
        assert answered["rate"] == min(codec.rate, 16_000)
        await is_heard_both_ways(house, call, sent=read_sound(QUESTION, RATE)[0], heard=phone.heard())
    await house.is_at_rest()


async def test_sipp_calls_and_asks_with_sound_of_its_own(house: SipHouse, tmp_path: Path) -> None:
    caller = new_caller()
    async with rtp_end() as sound:
        scenario = sipp_scenario(
            "hold", tmp_path / "sipp", to=house.address, service=LINE, caller=caller, rtp_port=sound.port
        )
        async with scenario as sipp:
            call = await house.call_from(caller)
            await sound.begin()
            await house.until(call, "reply.heard")
            sound.say(read_sound(QUESTION, RATE)[0])
            await is_answered(house, call)
            sound.press("7")
            [answered] = await house.until(call, "call.answered")
            sid = answered["payload"]["call_sid"]
            await house.until(call, "dtmf.pressed")
            for change in (2, 3):  # hold, resume
                sipp.go_on(sid)
                await sipp.is_answered(f"{change} INVITE")
            sipp.go_on(sid)  # hang up
            await sipp.succeed()
    await house.until(call, "call.ended")
    is_complete(await house.events(call), keys="7")
    await is_heard_both_ways(house, call, sent=read_sound(QUESTION, RATE)[0], heard=sound.heard())
    await house.is_at_rest()
