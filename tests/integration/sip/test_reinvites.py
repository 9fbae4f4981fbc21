"""Changes to a call that goes on, as scripted ends meet them: re-INVITEs that cross, and a move to whom we consulted.

The far ends are sipps; the sound is the test's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest

from gateway.telephony.sip.leg import SipLeg
from gateway.telephony.transfer import TransferMethod, TransferOrder, Transferred
from gateway.telephony.trunk import NotReached, TrunkOrder
from tests.gateway.telephony.sip.endpoints import HOST, Party, Place, free_port, needs_the_stack, place, settings
from tests.integration.sip.rtp import RtpEnd, rtp_end
from tests.integration.sip.sipp import SippScenario, sipp_scenario

pytestmark = [needs_the_stack, pytest.mark.xdist_group("sip alone")]

SETTLES_WITHIN = 20.0
"""Seconds for two re-INVITEs that crossed: each end waits up to two, or from two to four (RFC 3261, 14.1), and the
machine may be busy."""


async def hears(end: RtpEnd, party: Party) -> None:
    """Sound goes both ways: what each of them has heard grows."""
    there, here = len(end.received), len(party.pcm)
    party.say(bytes(16_000))
    async with asyncio.timeout(20.0):
        while len(end.received) < there + 25 or len(party.pcm) < here + 8_000:
            await asyncio.sleep(0.02)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds that two re-INVITEs may be in the way of."""
    async with asyncio.timeout(SETTLES_WITHIN):
        while not holds():
            await asyncio.sleep(0.05)


def call_id(sipp: SippScenario) -> str:
    """Of the scenario's one call."""
    lines = sipp.messages.splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.lower().startswith("call-id:"))


async def test_a_hold_that_crosses_the_far_ends_own_reinvite_is_tried_again_and_the_call_goes_on(
    tmp_path: Path,
) -> None:
    port = free_port()
    async with (
        place(settings(port, codecs="PCMU"), tmp_path) as here,
        rtp_end() as sound,
        sipp_scenario("glare", tmp_path / "sipp", to=f"{HOST}:{port}", rtp_port=sound.port) as sipp,
    ):
        party = await here.party()
        assert isinstance(party.leg, SipLeg)
        await sound.begin()
        await hears(sound, party)
        party.leg.hold(True)
        await until(lambda: len(sipp.received("INVITE")) == len(sipp.received("ACK")) == 2)
        (first, _), (again, _), *_ = sipp.received("INVITE")
        assert again - first <= 2.5, "who did not begin the call waits for up to two seconds"
        await sipp.is_answered("3 INVITE")  # the far end's own comes through as well
        party.leg.hold(False)
        await until(lambda: len(sipp.received("ACK")) == 3)
        await hears(sound, party)
        assert not party.end.done()
        sipp.go_on(call_id(sipp))
        await sipp.succeed()
        await asyncio.wait_for(party.end, 20)


async def consulted(here: Place, sipp: SippScenario, beside: Party) -> Party:
    """Somebody whom we call to ask whether they take the caller."""
    order = TrunkOrder(f"sip:desk@{sipp.address}", line="+18005550100", ring_seconds=20.0, beside=beside.leg)
    reached = await here.endpoint.trunks.call(order, lambda: None)
    assert not isinstance(reached, NotReached), reached
    return Party(reached)


@pytest.mark.parametrize("scenario", ["is_moved", "is_moved_late"])
async def test_a_caller_is_joined_with_whom_we_consulted_and_both_our_calls_end(tmp_path: Path, scenario: str) -> None:
    """Also where an earlier re-INVITE of ours is not answered yet at the moment when we want to put them on hold."""
    port = free_port()
    async with (
        place(settings(port, codecs="PCMU", trunks={"far": {"domain": HOST}}), tmp_path) as here,
        rtp_end() as sound,
        rtp_end() as other,
        sipp_scenario("is_consulted", tmp_path / "desk", rtp_port=other.port) as desk,
        sipp_scenario(scenario, tmp_path / "caller", to=f"{HOST}:{port}", rtp_port=sound.port, pause=1.0) as caller,
    ):
        party = await here.party()
        await sound.begin()
        asked = await consulted(here, desk, party)
        await other.begin()
        await hears(other, asked)
        if scenario == "is_moved_late":
            assert isinstance(party.leg, SipLeg)
            party.leg.hold(True)
            await until(lambda: len(caller.received("ACK")) == 1)
            party.leg.hold(False)
            await until(lambda: len(caller.received("INVITE")) == 2)
        order = TransferOrder(TransferMethod.ATTENDED, f"sip:desk@{desk.address}", "h42", 20.0, answered=asked.leg)
        moving = asyncio.create_task(party.leg.transfer(order))
        await until(lambda: bool(caller.received("REFER")))
        [(_, refer)] = caller.received("REFER")
        refer_to = unquote(next(line for line in refer.splitlines() if line.startswith("Refer-To:")))
        assert f"sip:desk@{desk.address}" in refer_to
        assert f"?Replaces={call_id(desk)};to-tag=" in refer_to, "it names the call in which we consulted"
        await until(lambda: any("NOTIFY" in answer for _, answer in caller.received("SIP/2.0 200")))  # that it tries
        desk.go_on(call_id(desk))  # the caller's network has called there, in our place
        caller.go_on(call_id(caller))
        assert await moving == Transferred(confirmed=False)
        await desk.succeed()
        await caller.succeed()
        for ours in (party, asked):
            await asyncio.wait_for(ours.end, 20)
