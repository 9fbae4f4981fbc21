"""What is really asked."""

from __future__ import annotations

import pytest

from dialog.query import leans_back, resolve


def test_hesitation_is_not_searched_for() -> None:
    assert resolve("음 저기요 배송비가 얼마예요", "ko").words == "배송비가 얼마예요"
    assert resolve("uh hello how much is delivery", "en").words == "how much is delivery"
    assert resolve("음", "ko").words == "음"


@pytest.mark.parametrize(
    ("text", "code"), [("그럼 주말에는요", "ko"), ("얼마예요", "ko"), ("what about sundays", "en")]
)
def test_a_follow_up_is_searched_for_with_the_question_before(text: str, code: str) -> None:
    asked = resolve(text, code, before="earlier question")
    assert asked.words == f"earlier question {text}"
    assert asked.topic == "earlier question"


def test_without_a_question_before_it_stands_alone() -> None:
    assert resolve("그럼 주말에는요", "ko").words == "그럼 주말에는요"


@pytest.mark.parametrize(("text", "code"), [("배송비는요", "ko"), ("how much is gift wrapping", "en")])
def test_a_new_topic_does_not_lean_back(text: str, code: str) -> None:
    asked = resolve(text, code, before="earlier question")
    assert asked.words == text
    assert asked.topic == text


def test_an_answer_to_our_asking_back_adds_to_the_question() -> None:
    assert resolve("가구요", "ko", clarifies="배송비가 얼마예요").words == "배송비가 얼마예요 가구요"
    fresh = resolve("포인트 유효 기간이 어떻게 되나요", "ko", clarifies="배송비가 얼마예요")
    assert fresh.words == "포인트 유효 기간이 어떻게 되나요"


def test_what_is_long_says_what_it_means() -> None:
    assert not leans_back("and then i would also like to know how long all of that will take", "en")
    assert not leans_back("", "en")
