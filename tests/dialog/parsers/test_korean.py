"""What is particular to Korean's table."""

from __future__ import annotations

import pytest

from dialog.parsers.korean import KOREAN


@pytest.mark.parametrize(
    "sentence", ["다만, 사용한 상품은 제외됩니다.", "이 경우 배송비를 부담하셔야 합니다.", "단, 제주는 제외입니다."]
)
def test_sentences_that_lean_on_the_one_before(sentence: str) -> None:
    assert KOREAN.prose.leans_back.search(sentence)


@pytest.mark.parametrize(
    "sentence", ["배송비는 3,000원입니다.", "단추는 따로 팔지 않습니다.", "이불은 세탁할 수 있습니다."]
)
def test_sentences_that_stand_by_themselves(sentence: str) -> None:
    assert not KOREAN.prose.leans_back.search(sentence)


def test_length_is_counted_in_syllables() -> None:
    assert len(KOREAN.prose.unit.findall("배송비는 3,000원, TV 포함")) == 4 + 2 + 1 + 1 + 2


def test_how_questions_ask_matches_how_sentences_answer() -> None:
    asking, answering = KOREAN.prose.forms[0]
    assert asking.search("배송비가 얼마예요")
    assert answering.search("기본 배송비는 3,000원입니다.")
    assert not answering.search("영업일 기준 이틀 걸립니다.")
