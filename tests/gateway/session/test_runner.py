"""Whole calls through the session, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from dialog.actions.action import Journal
from dialog.memory.memory import Preferences
from dialog.reply import Decision, EscalationReason, Expectation, Reply
from dialog.turn import CallerTurn
from gateway.session.records import EndReason
from gateway.telephony.leg import HeldByFarEnd
from infra.workers import WorkerLost
from tests.gateway.session.stage import WORD, Stage, handover, reply

BYE = reply("Goodbye", Decision.CONVERSE, Expectation.NOTHING)


async def ask_and_leave(stage: Stage) -> None:
    await stage.until_quiet()
    await stage.speak(1.2)


def test_a_question_is_answered_and_the_call_ends_after_the_last_word_was_heard() -> None:
    stage = Stage(heard=["how long is delivery"], answers=[[reply("Two days"), BYE]]).play(ask_and_leave)
    assert stage.reason is EndReason.COMPLETED
    assert [turn.text for turn in stage.mind.turns] == ["how long is delivery"]
    assert stage.mind.history == ["Hello I am a machine", "Two days", "Goodbye"]
    assert [heard["text"] for heard in stage.of("reply.heard")] == stage.mind.history
    last_sound = stage.leg.sent[-1][0]
    assert stage.leg.hung_up_at is not None
    assert stage.leg.hung_up_at >= last_sound
    assert stage.kinds[-1] == "call.ended"


def test_every_stage_of_an_answers_way_is_written_down_and_they_add_up() -> None:
    stage = Stage(heard=["how long is delivery"], answers=[[reply("Two days"), BYE]]).play(ask_and_leave)
    started = [event for event in stage.of("reply.started") if event["stages"]]
    stages = dict(started[0]["stages"])
    total = stages.pop("total")
    assert set(stages) == {"endpointing", "dialog", "synthesis", "playback"}
    assert sum(stages.values()) == pytest.approx(total, abs=0.001)
    assert 0.3 < started[0]["latency"] < 0.8


def test_an_interruption_cuts_the_reply_at_the_word_and_history_holds_what_was_heard() -> None:
    async def script(stage: Stage) -> None:
        await ask_and_leave(stage)
        while len(stage.mind.history) < 1 or stage.leg.sent[-1][0] + 1.2 > asyncio.get_running_loop().time():
            await asyncio.sleep(0.05)
            if stage.session._playback.speaking and stage.mind.turns:
                break
        await asyncio.sleep(5 * WORD)
        await stage.speak(1.2)

    long = "one two three four five six seven eight nine ten eleven twelve"
    stage = Stage(heard=["tell me", "no the other one"], answers=[[reply(long)], [BYE]]).play(script)
    cut = next(event for event in stage.of("reply.heard") if not event["complete"])
    assert cut["text"]
    assert long.startswith(cut["text"])
    assert len(cut["text"].split()) < 9
    assert cut["text"] in stage.mind.history
    assert stage.leg.cleared >= 1
    assert len(stage.of("barge_in")) == 1
    assert [turn.text for turn in stage.mind.turns] == ["tell me", "no the other one"]


def test_a_nod_does_not_stop_us() -> None:
    async def script(stage: Stage) -> None:
        await ask_and_leave(stage)
        await asyncio.sleep(2.0)
        await stage.speak(0.4)

    long = "one two three four five six seven eight nine ten"
    stage = Stage(heard=["tell me", "uh-huh"], answers=[[reply(long), BYE]]).play(script)
    assert all(event["complete"] for event in stage.of("reply.heard"))
    assert stage.of("barge_in") == []
    assert stage.leg.cleared == 1  # it fell silent at once, and went on


def test_the_disclosure_cannot_be_interrupted() -> None:
    async def script(stage: Stage) -> None:
        await asyncio.sleep(0.3)
        await stage.speak(1.2)

    stage = Stage(heard=["wait stop"], answers=[[BYE]]).play(script)
    assert stage.mind.history[0] == "Hello I am a machine"
    assert [turn.text for turn in stage.mind.turns] == ["wait stop"]
    assert stage.of("barge_in") == []


def test_a_hand_over_is_durable_before_the_caller_waits_and_abandoned_when_they_leave() -> None:
    async def script(stage: Stage) -> None:
        await ask_and_leave(stage)
        await asyncio.sleep(40.0)
        stage.hang_up()

    stage = Stage(heard=["a person please"], answers=[[handover()]]).play(script)
    assert stage.reason is EndReason.CALLER_HUNG_UP
    [handoff] = stage.handoffs
    assert handoff.state == "abandoned"
    assert handoff.summary["known"] == {"order": "12345678"}
    assert stage.kinds.index("escalation.decided") < stage.kinds.index("handoff.queued")
    assert "handoff.abandoned" in stage.kinds
    assert any("still finding someone" in event["text"] for event in stage.of("reply.heard"))


def test_nobody_waits_for_ever_in_the_queue() -> None:
    stage = Stage(heard=["a person please"], answers=[[handover()]]).play(ask_and_leave)
    assert stage.reason is EndReason.COMPLETED
    assert [handoff.state for handoff in stage.handoffs] == ["queued"]
    assert "call you back" in stage.of("reply.heard")[-1]["text"]


def test_outside_opening_hours_a_call_back_is_promised_at_once() -> None:
    stage = Stage(heard=["a person"], answers=[[handover()]], hours={"weekly": {"sunday": []}}).play(ask_and_leave)
    assert [event["text"] for event in stage.of("reply.heard")][1:] == [
        "One moment please",
        "Nobody is free right now. I have passed on what you told me, and someone will call you back. Goodbye.",
    ]


async def wait_only(stage: Stage) -> None:
    await stage.until_quiet()


def test_where_nobody_hears_the_language_a_human_takes_over_after_the_greeting() -> None:
    stage = Stage(language="ko").play(wait_only)
    assert [event["reason"] for event in stage.of("escalation.decided")] == [EscalationReason.LANGUAGE_NOT_HEARD]
    assert stage.mind.history[0] == "Hello I am a machine"
    assert stage.of("component.failed")[0]["component"] == "recognition"


def test_a_caller_who_is_known_is_heard_in_their_language_from_the_first_word_on() -> None:
    stage = Stage(heard=["how long is delivery"], answers=[[reply("Two days"), BYE]], language="ko")
    stage.mind.liked = Preferences("en")  # the ear hears nothing else
    stage.play(ask_and_leave)
    assert stage.reason is EndReason.COMPLETED
    assert [turn.language for turn in stage.mind.turns] == ["en"]


def test_a_lost_recognizer_is_opened_again_and_the_call_goes_on() -> None:
    async def script(stage: Stage) -> None:
        await ask_and_leave(stage)
        await asyncio.sleep(2.0)
        await stage.speak(1.2)

    sorry = reply("Sorry I did not catch that", Decision.CLARIFY)
    stage = Stage(heard=[WorkerLost("killed"), "where is it"], answers=[[sorry], [BYE]]).play(script)
    assert stage.ear.opened == 2
    assert [turn.text for turn in stage.mind.turns] == ["", "where is it"]


def test_a_recognizer_that_is_lost_again_and_again_ends_in_a_humans_hands() -> None:
    async def script(stage: Stage) -> None:
        await stage.until_quiet()
        for _ in range(6):
            await stage.speak(0.6)
            await asyncio.sleep(2.0)

    stage = Stage(heard=[WorkerLost("killed")] * 6).play(script)
    assert stage.of("escalation.decided")[0]["reason"] == EscalationReason.LANGUAGE_NOT_HEARD


def test_a_dialog_that_breaks_leaves_the_caller_with_a_human_not_in_silence() -> None:
    async def broken(turn: CallerTurn, journal: Journal) -> list[Reply]:
        raise RuntimeError("a bug")

    stage = Stage(heard=["hello there you"], answers=[broken]).play(ask_and_leave)
    assert stage.of("escalation.decided")[0]["reason"] == EscalationReason.DIALOG_FAILED
    assert "a bug" in stage.of("component.failed")[0]["error"]


def test_what_an_action_records_is_acknowledged_before_it_goes_on() -> None:
    order: list[str] = []

    async def act(turn: CallerTurn, journal: Journal) -> list[Reply]:
        await journal.record("action.started", {"action": "a1"})
        order.append("acknowledged")
        return [reply("Done", Decision.ACT), BYE]

    stage = Stage(heard=["do it now please"], answers=[act]).play(ask_and_leave)
    assert order == ["acknowledged"]
    assert stage.kinds.index("action.started") < stage.kinds.index("reply.decided", stage.kinds.index("action.started"))


def test_a_ledger_that_takes_nothing_more_ends_the_call() -> None:
    async def script(stage: Stage) -> None:
        await stage.until_quiet()
        await stage.ledger.close()
        await stage.speak(1.2)

    stage = Stage(heard=["hello there you"], answers=[[BYE]]).play(script)
    assert stage.reason is EndReason.FAILED
    assert stage.leg.hung_up_at is not None


def test_a_node_that_stops_ends_its_calls_in_good_order() -> None:
    async def script(stage: Stage) -> None:
        await stage.until_quiet()
        stage.session.stop()

    stage = Stage().play(script)
    assert stage.of("call.ended") == [{"reason": "shut_down"}]


def test_keys_are_a_turn_and_written_down() -> None:
    async def script(stage: Stage) -> None:
        await stage.until_quiet()
        stage.press("2#")

    stage = Stage(answers=[[BYE]]).play(script)
    assert [turn.digits for turn in stage.mind.turns] == ["2"]
    assert [event["digit"] for event in stage.of("dtmf.pressed")] == list("2#")


def test_a_number_that_is_keyed_unasked_is_understood_and_not_written_down() -> None:
    async def script(stage: Stage) -> None:
        await stage.until_quiet()
        stage.press("2026#")

    stage = Stage(answers=[[BYE]], consent="notice").play(script)
    assert [turn.digits for turn in stage.mind.turns] == ["2026"]
    assert [event["digit"] for event in stage.of("dtmf.pressed")] == list("2•••#")
    assert [event["digits"] for event in stage.of("caller.turn")] == ["••••"]
    ((start, end),) = stage.recorder.silenced
    assert [event["why"] for event in stage.of("recording.silenced")] == ["secret"]
    assert all(start <= event["at"] <= end for event in stage.of("dtmf.pressed"))


def test_silence_is_a_turn_of_its_own() -> None:
    stage = Stage(answers=[[BYE]]).play(wait_only)
    assert [(turn.silent, turn.text) for turn in stage.mind.turns] == [(True, "")]


def test_a_call_that_takes_too_long_is_handed_over() -> None:
    answers = [[reply("Anything else")] for _ in range(10)]
    stage = Stage(answers=answers, limits={"call_minutes": 0.5}).play(wait_only)
    assert stage.of("escalation.decided")[0]["reason"] == EscalationReason.NO_PROGRESS


def test_what_was_heard_of_a_reply_is_known_when_the_caller_hangs_up_in_the_middle_of_it() -> None:
    async def script(stage: Stage) -> None:
        await ask_and_leave(stage)
        while not any("Two" in text for text in stage.mind.history) and len(stage.leg.sent) < 120:
            await asyncio.sleep(0.02)
        stage.hang_up()

    long = "Two to three working days and it is free from fifty thousand won on"
    stage = Stage(heard=["how long is delivery"], answers=[[reply(long)]]).play(script)
    last = stage.of("reply.heard")[-1]
    assert not last["complete"]
    assert last["text"]
    assert long.startswith(last["text"])
    assert stage.kinds[-1] == "call.ended"


def test_a_call_that_has_ended_leaves_nothing_behind() -> None:
    stage = Stage(heard=["how long is delivery"], answers=[[reply("Two days"), BYE]]).play(ask_and_leave)
    assert vars(stage.session) == {}


def test_a_hand_over_decided_on_half_a_sentence_is_decided_again_with_the_other_half() -> None:
    async def script(stage: Stage) -> None:
        await stage.until_quiet()
        await stage.speak(1.2)
        while not stage.mind.turns:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.4)
        await stage.speak(1.2)

    stage = Stage(heard=["know that", "price of the blue jacket"], answers=[[handover()], [reply("Ten"), BYE]])
    stage.play(script)
    assert [turn.text for turn in stage.mind.turns] == ["know that", "know that price of the blue jacket"]
    assert stage.mind.turns[1].continues
    assert stage.handoffs == []
    assert stage.reason is EndReason.COMPLETED


def test_who_puts_us_on_hold_is_not_asked_anything_and_their_music_is_not_heard() -> None:
    async def script(stage: Stage) -> None:
        await stage.until_quiet()
        stage.leg.tell(HeldByFarEnd(True))
        await stage.speak(60.0)  # music
        await asyncio.sleep(1.0)
        assert stage.mind.turns == []
        stage.leg.tell(HeldByFarEnd(False))
        await asyncio.sleep(1.0)
        await stage.speak(1.2)

    stage = Stage(heard=["how long is delivery"], answers=[[BYE]]).play(script)
    assert [turn.text for turn in stage.mind.turns] == ["how long is delivery"]
    assert [event["by"] for event in stage.of("call.held") + stage.of("call.resumed")] == ["caller", "caller"]
