"""What people in a call say becomes turns, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from gateway.session.conference import Mode
from infra.audio import FRAME_SECONDS
from tests.gateway.session.desk_stage import KIM, LEE, handed_over, now, seat
from tests.gateway.session.stage import VOICE, Stage


def test_both_sides_are_recognized_and_the_bot_answers_neither() -> None:
    async def script(stage: Stage) -> None:
        leg, _ = await seat(stage, KIM, Mode.TALK)
        stage.session.room.take(KIM)
        leg.loud_until = now() + 1.2
        await asyncio.sleep(4.0)
        stage.hang_up()

    stage = handed_over(script, said="good morning how can I help")
    assert [event["text"] for event in stage.of("agent.turn")] == ["good morning how can I help"]
    assert len(stage.mind.turns) == 1
    assert "good morning how can I help" in stage.mind.history


def test_words_of_a_person_have_the_times_of_the_call_and_not_those_of_their_own_line() -> None:
    began: list[float] = []

    async def script(stage: Stage) -> None:
        leg, _ = await seat(stage, KIM, Mode.TALK)
        stage.session.room.take(KIM)
        began.append(stage.leg._frames * FRAME_SECONDS)
        leg.loud_until = now() + 1.2
        await asyncio.sleep(4.0)
        stage.hang_up()

    [turn] = handed_over(script, said="good morning how can I help").of("agent.turn")
    words = turn["words"]
    assert len(words) == 6
    assert began[0] > 3.0, "their line is a good deal younger than the call"
    assert words[0]["start"] == pytest.approx(began[0], abs=0.3)
    assert words[-1]["end"] - words[0]["start"] == pytest.approx(turn["seconds"], abs=0.011)
    assert all(word.keys() == {"start", "end"} for word in words), "the text stands as a whole, where it is redacted"


def test_onlookers_see_the_words_so_far() -> None:
    seen: list[tuple[str, str]] = []

    async def look(stage: Stage) -> None:
        async with stage.session.room.live.look_on() as onlooker:
            seen.extend([(sight.data["speaker"], sight.data["text"]) async for sight in onlooker])

    async def script(stage: Stage) -> None:
        looking = asyncio.create_task(look(stage))
        leg, _ = await seat(stage, KIM, Mode.TALK)
        stage.session.room.take(KIM)
        leg.loud_until = now() + 1.2
        await asyncio.sleep(4.0)
        stage.hang_up()
        await looking

    handed_over(script, said="good morning everybody")
    assert ("agent", "good morning everybody") in seen


def test_a_person_whom_nobody_can_hear_is_in_the_call_all_the_same() -> None:
    async def script(stage: Stage) -> None:
        stage.ear.languages = frozenset()
        leg, _ = await seat(stage, KIM, Mode.TALK)
        stage.session.room.take(KIM)
        leg.loud_until = now() + 1.0
        await asyncio.sleep(2.0)
        assert VOICE in [pcm for _, pcm in stage.leg.sent]
        stage.hang_up()

    stage = handed_over(script, said="good morning")
    assert stage.of("agent.turn") == []
    assert [event["fallback"] for event in stage.of("component.failed")] == ["agent unheard"]


def test_a_person_who_only_listens_is_not_heard_until_they_talk() -> None:
    async def script(stage: Stage) -> None:
        leg, _ = await seat(stage, LEE, Mode.LISTEN)
        opened = stage.ear.opened
        leg.loud_until = now() + 1.2
        await asyncio.sleep(3.0)
        assert stage.ear.opened == opened
        await stage.session.room.people.change("lee", mode=Mode.TALK)
        leg.loud_until = now() + 1.2
        await asyncio.sleep(4.0)
        stage.hang_up()

    stage = handed_over(script, said="this is lee")
    assert [(event["agent"], event["text"]) for event in stage.of("agent.turn")] == [("lee", "this is lee")]
    assert [event["mode"] for event in stage.of("agent.mode")] == ["talk"]
