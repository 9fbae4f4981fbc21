"""What comes before the conversation, in whole calls."""

from __future__ import annotations

import asyncio

import pytest

from dialog.reply import Decision, EscalationReason, Expectation
from gateway.session.control import Owner
from gateway.session.people import Person
from tests.gateway.session.stage import Stage, reply

BYE = reply("Goodbye", Decision.CONVERSE, Expectation.NOTHING)
ASKS = {"processing": {"consent": "ask"}}


def consents(stage: Stage) -> list[tuple[str, str]]:
    """Kind and purpose of what was asked and answered."""
    return [(one.kind, one.payload["purpose"]) for one in stage.events if one.kind.startswith("consent.")]


def test_where_the_notice_is_enough_it_is_taken_for_granted_once_it_was_heard() -> None:
    async def script(stage: Stage) -> None:
        await stage.until_quiet()
        await stage.speak(1.2)

    stage = Stage(heard=["how long"], answers=[[BYE]], consent="notice").play(script)
    assert consents(stage) == [("consent.assumed", "processing"), ("consent.assumed", "recording")]
    assert stage.kinds.index("disclosure.heard") < stage.kinds.index("consent.assumed")


def test_nothing_is_recognized_before_the_caller_agrees_and_everything_after() -> None:
    async def script(stage: Stage) -> None:
        await stage.speak(2.0)  # over the greeting and the question
        await stage.until_quiet(1.0)
        assert stage.ear.opened == 0
        stage.press("1")
        await stage.until_quiet(1.0)
        await stage.speak(1.2)

    stage = Stage(heard=["how long is delivery"], answers=[[BYE]], more=ASKS).play(script)
    assert stage.ear.opened == 1
    assert [turn.text for turn in stage.mind.turns] == ["how long is delivery"]
    assert consents(stage) == [("consent.asked", "processing"), ("consent.given", "processing")]
    assert stage.of("transcript.final")[0]["text"] == "how long is delivery"


def test_processing_and_recording_are_asked_one_after_the_other_and_answered_apart() -> None:
    async def script(stage: Stage) -> None:
        await stage.until_quiet(1.0)
        stage.press("1")
        await stage.until_quiet(1.0)
        await stage.speak(0.8)
        await stage.until_quiet(1.0)
        await stage.speak(1.2)

    stage = Stage(heard=["no", "how long"], answers=[[BYE]], consent="ask", more=ASKS).play(script)
    assert consents(stage) == [
        ("consent.asked", "processing"),
        ("consent.given", "processing"),
        ("consent.asked", "recording"),
        ("consent.declined", "recording"),
    ]
    assert not stage.recorder.said


@pytest.mark.parametrize("key", ["2", "0", ""], ids=["no", "person", "silence"])
def test_who_does_not_agree_waits_for_a_person_and_is_heard_by_no_machine(key: str) -> None:
    async def script(stage: Stage) -> None:
        await stage.until_quiet(1.0)
        if key:
            stage.press(key)
        await asyncio.sleep(40.0)
        await stage.speak(2.0)
        stage.hang_up()

    stage = Stage(heard=["never to be heard"], more=ASKS).play(script)
    assert consents(stage)[-1] == ("consent.declined", "processing")
    assert [one["reason"] for one in stage.of("escalation.decided")] == [EscalationReason.PROCESSING_DECLINED]
    assert "handoff.queued" in stage.kinds
    assert stage.ear.opened == 0
    assert stage.of("transcript.final") == []
    assert stage.mind.turns == []


def test_who_does_not_agree_out_of_hours_is_promised_a_call_back() -> None:
    async def script(stage: Stage) -> None:
        await stage.until_quiet(1.0)
        stage.press("2")

    stage = Stage(more=ASKS, hours={"weekly": {"sunday": []}}).play(script)
    assert "call you back" in stage.of("reply.heard")[-1]["text"]


def test_a_person_in_the_call_is_not_recognized_either() -> None:
    async def script(stage: Stage) -> None:
        await stage.until_quiet(1.0)
        stage.press("2")
        await stage.until_quiet(1.0)
        stage.session.room.take(Person("kim", "Kim", Owner.AGENT))
        assert not stage.session.room.people._heard()
        await stage.speak(2.0)
        stage.hang_up()

    assert Stage(heard=["secret"], more=ASKS).play(script).ear.opened == 0


def test_who_did_not_agree_is_not_given_back_to_the_machine() -> None:
    async def script(stage: Stage) -> None:
        await stage.until_quiet(1.0)
        stage.press("2")
        await asyncio.sleep(5.0)
        stage.session.room.take(Person("kim", "Kim", Owner.AGENT))
        await asyncio.sleep(1.0)
        stage.session.room.give_back("tell them the price")
        await asyncio.sleep(10.0)
        stage.hang_up()

    stage = Stage(more=ASKS).play(script)
    assert [one["reason"] for one in stage.of("escalation.decided")] == [EscalationReason.PROCESSING_DECLINED] * 2
    assert stage.ear.opened == 0


def test_a_key_pressed_over_the_greeting_is_no_agreement() -> None:
    async def script(stage: Stage) -> None:
        await asyncio.sleep(0.2)
        stage.press("1")
        await stage.until_quiet(2.0)
        assert stage.ear.opened == 0
        stage.hang_up()

    stage = Stage(answers=[[reply("What do you mean")]], more=ASKS).play(script)
    assert ("consent.given", "processing") not in consents(stage)


def test_who_is_taken_over_in_mid_greeting_is_still_heard() -> None:
    async def script(stage: Stage) -> None:
        await asyncio.sleep(0.4)
        stage.session.room.take(Person("kim", "Kim", Owner.AGENT))
        await asyncio.sleep(1.0)
        await stage.speak(1.2)
        await asyncio.sleep(3.0)
        stage.hang_up()

    stage = Stage(heard=["hello is anybody there"], consent="ask").play(script)
    assert [turn["text"] for turn in stage.of("caller.turn")] == ["hello is anybody there"]
    assert ("consent.asked", "recording") not in consents(stage)
