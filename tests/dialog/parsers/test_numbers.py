"""Numbers said in full: every one below a billion comes back as it was said."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.errors import LanguageNotSpoken
from dialog.parsers.numbers import alone, cardinal, followed_by
from tests.dialog.parsers.spoken_forms import UNHURRIED, english_number, korean_native, korean_number


@UNHURRIED
@given(st.integers(1, 10**12 - 1), st.sampled_from(["", " "]))
def test_korean_numbers_come_back(value: int, gap: str) -> None:
    assert cardinal(korean_number(value, gap), "ko") == value


@UNHURRIED
@given(st.integers(1, 99))
def test_native_korean_numbers_come_back(value: int) -> None:
    assert cardinal(korean_native(value), "ko") == value


@UNHURRIED
@given(st.integers(0, 10**9 - 1), st.sampled_from([" ", "-"]))
def test_english_numbers_come_back(value: int, joiner: str) -> None:
    assert cardinal(english_number(value, joiner), "en") == value


@pytest.mark.parametrize(("said", "code"), [("five three", "en"), ("이삼", "ko"), ("천만억이", "ko"), ("", "en")])
def test_what_is_no_number_is_not_added_up(said: str, code: str) -> None:
    assert cardinal(said, code) is None


def test_figures_and_words_mix() -> None:
    assert cardinal("3만 5천", "ko") == 35_000
    assert cardinal("1.5 million", "en") == Decimal(1_500_000)
    assert cardinal("35,000", "en") == 35_000


def test_a_syllable_before_a_number_is_left_out_of_it() -> None:
    ((value, match),) = followed_by("이 삼만 오천 원", "ko", "원")
    assert value == 35_000
    assert match.group() == "삼만 오천 원"
    assert list(followed_by("five three dollars", "en", "dollars")) == []


@pytest.mark.parametrize(
    ("text", "code", "value"),
    [("삼만 오천이요", "ko", 35_000), ("셋이요", "ko", 3), ("about five please", "en", 5), ("총 다섯 명", "ko", None)],
)
def test_an_answer_may_be_a_number_and_nothing_else(text: str, code: str, value: int | None) -> None:
    read = alone(text, code)
    assert (read[0] if read else None) == value


def test_a_korean_yes_is_no_four() -> None:
    assert alone("네", "ko") is None
    assert alone("네요", "ko") is None


def test_a_language_without_tables_is_refused() -> None:
    with pytest.raises(LanguageNotSpoken):
        cardinal("un", "fr")
