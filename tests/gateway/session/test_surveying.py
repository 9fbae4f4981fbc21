"""The question how it was, in whole calls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.session.conference import Mode
from gateway.session.records import EndReason
from gateway.session.surveying import SURE, Next, Surveying
from gateway.session.tenant import SurveyPolicy
from gateway.session.turn_taking import TurnEnded
from tests.gateway.session.desk_stage import BYE, KIM, seat
from tests.gateway.session.stage import Stage, handover

SURVEYED: dict[str, Any] = {"survey": {"after": "all", "question": "csat"}}


async def until_asked(stage: Stage) -> None:
    """Until the question begins, or surely does not."""
    for _ in range(100):
        if any(one.kind == "survey.asked" for one in await stage.ledger.events("shop", "call-1")):
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(1.0)


def rated(then: Callable[[Stage], Awaitable[None]], *said: str, after: str = "all", **more: Any) -> Stage:
    """A call that the bot brings to its end, and what its caller does when asked."""

    async def play(stage: Stage) -> None:
        await stage.until_quiet()
        await stage.speak(1.2)
        await until_asked(stage)
        await then(stage)

    stage = Stage(heard=["that is all", *said], answers=[[BYE]], more={"survey": {"after": after}, **more})
    return stage.play(play)


async def nothing(stage: Stage) -> None:
    pass


def presses(keys: str) -> Callable[[Stage], Awaitable[None]]:
    async def press(stage: Stage) -> None:
        stage.press(keys)

    return press


async def speaks(stage: Stage) -> None:
    await stage.speak(1.0)


def test_a_key_is_a_rating_and_the_caller_is_thanked() -> None:
    stage = rated(presses("4"))
    assert stage.of("survey.asked") == [{"question": "csat", "with": "bot"}]
    assert stage.of("survey.answered") == [{"question": "csat", "score": 4, "by": "keys", "with": "bot"}]
    assert stage.of("reply.heard")[-1]["text"] == "Thank you very much. Goodbye."
    assert stage.reason is EndReason.COMPLETED
    assert len(stage.mind.turns) == 1, "a rating is nothing that the dialog answers"


def test_words_are_a_rating_and_are_kept_nowhere() -> None:
    stage = rated(speaks, "very satisfied")
    assert [(one["score"], one["by"]) for one in stage.of("survey.answered")] == [(5, "words")]
    assert [one["text"] for one in stage.of("caller.turn")] == ["that is all"]


def test_where_the_tenant_does_not_ask_nobody_is() -> None:
    for after in ("never", "person"):
        assert rated(nothing, after=after).of("survey.asked") == []


def test_silence_is_asked_again_once_and_then_let_be() -> None:
    stage = rated(nothing)
    assert len([one for one in stage.of("reply.heard") if "how content" in one["text"]]) == 2
    assert len(stage.of("survey.asked")) == 1
    assert stage.of("survey.answered") == []
    assert stage.reason is EndReason.COMPLETED


@pytest.mark.parametrize("key", ["7", "9", "#"])
def test_a_key_that_is_no_rating_is_none(key: str) -> None:
    assert rated(presses(key)).of("survey.answered") == []


def test_who_hangs_up_instead_has_not_answered() -> None:
    async def leaves(stage: Stage) -> None:
        stage.hang_up()

    stage = rated(leaves)
    assert stage.of("survey.asked")
    assert stage.of("survey.answered") == []
    assert stage.reason is EndReason.CALLER_HUNG_UP


@pytest.mark.parametrize("by_key", [True, False])
def test_who_wants_a_person_instead_gets_one(by_key: bool) -> None:
    async def asks(stage: Stage) -> None:
        if by_key:
            stage.press("0")
        else:
            await stage.speak(1.0)
        await asyncio.sleep(8.0)
        stage.hang_up()

    stage = rated(asks, "no I want to talk to an agent")
    assert [one["reason"] for one in stage.of("escalation.decided")] == ["caller_asked"]
    assert "handoff.queued" in stage.kinds


def with_person(then: Callable[[Stage], Awaitable[None]], after: str = "all", **more: Any) -> Stage:
    """A call that an agent ends, and what its caller does when asked."""

    async def play(stage: Stage) -> None:
        await stage.until_quiet()
        await stage.speak(1.2)
        await asyncio.sleep(6.0)
        leg, task = await seat(stage, KIM, Mode.TALK)
        stage.session.room.take(KIM)
        await asyncio.sleep(2.0)
        stage.session.room.hang_up(by="kim")
        await asyncio.sleep(1.0)
        stage.agent_left_before_the_rating = task.done() and leg.hung_up_at is not None  # type: ignore[attr-defined]
        await until_asked(stage)
        await then(stage)

    survey = {"survey": {"after": after}, **more}
    return Stage(heard=["a person please"], answers=[[handover()]], more=survey).play(play)


def test_after_a_person_has_ended_it_they_are_out_before_the_caller_is_asked() -> None:
    stage = with_person(presses("2"))
    assert stage.agent_left_before_the_rating  # type: ignore[attr-defined]
    assert [(one["score"], one["with"]) for one in stage.of("survey.answered")] == [(2, "person")]
    assert stage.kinds.index("agent.left") < stage.kinds.index("survey.answered")
    assert stage.reason is EndReason.COMPLETED


def test_after_a_person_nobody_is_asked_where_only_the_bot_is_rated() -> None:
    stage = with_person(nothing, after="bot")
    assert stage.of("survey.asked") == []
    assert stage.reason is EndReason.COMPLETED


def test_who_wants_a_person_again_waits_again() -> None:
    async def asks(stage: Stage) -> None:
        stage.press("0")
        await asyncio.sleep(8.0)
        stage.hang_up()

    assert len(with_person(asks).handoffs) == 2


@pytest.mark.parametrize(("confidence", "score"), [(SURE, 5), (SURE - 0.01, None)])
def test_a_rating_that_was_badly_heard_is_asked_for_again(confidence: float, score: int | None) -> None:
    written: list[dict[str, object]] = []
    minutes = SimpleNamespace(write=lambda kind, **payload: written.append(payload))
    surveying = Surveying(SurveyPolicy(), minutes, SimpleNamespace(language="en"))  # type: ignore[arg-type]
    following = surveying.answered(TurnEnded("five", (), confidence, "", False, 0.0))
    assert following is (Next.AGAIN if score is None else Next.THANK)
    assert [one["score"] for one in written] == ([] if score is None else [score])


def test_whoever_says_nothing_any_more_is_not_asked() -> None:
    async def silent(stage: Stage) -> None:
        await stage.until_quiet()

    stage = Stage(answers=[[BYE]], more=SURVEYED).play(silent)
    assert [turn.silent for turn in stage.mind.turns] == [True]
    assert stage.of("survey.asked") == []
    assert stage.reason is EndReason.COMPLETED
