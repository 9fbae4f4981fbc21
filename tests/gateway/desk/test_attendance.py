"""People of the desk come into calls, and are lost, in virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gateway.desk.attendance import BACK_WITHIN, COMES_WITHIN
from gateway.session.conference import Mode
from gateway.session.control import Owner
from gateway.session.people import Departure, Person
from gateway.telephony.leg import HungUp
from tests.gateway.desk.center import KIM, LEE, PARK, Center, waiting
from tests.gateway.session.stage import VOICE


def test_an_agent_who_accepts_talks_with_the_caller_and_wraps_up_when_they_hang_up() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        leg, task = await center.accepts(KIM)
        assert await center.state() == "connected"
        leg.loud_until = center.leg.loud_until = asyncio.get_running_loop().time() + 1.0
        await asyncio.sleep(1.5)
        assert VOICE in [pcm for _, pcm in center.leg.sent]
        assert VOICE in [pcm for _, pcm in leg.sent]
        center.hang_up()
        await task
        await asyncio.sleep(0.5)
        assert await center.state() == "wrap_up"

    center = waiting(script, said="thank you")
    assert [event["agent"] for event in center.of("handoff.accepted")] == ["kim"]
    assert center.of("handoff.accepted")[0]["waited"] > 0
    assert [event["owner"] for event in center.of("control.changed")] == ["agent"]


def test_who_has_no_part_in_a_call_is_not_let_in() -> None:
    async def script(center: Center) -> None:
        leg, task = await center.comes_in(KIM)
        await task
        assert leg.hung_up_at is not None
        assert center.session.room.people.seats == []
        other, elsewhere = await center.comes_in(LEE)
        await elsewhere
        assert other.hung_up_at is not None
        center.hang_up()

    assert waiting(script).of("agent.joined") == []


def test_somebody_of_another_tenant_is_not_let_in_though_they_know_the_call() -> None:
    async def script(center: Center) -> None:
        await center.attendance.grant(center.session.room, Person("lee", "Lee", Owner.SUPERVISOR), Mode.LISTEN)
        leg, task = await center.comes_in(replace(LEE, tenant="other"))
        await task
        assert leg.hung_up_at is not None
        center.hang_up()

    assert waiting(script).of("agent.joined") == []


def test_a_page_that_is_reloaded_is_no_lost_agent() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        leg, task = await center.accepts(KIM)
        leg.tell(HungUp("the page was reloaded"))
        await asyncio.sleep(BACK_WITHIN - 2.0)
        again, _ = await center.comes_in(KIM)
        await task
        assert await center.state() == "connected"
        again.loud_until = asyncio.get_running_loop().time() + 1.0
        await asyncio.sleep(1.5)
        assert VOICE in [pcm for _, pcm in center.leg.sent]
        center.hang_up()

    center = waiting(script)
    assert not any("lost the connection" in event["text"] for event in center.of("reply.heard"))


def test_a_call_whose_agent_is_lost_is_told_so_and_goes_to_another_before_all_others() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        leg, task = await center.accepts(KIM)
        leg.tell(HungUp("the machine crashed"))
        await task
        assert (await center.floors.snapshot("shop")).agents["kim"].presence == "offline"
        await asyncio.sleep(12.0)
        await center.sits_down(PARK)
        second, _ = await center.accepts(PARK)
        second.loud_until = asyncio.get_running_loop().time() + 1.0
        await asyncio.sleep(1.5)
        assert VOICE in [pcm for _, pcm in center.leg.sent]
        center.hang_up()

    center = waiting(script)
    assert any("lost the connection" in event["text"] for event in center.of("reply.heard"))
    assert [event["agent"] for event in center.of("handoff.accepted")] == ["kim", "park"]
    assert [event["owner"] for event in center.of("control.changed")] == ["agent", "bot", "agent"]


def test_a_caller_whose_agent_could_not_come_in_is_not_left_alone() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        await center.rings_at(KIM)
        room = center.session.room

        async def fail(*_: object) -> Departure:
            raise RuntimeError("the leg has a listener already")

        room.people.enter = fail  # type: ignore[method-assign]
        _, task = await center.accepts(KIM)
        with pytest.raises(RuntimeError):
            await task
        assert room.control.grip.owner is Owner.BOT
        center.hang_up()

    center = waiting(script)
    assert [event["owner"] for event in center.of("control.changed")] == ["agent", "bot"]


def test_a_caller_who_hangs_up_while_it_rings_leaves_nothing_behind() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        await center.rings_at(KIM)
        center.hang_up()
        await asyncio.sleep(1.0)
        floor = await center.floors.snapshot("shop")
        assert floor.offer_to("kim") is None
        assert floor.agents["kim"].free

    center = waiting(script)
    assert [event["why"] for event in center.of("handoff.declined")] == ["caller_gone"]
    assert len(center.of("handoff.abandoned")) == 1


def test_an_agent_who_said_yes_and_never_came_loses_the_call_to_the_next() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        offer = await center.rings_at(KIM)
        async with center.floors.open("shop") as floor:
            floor.accept(offer, "kim", center.now())
        await center.sits_down(PARK)
        assert await center.rings_at(PARK, within=40.0)
        assert (await center.floors.snapshot("shop")).agents["kim"].routing == "not_responding"
        center.hang_up()

    waiting(script)


def test_who_was_let_in_once_and_has_left_does_not_come_in_again_without_being_let_in() -> None:
    async def script(center: Center) -> None:
        await center.calls.supervise(LEE, "call-1", Mode.LISTEN)
        _, task = await center.comes_in(LEE)
        await center.calls.leave(LEE, "call-1")
        await task
        again, refused = await center.comes_in(LEE)
        await refused
        assert again.hung_up_at is not None
        assert center.session.room.people.seats == []
        center.hang_up()

    assert [event["mode"] for event in waiting(script).of("agent.joined")] == ["listen"]


def test_who_was_let_in_to_listen_and_left_asks_again_before_they_come_back() -> None:
    async def script(center: Center) -> None:
        await center.calls.supervise(LEE, "call-1", Mode.LISTEN)
        leg, task = await center.comes_in(LEE)
        leg.tell(HungUp("the page was reloaded"))
        await asyncio.sleep(BACK_WITHIN - 2.0)
        leg, _ = await center.comes_in(LEE)
        assert len(center.session.room.people.seats) == 1
        leg.tell(HungUp("enough was heard"))
        await asyncio.sleep(BACK_WITHIN + 2.0)
        await task
        again, _ = await center.comes_in(LEE)
        assert again.hung_up_at is not None
        assert center.session.room.people.seats == []
        center.hang_up()

    assert len(waiting(script).book.entered) == 1


def test_a_leave_to_come_in_is_not_good_for_ever() -> None:
    async def script(center: Center) -> None:
        await center.calls.supervise(LEE, "call-1", Mode.LISTEN)
        await asyncio.sleep(COMES_WITHIN + 1.0)
        leg, _ = await center.comes_in(LEE)
        assert leg.hung_up_at is not None
        center.hang_up()

    assert waiting(script).of("agent.joined") == []
