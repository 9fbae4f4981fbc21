from __future__ import annotations

import pytest

from dialog.reply import Entry, Expectation
from gateway.session.completeness import Completeness, completeness

COMPLETE, UNCLEAR, OPEN = Completeness.COMPLETE, Completeness.UNCLEAR, Completeness.OPEN


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("how long does delivery take", COMPLETE),
        ("what's the weather like", COMPLETE),
        ("thank you", COMPLETE),
        ("where are you calling from", UNCLEAR),
        ("i want to return a jacket", UNCLEAR),
        ("i want to return a jacket please", COMPLETE),
        ("could you tell me where my order is please", COMPLETE),
        ("hello what is the delivery fee", COMPLETE),
        ("can you tell me", OPEN),
        ("i would like to know", OPEN),
        ("refund", UNCLEAR),
        ("", UNCLEAR),
        ("i would like to return a jacket and", OPEN),
        ("my order number is", OPEN),
        ("i am calling about", OPEN),
        ("i wanted to ask um", OPEN),
        ("my number is zero one zero", OPEN),
    ],
)
def test_english_tells_by_what_cannot_end_a_sentence(text: str, verdict: Completeness) -> None:
    assert completeness(text, Expectation.SPEAKING) is verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("배송은 얼마나 걸려요", COMPLETE),
        ("환불을 받고 싶습니다", COMPLETE),
        ("언제 도착합니까", COMPLETE),
        ("아직 안 왔어", COMPLETE),
        ("주말에는요", COMPLETE),
        ("환불을 받고 싶은데요", UNCLEAR),
        ("배송 상태를 알려", UNCLEAR),
        ("환불이 되는지", OPEN),
        ("제가 아직", OPEN),
        ("주문번호", UNCLEAR),
        ("만 원 정도", UNCLEAR),
        ("환불을 받고 싶은데", OPEN),
        ("어제 주문하니까", OPEN),
        ("제가 어제 주문을 했는데 그게", OPEN),
        ("배송을", OPEN),
        ("그게 아니라", OPEN),
        ("사이즈가 작아서", OPEN),
        ("음", OPEN),
    ],
)
def test_korean_tells_by_its_ending(text: str, verdict: Completeness) -> None:
    assert completeness(text, Expectation.SPEAKING) is verdict


@pytest.mark.parametrize("text", ["two zero two", "이공이육", "2026", "double five", "hong at", "hong 골뱅이"])
def test_no_digit_is_known_to_be_the_last(text: str) -> None:
    assert completeness(text, Expectation.DICTATING) is OPEN


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("two zero two six", OPEN),
        ("two zero two six one one eight seven", COMPLETE),
        ("이공이육 일일팔칠", COMPLETE),
        ("이공이육", OPEN),
        ("i don't have it", COMPLETE),
        ("모르겠어요", COMPLETE),
    ],
)
def test_a_number_of_known_length_has_ended_when_it_is_full(text: str, verdict: Completeness) -> None:
    assert completeness(text, Expectation.DICTATING, Entry(length=8)) is verdict


def test_an_address_ends_with_its_domain() -> None:
    assert completeness("hong at example dot com", Expectation.DICTATING) is COMPLETE
    assert completeness("홍 골뱅이 한빛 점 컴", Expectation.DICTATING) is COMPLETE


def test_one_word_answers_a_yes_or_no_question() -> None:
    assert completeness("correct", Expectation.YES_NO) is COMPLETE
