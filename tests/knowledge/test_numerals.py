from __future__ import annotations

import pytest

from knowledge.numerals import english, korean


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("two hundred and fifty dollars", "250 dollars"),
        ("thirty day returns", "30 day returns"),
        ("five thousand two hundred", "5200"),
        ("twenty twenty six", "2026"),
        ("nineteen ninety nine", "1999"),
        ("twenty first of may", "21st of may"),
        ("the third floor", "the 3rd floor"),
        ("three point five kilos", "3.5 kilos"),
        ("one two three", "1 2 3"),
        ("twenty four seven", "24 7"),
        ("salt and pepper", "salt and pepper"),
        ("one hundred and", "100 and"),
    ],
)
def test_english_number_words_become_digits(spoken: str, written: str) -> None:
    assert english(spoken.split()) == written.split()


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("삼만 원", "30000원"),
        ("3만 5천원", "35000원"),
        ("삼만오천원", "35000원"),
        ("30,000원", "30000원"),
        ("구십구만 구천 원", "999000원"),
        ("십사일 이내", "14일 이내"),
        ("칠 일 이내", "7일 이내"),
        ("이 일 이내에", "2일 이내에"),
        ("삼개월", "3개월"),
        ("이천이십육년 삼월", "2026년 삼월"),
        ("십 퍼센트", "10퍼센트"),
        ("두 시간", "2시간"),
        ("열두 시", "12시"),
        ("스무 살", "20살"),
        ("이틀 뒤", "2일 뒤"),
    ],
)
def test_korean_number_words_before_a_unit_become_digits(spoken: str, written: str) -> None:
    assert korean(spoken).replace(" ", "") == written.replace(" ", "")


@pytest.mark.parametrize(
    "text", ["이번 달", "사회복지", "오일 교환", "천천히 만나요", "일이 많다", "하루 종일", "네 알겠습니다"]
)
def test_words_that_only_look_like_numbers_are_left_alone(text: str) -> None:
    assert korean(text) == text
