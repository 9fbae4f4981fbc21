"""What the desk can do with a live call, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from dialog.actions.action import Journal
from dialog.reply import Reply
from dialog.turn import CallerTurn
from gateway.session.conference import Mode
from gateway.session.errors import StaleGrip
from gateway.session.people import Departure
from gateway.session.records import EndReason
from gateway.telephony.leg import HungUp
from tests.gateway.session.desk_stage import KIM, LEE, TUNE, handed_over, heard_at, now, seat
from tests.gateway.session.stage import OUR_VOICE, VOICE, Stage, reply

LONG = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"


def test_whoever_waits_hears_music_and_a_person_who_comes_ends_it_and_both_hear_each_other() -> None:
    seen: dict[str, object] = {}

    async def script(stage: Stage) -> None:
        await asyncio.sleep(3.0)
        seen["music"] = bool(TUNE.intersection(pcm for _, pcm in stage.leg.sent))
        leg, task = await seat(stage, KIM, Mode.TALK)
        stage.session.room.take(KIM, seen=1)
        taken = now()
        leg.loud_until = stage.leg.loud_until = taken + 2.0
        await asyncio.sleep(2.5)
        seen["agent heard"] = len(heard_at(leg, VOICE))
        seen["caller heard"] = len(heard_at(stage.leg, VOICE))
        seen["music after"] = [at for at, pcm in stage.leg.sent if at > taken + 0.02 and any(pcm) and pcm != VOICE]
        stage.session.room.hang_up(by="kim", seen=2)
        seen["departure"] = await task

    stage = handed_over(script, said="my parcel is late")
    assert seen["music"]
    assert seen["agent heard"] > 80  # type: ignore[operator]
    assert seen["caller heard"] > 80  # type: ignore[operator]
    assert seen["music after"] == []
    assert stage.reason is EndReason.COMPLETED
    assert [event["agent"] for event in stage.of("agent.joined")] == ["kim"]
    assert stage.of("call.hung_up") == [{"by": "kim"}]
    assert stage.of("control.changed") == [{"owner": "agent", "agent": "kim", "epoch": 2, "why": ""}]
    assert stage.kinds.index("agent.left") < stage.kinds.index("call.ended")


def test_a_take_over_silences_the_bot_at_once_and_what_it_still_thinks_of_is_never_heard() -> None:
    moments: dict[str, float] = {}

    async def script(stage: Stage) -> None:
        await stage.until_quiet()
        await stage.speak(1.2)
        while OUR_VOICE not in [pcm for at, pcm in stage.leg.sent if at > now() - 0.05 and stage.mind.turns]:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.6)
        leg, _ = await seat(stage, LEE, Mode.LISTEN)
        await asyncio.sleep(0.3)
        assert OUR_VOICE in [pcm for _, pcm in leg.sent]  # a supervisor hears the bot
        moments["cleared"] = stage.leg.cleared
        stage.session.room.take(LEE, seen=1)
        await stage.session.room.people.change("lee", mode=Mode.TALK)
        moments["taken"] = now()
        assert stage.leg.cleared == moments["cleared"] + 1
        await asyncio.sleep(4.0)
        stage.hang_up()

    stage = Stage(heard=["tell me"], answers=[[reply(LONG), reply(LONG)]]).play(script)
    assert [at for at in heard_at(stage.leg, OUR_VOICE) if at > moments["taken"]] == []
    [cut] = [event for event in stage.of("reply.heard") if not event["complete"] and event["text"]]
    assert LONG.startswith(cut["text"])
    assert stage.mind.history[-1] == cut["text"]


def test_an_action_decided_before_hands_changed_does_not_begin() -> None:
    refused: list[str] = []

    async def slow(turn: CallerTurn, journal: Journal) -> list[Reply]:
        await asyncio.sleep(3.0)
        try:
            await journal.record("action.started", {"action": "a", "key": "k"})
        except StaleGrip as error:
            refused.append(str(error))
        return [reply("Done")]

    async def script(stage: Stage) -> None:
        await stage.until_quiet()
        await stage.speak(1.2)
        while not stage.mind.turns:
            await asyncio.sleep(0.05)
        await seat(stage, KIM, Mode.TALK)
        stage.session.room.take(KIM)
        stage.session.room.give_back("")  # also when the bot has it again
        await asyncio.sleep(6.0)
        stage.hang_up()

    stage = Stage(heard=["do it"], answers=[slow]).play(script)
    assert len(refused) == 1
    assert "epoch 1" in refused[0]
    assert stage.of("action.started") == []
    assert "Done" not in stage.mind.history


def test_a_command_that_has_not_seen_the_last_change_of_hands_is_refused_and_changes_nothing() -> None:
    async def script(stage: Stage) -> None:
        room = stage.session.room
        await seat(stage, KIM, Mode.TALK)
        room.take(KIM, seen=1)
        for stale in (
            lambda: room.take(LEE, seen=1),
            lambda: room.give_back("", seen=1),
            lambda: room.pass_on(seen=1),
            lambda: room.hang_up(by="kim", seen=1),
        ):
            with pytest.raises(StaleGrip):
                stale()
        assert (room.control.grip.who, room.control.epoch) == ("kim", 2)
        stage.hang_up()

    assert handed_over(script).reason is EndReason.CALLER_HUNG_UP


def test_a_call_given_back_goes_on_with_the_bot_which_does_as_it_is_told() -> None:
    async def script(stage: Stage) -> None:
        _, task = await seat(stage, KIM, Mode.TALK)
        room = stage.session.room
        room.take(KIM)
        await asyncio.sleep(1.0)
        room.give_back("tell them about returns", seen=2)
        await room.people.dismiss("kim", "given back")
        assert await task == Departure("given back", lost=False)
        await stage.until_quiet(1.0)
        await stage.speak(1.2)

    stage = handed_over(script, said="thanks bye")
    assert stage.mind.instruction == "tell them about returns"
    assert stage.mind.history[-2:] == ["Back with you", "Goodbye"]
    assert [turn.text for turn in stage.mind.turns][-1] == "thanks bye"
    assert stage.of("control.changed")[-1]["instruction"] == "tell them about returns"
    assert stage.reason is EndReason.COMPLETED


def test_a_caller_whose_agent_is_lost_is_told_so_and_waits_on() -> None:
    async def script(stage: Stage) -> None:
        leg, task = await seat(stage, KIM, Mode.TALK)
        stage.session.room.take(KIM)
        leg.tell(HungUp("the browser closed"))
        assert await task == Departure("the browser closed", lost=True)
        stage.session.room.lose()
        await asyncio.sleep(12.0)
        assert TUNE.intersection(pcm for at, pcm in stage.leg.sent if at > now() - 1.0)
        stage.hang_up()

    stage = handed_over(script)
    assert any("lost the connection" in event["text"] for event in stage.of("reply.heard"))


def test_on_hold_the_caller_hears_music_and_nobody_and_afterwards_the_agent_again() -> None:
    async def script(stage: Stage) -> None:
        leg, _ = await seat(stage, KIM, Mode.TALK)
        room = stage.session.room
        room.take(KIM)
        await asyncio.sleep(0.5)
        room.hold(True, by="kim")
        held = now()
        leg.loud_until = stage.leg.loud_until = held + 1.0
        await asyncio.sleep(2.0)
        assert heard_at(stage.leg, VOICE) == []
        assert [at for at in heard_at(leg, VOICE) if at > held + 0.1] == []
        assert TUNE.intersection(pcm for at, pcm in stage.leg.sent if at >= held)
        room.hold(False, by="kim")
        resumed = now()
        leg.loud_until = resumed + 1.0
        await asyncio.sleep(1.5)
        assert len([at for at in heard_at(stage.leg, VOICE) if at > resumed]) > 40
        stage.hang_up()

    stage = handed_over(script)
    assert [event["by"] for event in stage.of("call.held")] == ["kim"]
    assert [event["by"] for event in stage.of("call.resumed")] == ["kim"]


def test_whoever_waits_may_press_a_key_to_be_called_back() -> None:
    async def script(stage: Stage) -> None:
        await asyncio.sleep(2.0)
        stage.press("1")

    stage = handed_over(script)
    assert stage.reason is EndReason.COMPLETED
    assert "call you back" in stage.of("reply.heard")[-1]["text"]
