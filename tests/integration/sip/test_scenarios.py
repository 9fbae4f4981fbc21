"""What goes wrong between two ends of SIP: the gateway answers it as the RFCs want, serves on, and keeps no call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.integration.sip.house import LINE, SipHouse, new_caller
from tests.integration.sip.rtp import rtp_end
from tests.integration.sip.sipp import sipp_scenario
from tests.integration.sip.wire import Dialog, Wire, tag_of, wire

pytestmark = [pytest.mark.xdist_group("sip"), pytest.mark.asyncio(loop_scope="session")]

GIVEN_UP_AFTER = 32.0
"""Seconds that an answer waits for its ACK: 64 * T1 (RFC 3261, 13.3.1.4)."""


@pytest_asyncio.fixture(loop_scope="session")
async def line(house: SipHouse) -> AsyncIterator[Wire]:
    """SIP by hand. After each test the gateway still serves, and no call is left."""
    async with wire(house.port) as line:
        yield line
        assert await line.is_prompt()
    await house.is_at_rest()


async def is_recorded(house: SipHouse, caller: str) -> None:
    """The call's record is closed, because its caller has hung up."""
    [ended] = await house.until(await house.call_from(caller), "call.ended")
    assert ended["payload"]["reason"] == "caller_hung_up"


async def test_a_call_without_an_offer_is_offered_one_and_has_sound(
    house: SipHouse, line: Wire, tmp_path: Path
) -> None:
    caller = new_caller()
    async with rtp_end() as sound:
        calling = {"service": LINE, "caller": caller, "rtp_port": sound.port}
        async with sipp_scenario("delayed_offer", tmp_path / "sipp", to=house.address, **calling) as sipp:
            await sound.begin()
            await sipp.succeed()
    assert len(sound.received) > 10
    await is_recorded(house, caller)


async def test_ten_callers_who_give_up_while_it_rings_leave_nothing(
    house: SipHouse, line: Wire, tmp_path: Path
) -> None:
    async with sipp_scenario("cancel", tmp_path / "sipp", to=house.address, service=LINE, calls=10, rate=20) as sipp:
        await sipp.succeed(10)


async def test_a_second_reinvite_before_the_first_was_answered_does_no_harm(
    house: SipHouse, line: Wire, tmp_path: Path
) -> None:
    caller = new_caller()
    async with sipp_scenario("overlapping", tmp_path / "sipp", to=house.address, service=LINE, caller=caller) as sipp:
        await sipp.succeed()
    await is_recorded(house, caller)


async def answered(line: Wire, dialog: Dialog) -> None:
    """Call, and take the answer."""
    line.send(dialog.invite())
    dialog.tag = tag_of(await dialog.until("SIP/2.0 200"))
    line.send(dialog.request("ACK"))


async def hung_up(line: Wire, dialog: Dialog) -> None:
    """Hang up, and take the answer."""
    dialog.cseq += 1
    before = len(dialog.of("SIP/2.0 200"))
    line.send(dialog.request("BYE"))
    await dialog.until("SIP/2.0 200", before + 1)


async def test_an_invite_that_comes_three_times_is_one_call(house: SipHouse, line: Wire) -> None:
    async with rtp_end() as sound:
        dialog = Dialog(line, LINE, sound.port, new_caller())
        line.send(dialog.invite())
        line.send(dialog.invite())
        await dialog.until("SIP/2.0 200")
        line.send(dialog.invite())
        await dialog.until("SIP/2.0 200", 2)
        assert len({tag_of(message) for message in dialog.of("SIP/2.0 ")} - {""}) == 1
        dialog.tag = tag_of(dialog.of("SIP/2.0 200")[0])
        line.send(dialog.request("ACK"))
        await sound.begin()
        await house.until(await house.call_from(dialog.caller), "call.answered")
        await house.has_calls(1)
        assert sum(call["ended_at"] is None for call in await house.calls()) == 1
        await hung_up(line, dialog)


async def test_a_lost_ack_makes_the_answer_come_again_until_it_is_there(house: SipHouse, line: Wire) -> None:
    async with rtp_end() as sound:
        dialog = Dialog(line, LINE, sound.port)
        line.send(dialog.invite())
        dialog.tag = tag_of(await dialog.until("SIP/2.0 200", 3))  # now, after 0.5 s, after 1.5 s
        line.send(dialog.request("ACK"))
        await sound.begin()
        came = len(dialog.of("SIP/2.0 200"))
        await asyncio.sleep(2.2)  # the fourth would come 2 s after the third
        assert len(dialog.of("SIP/2.0 200")) == came
        await hung_up(line, dialog)


async def test_a_bye_that_comes_twice_is_answered_twice(house: SipHouse, line: Wire) -> None:
    async with rtp_end() as sound:
        dialog = Dialog(line, LINE, sound.port)
        await answered(line, dialog)
        await sound.begin()
        await hung_up(line, dialog)
        before = len(dialog.of("SIP/2.0 200"))
        line.send(dialog.request("BYE"))
        await dialog.until("SIP/2.0 200", before + 1)


async def test_an_answer_that_is_never_acknowledged_is_given_up(house: SipHouse, line: Wire) -> None:
    async with rtp_end() as sound:
        dialog = Dialog(line, LINE, sound.port)
        line.send(dialog.invite())
        dialog.tag = tag_of(await dialog.until("SIP/2.0 200"))
        bye = await dialog.until("BYE ", within=GIVEN_UP_AFTER + 10)
        line.send(dialog.answer(bye, "200 OK"))


async def test_what_it_cannot_do_is_refused_by_the_right_name(house: SipHouse, line: Wire) -> None:
    unknown, stranger, demanding, deaf = (Dialog(line, LINE) for _ in range(4))
    line.send(unknown.request("FROBNICATE"))
    line.send(stranger.request("BYE"))
    line.send(demanding.invite().replace("Max-Forwards", "Require: our-own-extension\r\nMax-Forwards"))
    line.send(deaf.invite().replace("RTP/AVP 0 101", "RTP/AVP 18"))
    assert (await unknown.until("SIP/2.0 ")).startswith(("SIP/2.0 405", "SIP/2.0 501"))
    assert (await stranger.until("SIP/2.0 ")).startswith("SIP/2.0 481")
    assert (await demanding.until("SIP/2.0 4")).startswith("SIP/2.0 420")
    assert (await deaf.until("SIP/2.0 4")).startswith("SIP/2.0 488")


async def test_a_number_that_is_no_line_of_ours_is_not_taken(house: SipHouse, line: Wire) -> None:
    dialog = Dialog(line, "+18005559999")
    line.send(dialog.invite())
    assert (await dialog.until("SIP/2.0 4")).startswith("SIP/2.0 486")
