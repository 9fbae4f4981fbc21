"""Telephone numbers digit by digit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.parsers.phones import is_phone, read_phone
from tests.dialog.parsers.spoken_forms import UNHURRIED

KOREAN = dict(zip("0123456789", "공일이삼사오육칠팔구", strict=True))
ENGLISH = dict(zip("0123456789", "zero one two three four five six seven eight nine".split(), strict=True))


@UNHURRIED
@given(st.from_regex(r"010[0-9]{8}", fullmatch=True), st.sampled_from(["{}이요", "제 번호는 {}입니다"]))
def test_korean_mobile_numbers_come_back(number: str, frame: str) -> None:
    said = " ".join("".join(KOREAN[digit] for digit in part) for part in (number[:3], number[3:7], number[7:]))
    read = read_phone(frame.format(said), "ko")
    assert read is not None
    assert read.value == number
    assert is_phone(read.value, "ko")


@UNHURRIED
@given(st.from_regex(r"[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True))
def test_english_numbers_come_back(number: str) -> None:
    read = read_phone("my number is " + " ".join(ENGLISH[digit] for digit in number), "en")
    assert read is not None
    assert read.value == number


@pytest.mark.parametrize("text", ["010-1234-5678", "+82 10-1234-5678", "01012345678"])
def test_written_forms(text: str) -> None:
    read = read_phone(text, "ko")
    assert read is not None
    assert read.value == "01012345678"
    assert text[read.start : read.end] == text


def test_the_beginning_of_one_is_given_as_far_as_it_goes() -> None:
    read = read_phone("공일공 일이삼사", "ko")
    assert read is not None
    assert read.value == "0101234"
    assert not is_phone(read.value, "ko")


def test_no_digits_are_nothing() -> None:
    assert read_phone("전화 주세요", "ko") is None
