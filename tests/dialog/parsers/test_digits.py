"""Digits as they are typed, dictated and misheard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.parsers.digits import read_digits

KOREAN = dict(zip("0123456789", "공일이삼사오육칠팔구", strict=True))
ENGLISH = dict(zip("0123456789", "zero one two three four five six seven eight nine".split(), strict=True))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026 1187", "20261187"),
        ("2026-1187이요", "20261187"),
        ("이공이육 일일팔칠", "20261187"),
        ("이공이육 일일팔칠이요", "20261187"),
        ("이천이십육에 천백팔십칠입니다", "20261187"),
        ("주문번호는 이 공 이 육 일 일 팔 칠 이에요", "20261187"),
        ("하나 둘 셋 넷 다섯 여섯 일곱 여덟", "12345678"),
        ("음 이공이육 어 일일팔칠", "20261187"),
        ("3일 전에 주문한 20261187 어디까지 왔어요", "20261187"),
        ("영영이육 일일팔칠", "00261187"),
    ],
)
def test_korean_numbers_are_read_in_every_way_they_are_said(text: str, value: str) -> None:
    read = read_digits(text, "ko", length=8)
    assert read is not None
    assert read.value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("two zero two six one one eight seven", "20261187"),
        ("two oh two six double one eight seven", "20261187"),
        ("twenty twenty six eleven eighty seven", "20261187"),
        ("two thousand twenty six one one eight seven", "20261187"),
        ("it's two zero two six uh one one eight seven please", "20261187"),
        ("i bought two shirts and the order is 2 0 2 6 1 1 8 7", "20261187"),
        ("triple seven five five double zero one", "77755001"),
    ],
)
def test_english_numbers_are_read_in_every_way_they_are_said(text: str, value: str) -> None:
    read = read_digits(text, "en", length=8)
    assert read is not None
    assert read.value == value


def test_words_that_sound_like_digits_count_only_beside_digits_and_cost_certainty() -> None:
    heard = read_digits("two zero to six one one ate seven", "en", length=8)
    assert heard is not None
    assert heard.value == "20261187"
    assert heard.confidence < 0.8
    assert read_digits("i want to go to the store for you", "en", length=8) is None


@pytest.mark.parametrize(
    ("text", "code"), [("이거 이상해요", "ko"), ("사고 싶어요", "ko"), ("", "en"), ("oh no", "en")]
)
def test_words_are_not_taken_for_digits(text: str, code: str) -> None:
    assert read_digits(text, code, length=8) is None


def test_a_caller_who_corrects_himself_is_followed() -> None:
    korean = read_digits("이공이육 일일팔칠 아니 일일팔팔", "ko", length=8)
    english = read_digits("two zero two six one one eight seven sorry eight eight", "en", length=8)
    assert korean is not None
    assert english is not None
    assert (korean.value, korean.corrected) == ("20261188", True)
    assert (english.value, english.corrected) == ("20261188", True)


def test_an_ending_that_could_be_a_digit_is_settled_by_the_length_and_read_back() -> None:
    usual = read_digits("이공이육 일일팔칠이요", "ko", length=8)
    torn = read_digits("이공이육 일일팔이요", "ko", length=8)
    assert usual is not None
    assert torn is not None
    assert usual.confidence == 1.0
    assert torn.value == "20261182"
    assert torn.confidence < 0.8


def test_the_number_of_the_expected_length_is_picked_among_several() -> None:
    read = read_digits("제 전화번호는 01012345678이고 주문번호는 20261187입니다", "ko", length=8)
    assert read is not None
    assert read.value == "20261187"


def test_half_a_number_is_returned_as_such() -> None:
    read = read_digits("two zero two six", "en", length=8)
    assert read is not None
    assert read.value == "2026"


def test_the_span_shows_the_callers_own_words() -> None:
    text = "my order number is two zero two six one one eight seven please"
    read = read_digits(text, "en", length=8)
    assert read is not None
    assert text[read.start : read.end] == "two zero two six one one eight seven"


@given(st.text(alphabet="0123456789", min_size=8, max_size=8), st.sampled_from(["", " ", "  "]))
def test_any_number_dictated_digit_by_digit_comes_back(number: str, gap: str) -> None:
    english = read_digits(" ".join(ENGLISH[digit] for digit in number), "en", length=8)
    korean = read_digits(f"{gap or ' '}".join(KOREAN[digit] for digit in number), "ko", length=8)
    typed = read_digits(f"{number[:4]}{gap}{number[4:]}", "ko", length=8)
    assert english is not None
    assert korean is not None
    assert typed is not None
    assert english.value == korean.value == typed.value == number


@given(st.text(max_size=80), st.sampled_from(["ko", "en"]))
def test_no_digit_is_invented(text: str, code: str) -> None:
    read = read_digits(text, code, length=8)
    if read is not None:
        assert 0 <= read.start < read.end <= len(text)
        assert read.value.isascii()
        assert read.value.isdigit()
        assert 0.0 <= read.confidence <= 1.0
