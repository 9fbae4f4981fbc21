from __future__ import annotations

import pytest

from dialog.reply import Expectation
from gateway.session.endpointing import PATIENCE, Completeness, backchannel, completeness


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("how long does delivery take", Completeness.COMPLETE),
        ("i would like to return a jacket and", Completeness.OPEN),
        ("my order number is", Completeness.OPEN),
        ("what's the weather like", Completeness.COMPLETE),
        ("refund", Completeness.UNCLEAR),
        ("배송은 얼마나 걸려요", Completeness.COMPLETE),
        ("환불을 받고 싶습니다", Completeness.COMPLETE),
        ("환불을 받고 싶은데", Completeness.OPEN),
        ("제가 어제 주문을 했는데 그게", Completeness.OPEN),
        ("주문번호", Completeness.UNCLEAR),
        ("", Completeness.UNCLEAR),
    ],
)
def test_grammar_says_whether_a_caller_has_finished(text: str, verdict: Completeness) -> None:
    assert completeness(text, Expectation.SPEAKING) is verdict


@pytest.mark.parametrize("text", ["two zero two", "이공이육", "2026", "double five"])
def test_no_digit_is_known_to_be_the_last(text: str) -> None:
    assert completeness(text, Expectation.DICTATING) is Completeness.OPEN


def test_one_word_answers_a_yes_or_no_question() -> None:
    assert completeness("correct", Expectation.YES_NO) is Completeness.COMPLETE


@pytest.mark.parametrize("expects", list(Expectation))
def test_an_unfinished_turn_is_given_more_time_than_a_finished_one(expects: Expectation) -> None:
    patience = PATIENCE[expects]
    waits = [patience.after(verdict) for verdict in (Completeness.COMPLETE, Completeness.UNCLEAR, Completeness.OPEN)]
    assert waits == sorted(waits)
    assert waits[0] < waits[2] <= 3.0


@pytest.mark.parametrize("text", ["네", "네 네", "yeah", "uh-huh", "Okay.", "음", ""])
def test_listening_noises_are_backchannels(text: str) -> None:
    assert backchannel(text)


@pytest.mark.parametrize("text", ["wait", "stop", "아니 그게 아니라", "yes but my order", "no", "잠깐만요", "아니요"])
def test_words_with_a_meaning_are_not(text: str) -> None:
    assert not backchannel(text)
