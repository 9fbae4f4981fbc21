"""Content words and how much of them a text has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.answers.evidence import alike, content_words, overlap
from dialog.parsers.language import language

KO, EN = language("ko").prose, language("en").prose


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("배송비가 얼마예요", ("배송비",)),
        ("새벽 배송은 어디까지 되나요", ("새벽", "배송")),
        ("적립금 유효 기간이 어떻게 돼요", ("적립금", "유효", "기간")),
        ("언제 돼요", ()),
        ("제주도는요", ("제주",)),
    ],
)
def test_korean_topics_without_particles_and_question_words(text: str, words: tuple[str, ...]) -> None:
    assert content_words(text, KO) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("how long does delivery take", ("delivery",)),
        ("can i return opened cosmetics", ("return", "open", "cosmetic")),
        ("what is it", ()),
    ],
)
def test_english_topics_without_endings_and_question_words(text: str, words: tuple[str, ...]) -> None:
    assert content_words(text, EN) == words


def test_overlap_is_the_share_that_is_there() -> None:
    words = content_words("반품 배송비가 얼마예요", KO)
    assert overlap(words, "반품 배송비는 3,000원입니다.") == 1.0
    assert 0.0 < overlap(words, "배송비는 3,000원입니다.") < 1.0
    assert overlap(words, "매장은 열려 있습니다.") == 0.0
    assert overlap((), "anything") == 0.0


def test_a_wrong_syllable_costs_a_little() -> None:
    words = content_words("멤버쉽 가입비", KO)
    assert 0.5 < overlap(words, "멤버십 가입비는 없습니다.") < 1.0


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_symmetric_and_bounded(one: str, other: str) -> None:
    assert 0.0 <= alike(one, other) <= 1.0
    assert alike(one, other) == alike(other, one)
    assert alike(one, one) == 1.0
