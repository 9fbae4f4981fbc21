"""The answer to whether a machine may process what the caller says."""

from __future__ import annotations

import pytest

from gateway.session.processing import AGREE_KEY, TIMES_ASKED, Answer, Processing
from gateway.session.tenant import Consent
from gateway.session.turn_taking import TurnEnded


def turn(digits: str = "", *, text: str = "", silent: bool = False) -> TurnEnded:
    return TurnEnded(text, (), 1.0, digits, silent, 0.0)


def test_where_the_notice_is_enough_nobody_is_asked() -> None:
    processing = Processing(Consent.NOTICE)
    assert processing.permitted
    assert not processing.to_ask
    assert processing.answered(turn("2")) is Answer.NONE


@pytest.mark.parametrize(
    ("answer", "meant"),
    [
        (turn(AGREE_KEY), Answer.GIVEN),
        (turn("2"), Answer.DECLINED),
        (turn("0"), Answer.DECLINED),
        (turn("11"), Answer.DECLINED),
        (turn(text="yes"), Answer.DECLINED),
    ],
    ids=["agreed", "two", "person", "twice", "words"],
)
def test_only_the_key_that_agrees_is_a_yes(answer: TurnEnded, meant: Answer) -> None:
    processing = Processing(Consent.ASK)
    processing.asked()
    assert processing.answered(answer) is meant
    assert processing.permitted is (meant is Answer.GIVEN)
    assert processing.declined is (meant is Answer.DECLINED)
    assert processing.answered(turn(AGREE_KEY)) is Answer.NONE, "it is answered once"


def test_a_key_before_the_question_answers_nothing() -> None:
    processing = Processing(Consent.ASK)
    assert processing.answered(turn(AGREE_KEY)) is Answer.NONE
    assert not processing.permitted


def test_silence_is_asked_again_and_then_is_a_no() -> None:
    processing = Processing(Consent.ASK)
    for _ in range(TIMES_ASKED - 1):
        processing.asked()
        assert processing.answered(turn(silent=True)) is Answer.AGAIN
        assert processing.to_ask
    processing.asked()
    assert processing.answered(turn(silent=True)) is Answer.DECLINED
