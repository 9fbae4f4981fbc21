"""An agent asks at a target outside before the caller is moved there, in whole calls and virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from gateway.desk.errors import NoSuchTarget, NotYourCall
from gateway.desk.floor.agent_state import Routing
from gateway.session.errors import InquiryUnderWay
from gateway.session.records import EndReason
from gateway.telephony.leg import HungUp
from gateway.telephony.trunk import Failure
from tests.gateway.desk.center import BYE, KIM, LEE, PARK, Center, waiting_with
from tests.gateway.session.desk_stage import TUNE, heard_at, now
from tests.gateway.session.stage import VOICE, FarEnd, handover
from tests.gateway.session.transfer_stage import SUPPORT, Exchange, Gate


def at_desk(*fails: Failure | None) -> Center:
    """A center whose tenant names a target outside, and a trunk on which somebody answers unless it fails."""
    center = Center(
        heard=["a person please", "hello"],
        answers=[[handover()], [BYE]],
        more={"transfers": {"support": {**SUPPORT, "ways": ["attended", "bridge"], "accept": "key"}}},
    )
    center.trunk, center.toll = Exchange(list(fails)), Gate()
    return center


def asking(script: Callable[[Center, FarEnd], Awaitable[None]], *fails: Failure | None) -> Center:
    """Kim has the call, and asks."""

    async def play(center: Center) -> None:
        await center.sits_down(KIM)
        agent, _ = await center.accepts(KIM)
        await center.calls.consult(KIM, "call-1", "support", 2)
        await script(center, agent)

    center = at_desk(*fails)
    waiting_with(center, play)
    return center


async def state(center: Center, wanted: str) -> None:
    """Until the inquiry has come so far."""
    async with asyncio.timeout(60):
        while (center.session.room.inquiry.told or {}).get("state") != wanted:
            await asyncio.sleep(0.1)


def outside(center: Center) -> FarEnd:
    assert isinstance(center.trunk, Exchange)
    return center.trunk.legs[-1]


async def speaks(*legs: FarEnd) -> float:
    """They speak for a second; since when."""
    since = now()
    for leg in legs:
        leg.loud_until = since + 1.0
    await asyncio.sleep(1.5)
    return since


def test_the_two_talk_while_the_caller_is_on_hold_and_then_the_caller_is_with_whom_was_asked() -> None:
    async def script(center: Center, agent: FarEnd) -> None:
        await state(center, "talking")
        there = outside(center)
        since = await speaks(agent, there)
        assert [at for at in heard_at(there, VOICE) if at > since] and [
            at for at in heard_at(agent, VOICE) if at > since
        ]
        assert not [at for at in heard_at(center.leg, VOICE) if at > since], "the caller hears neither"
        assert TUNE.intersection(pcm for at, pcm in center.leg.sent if at > since)
        await center.calls.send_outside(KIM, "call-1", "support", 2)
        await asyncio.sleep(1.0)
        assert center.session.room.control.grip.who == "outside:support"
        assert (await center.floors.snapshot("shop")).agents["kim"].routing is Routing.WRAP_UP
        since = await speaks(there, center.leg)
        assert [at for at in heard_at(center.leg, VOICE) if at > since]
        assert [at for at in heard_at(there, VOICE) if at > since]
        assert there.hung_up_at is None
        center.hang_up()

    center = asking(script)
    assert [(event["way"], event["target"]) for event in center.of("transfer.answered")] == [
        ("consult", "support"),
        ("bridge", "support"),
    ]
    assert len(center.trunk.orders) == 1, "they are called once"
    assert center.toll.spent and center.toll.spent[0] > 3.0
    assert center.reason is EndReason.CALLER_HUNG_UP


def test_whoever_is_asked_may_be_let_go_again_and_the_caller_is_taken_back_when_the_agent_is_ready() -> None:
    async def script(center: Center, agent: FarEnd) -> None:
        await state(center, "talking")
        await center.calls.stop_consulting(KIM, "call-1", 2)
        await asyncio.sleep(0.5)
        assert outside(center).hung_up_at is not None
        assert center.session.room.people.held
        assert center.session.room.inquiry.told is None
        await center.calls.hold(KIM, "call-1", False, 2)
        since = await speaks(agent)
        assert [at for at in heard_at(center.leg, VOICE) if at > since]
        center.hang_up()

    center = asking(script)
    assert len(center.toll.spent) == 1
    assert center.of("transfer.failed") == []


def test_who_takes_the_caller_back_while_it_rings_asks_nobody_any_more() -> None:
    async def script(center: Center, _agent: FarEnd) -> None:
        await asyncio.sleep(2.0)
        await center.calls.hold(KIM, "call-1", False, 2)
        await asyncio.sleep(10.0)
        assert center.session.room.inquiry.told is None
        assert center.trunk.given_up == 1
        assert [person.id for person, _ in center.session.room.people.seats] == ["kim"]
        center.hang_up()

    asking(script)


def test_who_cannot_be_reached_is_told_and_may_be_asked_again_but_nobody_twice_at_once() -> None:
    async def script(center: Center, _agent: FarEnd) -> None:
        with pytest.raises(InquiryUnderWay):
            await center.calls.consult(KIM, "call-1", "support", 2)
        await state(center, "failed")
        assert center.session.room.control.grip.who == "kim"
        await center.calls.consult(KIM, "call-1", "support", 2)
        await state(center, "talking")
        outside(center).tell(HungUp("they hung up"))
        await state(center, "failed")
        center.hang_up()

    center = asking(script, Failure.BUSY)
    assert [event["failure"] for event in center.of("transfer.failed")] == ["busy", "no_answer"]


@pytest.mark.parametrize("way", ["give_back", "transfer", "lost", "end"])
@pytest.mark.parametrize("reached", ["ringing", "talking"])
def test_nobody_outside_is_left_behind_when_whoever_asked_has_the_call_no_more(way: str, reached: str) -> None:
    async def script(center: Center, agent: FarEnd) -> None:
        center.trunk.rings = 20.0 if reached == "ringing" else 4.0
        await asyncio.sleep(2.0)
        await state(center, reached)
        if way == "give_back":
            await center.calls.give_back(KIM, "call-1", "go on", 2)
        elif way == "transfer":
            await center.calls.transfer(KIM, "call-1", "orders", None, 2)
        elif way == "lost":
            agent.tell(HungUp("the machine crashed"))
            await asyncio.sleep(8.0)
        else:
            center.hang_up()
        await asyncio.sleep(1.0)
        if reached == "talking":
            assert outside(center).hung_up_at is not None
        else:
            assert center.trunk.given_up == 1
        if way != "end":
            assert not [person for person, _ in center.session.room.people.seats if person.outside]
            center.hang_up()

    assert len(asking(script).toll.spent) == 1


def test_only_who_talks_with_the_caller_asks_and_only_at_the_tenants_targets() -> None:
    async def play(center: Center) -> None:
        await center.sits_down(KIM)
        await center.accepts(KIM)
        for who in (PARK, LEE):
            with pytest.raises(NotYourCall):
                await center.calls.consult(who, "call-1", "support", 2)
        with pytest.raises(NoSuchTarget):
            await center.calls.consult(KIM, "call-1", "sip:anywhere@evil.example", 2)
        assert not center.session.room.people.held
        center.hang_up()

    center = at_desk()
    waiting_with(center, play)
    assert center.of("transfer.tried") == []
