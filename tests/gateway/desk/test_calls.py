"""What people do with live calls, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from gateway.access.identity import Identity
from gateway.desk.attendance import MOST_PEOPLE
from gateway.desk.calls import BARGED_IN, LISTENED, TAKEN_OVER, WHISPERED
from gateway.desk.errors import CallFull, CallNotHere, NoSuchTarget, NotYourCall
from gateway.desk.floor.agent_state import Routing
from gateway.desk.floor.errors import AgentBusy, NotSignedIn
from gateway.desk.floor.floor import Floor
from gateway.desk.floor.work_item import waiting_item
from gateway.session.conference import Mode
from gateway.session.control import Owner
from gateway.session.errors import StaleGrip
from gateway.session.records import EndReason, HandoffState
from gateway.telephony.trunk import Failure
from infra.storage.errors import StorageError
from tests.gateway.desk.center import BYE, KIM, LEE, PARK, Center, waiting, waiting_with, with_bot
from tests.gateway.session.stage import OUR_VOICE, VOICE, handover, reply
from tests.gateway.session.transfer_stage import SUPPORT, Exchange, Gate

LONG = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"


def loop_time() -> float:
    return asyncio.get_running_loop().time()


def test_a_supervisor_listens_whispers_and_barges_in_each_audited_and_only_the_last_is_heard_by_the_caller() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        agent, _ = await center.accepts(KIM)
        await center.calls.supervise(LEE, "call-1", Mode.LISTEN)
        boss, _ = await center.comes_in(LEE)
        heard = {}
        for mode in (Mode.LISTEN, Mode.WHISPER, Mode.TALK):
            await center.calls.supervise(LEE, "call-1", mode)
            since = loop_time()
            boss.loud_until = since + 1.0
            await asyncio.sleep(1.5)
            heard[mode] = tuple(any(pcm == VOICE for at, pcm in leg.sent if at > since) for leg in (center.leg, agent))
        assert heard == {Mode.LISTEN: (False, False), Mode.WHISPER: (False, True), Mode.TALK: (True, True)}
        center.hang_up()

    center = waiting(script, said="hello there")
    deeds = [(entry.actor, entry.what, entry.whose) for entry in center.book.entered]
    assert deeds == [
        ("lee", LISTENED, "call-1"),
        ("lee", LISTENED, "call-1"),
        ("lee", WHISPERED, "call-1"),
        ("lee", BARGED_IN, "call-1"),
    ]
    assert [event["mode"] for event in center.of("agent.joined")] == ["talk", "listen"]


def test_a_supervisor_takes_a_call_from_the_bot_which_is_silent_at_once() -> None:
    async def script(center: Center) -> None:
        await asyncio.sleep(1.5)
        await center.calls.supervise(LEE, "call-1", Mode.LISTEN)
        boss, _ = await center.comes_in(LEE)
        await center.calls.take_over(LEE, "call-1", 1)
        taken = loop_time()
        boss.loud_until = taken + 1.0
        await asyncio.sleep(3.0)
        assert not [at for at, pcm in center.leg.sent if pcm == OUR_VOICE and at > taken]
        assert [at for at, pcm in center.leg.sent if pcm == VOICE and at > taken]
        assert (await center.floors.snapshot("shop")).item_of("lee") is not None
        await center.calls.hang_up(LEE, "call-1", 2)

    center = with_bot(script, [[reply(LONG)]], ["tell me everything"])
    assert center.reason is EndReason.COMPLETED
    assert TAKEN_OVER in [entry.what for entry in center.book.entered]
    assert [event["reason"] for event in center.of("handoff.queued")] == ["taken_over"]


async def has_another_call(center: Center, who: Identity) -> None:
    """They are busy with somebody else's call."""
    async with center.floors.open("shop") as floor:
        now = center.now()
        floor.sign_in(who.user, now, name=who.name, skills=who.skills, languages=who.languages, queues=who.queues)
        floor.take(waiting_item("h-2", "call-2", "orders", "en", now), who.user, now)


def test_who_has_another_call_in_hand_takes_none_from_the_bot_which_goes_on() -> None:
    async def script(center: Center) -> None:
        await asyncio.sleep(1.5)
        await has_another_call(center, KIM)
        with pytest.raises(AgentBusy):
            await center.calls.take_over(KIM, "call-1", 1)
        tried = loop_time()
        await asyncio.sleep(1.0)
        assert [at for at, pcm in center.leg.sent if pcm == OUR_VOICE and at > tried]
        assert center.session.room.control.grip.owner is Owner.BOT
        center.hang_up()

    center = with_bot(script, [[reply(LONG)]], ["tell me everything"])
    assert not center.of("handoff.queued")
    assert TAKEN_OVER not in [entry.what for entry in center.book.entered]


def test_a_call_is_the_bots_again_where_whoever_took_it_gets_no_place_on_the_floor() -> None:
    async def script(center: Center) -> None:
        await asyncio.sleep(1.5)
        free, center.calls._require_free = center.calls._require_free, nobody_asks  # type: ignore[method-assign]
        await has_another_call(center, KIM)  # at the very moment
        with pytest.raises(AgentBusy):
            await center.calls.take_over(KIM, "call-1", 1)
        center.calls._require_free = free  # type: ignore[method-assign]
        room = center.session.room
        assert (room.control.grip.owner, room.handoff) == (Owner.BOT, None)
        assert not await center.ledger.handoffs("shop", state=HandoffState.QUEUED)
        center.hang_up()

    with_bot(script, [[reply(LONG)]], ["tell me everything"])


async def nobody_asks(*_: object) -> None:
    """Whether they are free."""


def test_a_take_over_that_has_not_seen_the_last_change_of_hands_does_nothing() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        await center.accepts(KIM)
        with pytest.raises(StaleGrip):
            await center.calls.take_over(LEE, "call-1", 1)
        assert center.session.room.control.grip.who == "kim"
        assert center.book.entered == []
        center.hang_up()

    waiting(script)


def test_an_agent_cannot_take_a_call_that_somebody_has_and_a_supervisor_can_and_the_agent_listens_on() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        agent, _ = await center.accepts(KIM)
        with pytest.raises(NotYourCall):
            await center.calls.take_over(PARK, "call-1", 2)
        await center.calls.take_over(LEE, "call-1", 2)
        await center.comes_in(LEE)
        since = loop_time()
        agent.loud_until = since + 1.0
        await asyncio.sleep(1.5)
        assert not [at for at, pcm in center.leg.sent if pcm == VOICE and at > since]
        center.hang_up()

    waiting(script)


def test_a_call_given_back_is_the_bots_and_its_agent_is_free() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        _, task = await center.accepts(KIM)
        await center.calls.give_back(KIM, "call-1", "the returns policy", 2)
        await task
        assert (await center.floors.snapshot("shop")).agents["kim"].free
        await center.until_quiet(1.0)
        await center.speak(1.2)

    center = waiting(script, said="thanks bye")
    assert center.mind.instruction == "the returns policy"
    assert center.reason is EndReason.COMPLETED
    assert [event["why"] for event in center.of("handoff.ended")] == ["returned"]


@pytest.mark.parametrize("way", ["transfer", "give_back"])
def test_who_lost_a_call_while_the_floor_was_waited_for_sends_it_nowhere(way: str) -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        await center.accepts(KIM)
        opens = center.floors.open

        @asynccontextmanager
        async def taken_meanwhile(tenant: str, **more: bool) -> AsyncIterator[Floor]:
            center.floors.open = opens  # type: ignore[method-assign]
            await center.calls.take_over(LEE, "call-1", 2)
            async with opens(tenant, **more) as floor:
                yield floor

        center.floors.open = taken_meanwhile  # type: ignore[method-assign, assignment]
        with pytest.raises(StaleGrip):
            await (
                center.calls.transfer(KIM, "call-1", "orders", None, 2)
                if way == "transfer"
                else center.calls.give_back(KIM, "call-1", "go on", 2)
            )
        assert center.session.room.control.grip.who == "lee"
        assert await center.state() == "connected"
        center.hang_up()

    waiting(script)


def kept_and_then(center: Center, meanwhile: Callable[[], Awaitable[object]]) -> None:
    """The next time somebody is done with the floor, something happens before they hear of it."""
    opens = center.floors.open

    @asynccontextmanager
    async def slowly(tenant: str, **more: bool) -> AsyncIterator[Floor]:
        center.floors.open = opens  # type: ignore[method-assign]
        async with opens(tenant, **more) as floor:
            yield floor
        await meanwhile()

    center.floors.open = slowly  # type: ignore[method-assign, assignment]


def test_whom_the_floor_gives_a_transferred_call_has_it_however_fast_they_are() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        await center.sits_down(PARK)
        await center.accepts(KIM)
        kept_and_then(center, lambda: center.accepts(PARK))
        await center.calls.transfer(KIM, "call-1", None, "park", 2)
        grip = center.session.room.control.grip
        assert (grip.owner, grip.who) == (Owner.AGENT, "park")
        center.hang_up()

    waiting(script)


@pytest.mark.parametrize("way", ["transfer", "give_back"])
def test_who_takes_a_call_over_while_the_floor_is_kept_is_not_robbed_of_it(way: str) -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        await center.accepts(KIM)
        kept_and_then(center, lambda: center.calls.take_over(LEE, "call-1", None))
        if way == "transfer":
            await center.calls.transfer(KIM, "call-1", "orders", None, 2)
        else:
            await center.calls.give_back(KIM, "call-1", "go on", 2)
        assert center.session.room.control.grip.who == "lee"
        center.hang_up()

    waiting(script)


@pytest.mark.parametrize("way", ["transfer", "give_back"])
def test_a_call_whose_way_the_floor_cannot_keep_stays_with_whoever_had_it(way: str) -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        await center.accepts(KIM)
        room, opens = center.session.room, center.floors.open
        handoff = room.handoff

        @asynccontextmanager
        async def lost(tenant: str, **more: bool) -> AsyncIterator[Floor]:
            center.floors.open = opens  # type: ignore[method-assign]
            async with opens(tenant, **more) as floor:
                yield floor
                raise StorageError("the connection was lost")

        center.floors.open = lost  # type: ignore[method-assign, assignment]
        with pytest.raises(StorageError):
            await (
                center.calls.transfer(KIM, "call-1", "orders", None, 2)
                if way == "transfer"
                else center.calls.give_back(KIM, "call-1", "go on", 2)
            )
        assert (room.control.grip.who, room.handoff) == ("kim", handoff)
        assert await center.state() == "connected"
        center.hang_up()

    waiting(script)


def test_an_invited_colleague_who_does_not_come_takes_the_call_from_nobody() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        await center.accepts(KIM)
        await center.sits_down(PARK)
        await center.calls.invite(KIM, "call-1", "park")
        offer = await center.rings_at(PARK)
        async with center.floors.open("shop") as floor:
            floor.accept(offer, "park", center.now())
        await asyncio.sleep(60.0)
        assert center.session.room.control.grip.who == "kim"
        center.hang_up()

    center = waiting(script)
    assert [event["owner"] for event in center.of("control.changed")] == ["agent"]


def test_a_supervisor_of_other_queues_sees_and_touches_nothing_of_a_call() -> None:
    mine, other = replace(LEE, queues=("general",)), replace(LEE, queues=("orders",))

    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        await center.accepts(KIM)
        calls = center.calls
        for deed in (
            calls.supervise(other, "call-1", Mode.LISTEN),
            calls.take_over(other, "call-1", None),
            calls.hold(other, "call-1", True, None),
            calls.hang_up(other, "call-1", None),
            calls.transfer(other, "call-1", "orders", None, None),
            center.desk.shown(other, "call-1"),
        ):
            with pytest.raises(NotYourCall):
                await deed
        assert center.book.entered == []
        floor = await center.floors.snapshot("shop")
        assert center.desk.live(other, floor) == []
        assert len(center.desk.live(mine, floor)) == 1
        await calls.supervise(mine, "call-1", Mode.LISTEN)
        center.hang_up()

    waiting(script)


def test_of_a_call_that_waits_in_no_queue_those_supervise_to_whose_queue_it_would_come() -> None:
    async def script(center: Center) -> None:
        floor = await center.floors.snapshot("shop")
        assert center.desk.live(replace(LEE, queues=("orders",)), floor) == []
        assert len(center.desk.live(replace(LEE, queues=("general",)), floor)) == 1
        center.hang_up()

    with_bot(script, [[reply(LONG)]], ["tell me everything"])


def test_no_more_people_are_let_into_a_call_than_it_can_bear_but_whom_the_floor_gives_it() -> None:
    async def script(center: Center) -> None:
        for number in range(MOST_PEOPLE):
            boss = replace(LEE, user=f"lee{number}")
            await center.calls.supervise(boss, "call-1", Mode.LISTEN)
            await center.comes_in(boss)
        with pytest.raises(CallFull):
            await center.calls.supervise(LEE, "call-1", Mode.LISTEN)
        assert len(center.book.entered) == MOST_PEOPLE
        await center.calls.supervise(replace(LEE, user="lee0"), "call-1", Mode.WHISPER)  # is there already
        await center.sits_down(KIM)
        await center.accepts(KIM)
        assert len(center.session.room.people.seats) == MOST_PEOPLE + 1
        with pytest.raises(CallFull):
            await center.calls.invite(KIM, "call-1", "kim")
        center.hang_up()

    waiting(script)


def test_a_transferred_caller_waits_for_the_other_agent_and_the_first_wraps_up() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        _, task = await center.accepts(KIM)
        await center.calls.transfer(KIM, "call-1", "orders", None, 2)
        await task
        await asyncio.sleep(8.0)
        await center.sits_down(PARK)
        second, _ = await center.accepts(PARK)
        floor = await center.floors.snapshot("shop")
        assert floor.agents["kim"].routing == "wrap_up"
        assert floor.agents["park"].routing == "on_contact"
        second.loud_until = loop_time() + 1.0
        await asyncio.sleep(1.5)
        assert VOICE in [pcm for _, pcm in center.leg.sent]
        center.hang_up()

    center = waiting(script)
    assert any("colleague" in event["text"] for event in center.of("reply.heard"))
    assert [event["owner"] for event in center.of("control.changed")] == ["agent", "bot", "agent"]


def test_an_invited_colleague_joins_and_the_first_may_leave_the_call_to_them() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        first, _ = await center.accepts(KIM)
        await center.sits_down(PARK)
        with pytest.raises(NotYourCall):
            await center.calls.leave(KIM, "call-1")
        await center.calls.invite(KIM, "call-1", "park")
        second, _ = await center.accepts(PARK)
        assert center.session.room.control.grip.who == "kim"
        since = loop_time()
        second.loud_until = since + 1.0
        await asyncio.sleep(1.5)
        assert [at for at, pcm in center.leg.sent if pcm == VOICE and at > since]
        assert [at for at, pcm in first.sent if pcm == VOICE and at > since]
        await center.calls.leave(KIM, "call-1")
        assert center.session.room.control.grip.who == "park"
        assert (await center.floors.snapshot("shop")).agents["kim"].routing == "wrap_up"
        center.hang_up()

    waiting(script, said="hello")


def test_whoever_is_not_at_work_is_not_asked_to_join_and_nobody_else_is_instead() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        await center.accepts(KIM)
        before = len(await center.ledger.handoffs("shop"))
        with pytest.raises(NotSignedIn):
            await center.calls.invite(KIM, "call-1", "somebody")
        assert len(await center.ledger.handoffs("shop")) == before
        await center.floors.adopt("shop", center.now())
        assert len((await center.floors.snapshot("shop")).items) == 1
        center.hang_up()

    waiting(script)


def test_hold_and_mute_are_the_agents_and_not_a_strangers() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        agent, _ = await center.accepts(KIM)
        for deed in (
            center.calls.hold(PARK, "call-1", True, 2),
            center.calls.hang_up(PARK, "call-1", 2),
            center.calls.transfer(PARK, "call-1", "orders", None, 2),
            center.calls.give_back(PARK, "call-1", "", 2),
        ):
            with pytest.raises(NotYourCall):
                await deed
        await center.calls.hold(KIM, "call-1", True, 2)
        assert center.session.room.people.held
        await center.calls.hold(KIM, "call-1", False, 2)
        await center.calls.mute(KIM, "call-1", True)
        since = loop_time()
        agent.loud_until = since + 1.0
        await asyncio.sleep(1.5)
        assert not [at for at, pcm in center.leg.sent if pcm == VOICE and at > since]
        center.hang_up()

    center = waiting(script)
    assert [event["by"] for event in center.of("call.held")] == ["kim"]


def test_of_another_tenants_call_nobody_learns_that_it_goes_on() -> None:
    async def script(center: Center) -> None:
        stranger = replace(LEE, tenant="other")
        with pytest.raises(CallNotHere):
            await center.calls.supervise(stranger, "call-1", Mode.LISTEN)
        with pytest.raises(CallNotHere):
            center.calls.room(LEE, "call-2")
        center.hang_up()

    assert waiting(script, answers=[[BYE]]).book.entered == []


def outside(**target: object) -> Center:
    """A center whose tenant names a target outside, and a trunk on which somebody answers."""
    center = Center(
        heard=["a person please", "hello"],
        answers=[[handover()], [BYE]],
        more={"transfers": {"support": {**SUPPORT, "ways": ["bridge"], **target}}},
    )
    center.trunk, center.toll = Exchange(), Gate()
    return center


def test_an_agent_sends_a_call_to_a_target_outside_and_wraps_up() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        await center.accepts(KIM)
        with pytest.raises(NoSuchTarget):
            await center.calls.send_outside(KIM, "call-1", "sip:anywhere@evil.example", 2)
        with pytest.raises(NotYourCall):
            await center.calls.send_outside(PARK, "call-1", "support", 2)
        with pytest.raises(StaleGrip):
            await center.calls.send_outside(KIM, "call-1", "support", 1)
        await center.calls.send_outside(KIM, "call-1", "support", 2)
        await asyncio.sleep(8.0)
        assert (await center.floors.snapshot("shop")).agents["kim"].routing is Routing.WRAP_UP
        assert center.session.room.control.grip.who == "outside:support"
        center.hang_up()

    center = waiting_with(outside(), script)
    assert [event["reason"] for event in center.of("handoff.queued")] == ["caller_asked", "sent_elsewhere"]
    assert sorted(handoff.state for handoff in center.handoffs if handoff.reason == "sent_elsewhere") == ["ended"]
    assert center.reason is EndReason.CALLER_HUNG_UP


def test_a_call_that_nobody_outside_takes_comes_back_to_the_floor() -> None:
    async def script(center: Center) -> None:
        await center.sits_down(KIM)
        await center.sits_down(PARK)
        await center.accepts(KIM)
        await center.calls.send_outside(KIM, "call-1", "support", 2)
        await center.rings_at(PARK)
        center.hang_up()

    center = outside(otherwise="desk")
    center.trunk = Exchange([Failure.BUSY])
    waiting_with(center, script)
    assert [event["failure"] for event in center.of("transfer.failed")] == ["busy"]
    assert [handoff.state for handoff in center.handoffs if handoff.reason == "sent_elsewhere"] == ["abandoned"]


def test_whoever_is_outside_is_out_of_a_call_that_a_supervisor_takes_over() -> None:
    async def script(center: Center) -> None:
        await center.calls.send_outside(LEE, "call-1", "support", None)
        while center.session.room.control.grip.who != "outside:support":
            await asyncio.sleep(0.1)
        await center.calls.take_over(LEE, "call-1", None)
        await center.comes_in(LEE)
        await asyncio.sleep(1.0)
        assert [person.id for person, _ in center.session.room.people.seats] == ["lee"]
        assert center.session.room.control.grip.who == "lee"
        center.hang_up()

    center = waiting_with(outside(), script)
    assert [event["why"] for event in center.of("handoff.ended")] == ["taken over"]


def test_a_supervisor_sends_a_waiting_call_outside_and_no_agent_is_asked_any_more() -> None:
    async def script(center: Center) -> None:
        await center.calls.send_outside(LEE, "call-1", "support", None)
        await center.sits_down(KIM)
        await asyncio.sleep(10.0)
        assert center.assistance.followed == ["call-1"]  # a bridge is helped like a call with an agent
        assert (await center.floors.snapshot("shop")).offer_to("kim") is None
        center.hang_up()

    center = waiting_with(outside(), script)
    assert len(center.of("transfer.answered")) == 1
    assert center.assistance.followed == []
