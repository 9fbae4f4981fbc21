"""Networks that lose packets, mix their order, bring in a stranger's, or fall silent: calls go on, or end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from tests.integration.sip.asking import is_answered
from tests.integration.sip.house import LINE, QUESTION, RTP_TIMEOUT, SipHouse, new_caller
from tests.integration.sip.likeness import RATE, likeness_by_pieces, loud_part, read_sound
from tests.integration.sip.rtp import RtpEnd, Way, losing, reordering, rtp_end
from tests.integration.sip.wire import Dialog, tag_of, wire

pytestmark = [pytest.mark.xdist_group("sip"), pytest.mark.asyncio(loop_scope="session")]

LOST = 0.05


@asynccontextmanager
async def calling(house: SipHouse, way: Way = list) -> AsyncIterator[tuple[str, RtpEnd]]:
    """A call whose sound goes by ``way``, once the greeting is over; hung up in the end, if it has not ended."""
    caller = new_caller()
    async with wire(house.port) as line, rtp_end(way) as sound:
        dialog = Dialog(line, LINE, sound.port, caller)
        line.send(dialog.invite())
        dialog.tag = tag_of(await dialog.until("SIP/2.0 200"))
        line.send(dialog.request("ACK"))
        await sound.begin()
        call = await house.call_from(caller)
        await house.until(call, "reply.heard")
        yield call, sound
        dialog.cseq += 1
        line.send(dialog.request("BYE"))
        await house.until(call, "call.ended")
    await house.is_at_rest()


@pytest.mark.parametrize(
    ("way", "alike"), [(losing(LOST), 0.8), (reordering(), 0.95)], ids=["one in twenty is lost", "out of order"]
)
async def test_a_question_is_understood_over_a_bad_network(house: SipHouse, way: Way, alike: float) -> None:
    question = read_sound(QUESTION, RATE)[0]
    async with calling(house, way) as (call, sound):
        sound.say(question)
        await is_answered(house, call)
        sound.press("4")
        [pressed] = await house.until(call, "dtmf.pressed")
        assert pressed["payload"]["digit"] == "4"
    caller, bot = await house.recording(call)
    assert likeness_by_pieces(loud_part(question), caller) > alike
    assert likeness_by_pieces(loud_part(bot)[: 3 * RATE], sound.heard()) > 0.95


async def test_a_stranger_who_sends_sound_gets_none_and_the_call_goes_on_behind_it(house: SipHouse) -> None:
    """Without SRTP nobody can tell whose sound it is: while it lasts, the caller is not heard well."""
    noise = np.random.default_rng(1).normal(0, 50, 2 * RATE).astype(np.int16)
    async with calling(house) as (call, sound), rtp_end() as stranger:
        stranger.source, stranger.far = 0xBAD, sound.far
        stranger.say(noise)
        stranger.start()
        await stranger.said()
        stranger.stop()
        came = len(sound.received)
        sound.press("6")
        [pressed] = await house.until(call, "dtmf.pressed")
        assert pressed["payload"]["digit"] == "6"
        await sound.more_than(came)
        assert not stranger.received, "our sound goes to the caller alone"


async def test_a_caller_whose_network_falls_silent_is_given_up(house: SipHouse) -> None:
    async with calling(house) as (call, sound):
        sound.stop()
        began = asyncio.get_running_loop().time()
        [ended] = await house.until(call, "call.ended", within=4 * RTP_TIMEOUT)
        assert asyncio.get_running_loop().time() - began > RTP_TIMEOUT / 2
        assert ended["payload"]["reason"] != "completed"
