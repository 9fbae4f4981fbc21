from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.numerals import (
    en_cardinal,
    en_digits,
    en_number,
    en_ordinal,
    en_year,
    ko_digits,
    ko_native,
    ko_number,
    ko_sino,
)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "영"),
        (1, "일"),
        (10, "십"),
        (11, "십일"),
        (20, "이십"),
        (100, "백"),
        (101, "백일"),
        (1234, "천이백삼십사"),
        (10000, "만"),
        (12000, "만 이천"),
        (20000, "이만"),
        (45900, "사만 오천구백"),
        (100000, "십만"),
        (1234567, "백이십삼만 사천오백육십칠"),
        (100000000, "일억"),
        (120000000, "일억 이천만"),
        (100010000, "일억 일만"),
        (10**12 + 1, "일조 일"),
    ],
)
def test_sino_korean(number: int, said: str) -> None:
    assert ko_sino(number) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "한"),
        (2, "두"),
        (3, "세"),
        (4, "네"),
        (5, "다섯"),
        (10, "열"),
        (11, "열한"),
        (20, "스무"),
        (21, "스물한"),
        (99, "아흔아홉"),
    ],
)
def test_native_korean(number: int, said: str) -> None:
    assert ko_native(number) == said


@pytest.mark.parametrize("number", [0, 100, -1])
def test_native_korean_ends_at_99(number: int) -> None:
    with pytest.raises(ValueError, match="1 to 99"):
        ko_native(number)


def test_korean_digits() -> None:
    assert ko_digits("010") == "공일공"
    assert ko_digits("05", zero="영") == "영오"


@pytest.mark.parametrize(
    ("written", "said"),
    [("1,299", "천이백구십구"), ("3.14", "삼점일사"), ("0.05", "영점영오"), ("007", "공공칠"), ("5.", "오")],
)
def test_korean_numbers_as_written(written: str, said: str) -> None:
    assert ko_number(written) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (20, "twenty"),
        (45, "forty-five"),
        (101, "one hundred one"),
        (1299, "one thousand two hundred ninety-nine"),
        (1_000_000, "one million"),
        (10**12 + 5, "one trillion five"),
    ],
)
def test_english_cardinals(number: int, said: str) -> None:
    assert en_cardinal(number) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "first"),
        (2, "second"),
        (3, "third"),
        (5, "fifth"),
        (8, "eighth"),
        (9, "ninth"),
        (12, "twelfth"),
        (20, "twentieth"),
        (21, "twenty-first"),
        (100, "one hundredth"),
        (112, "one hundred twelfth"),
    ],
)
def test_english_ordinals(number: int, said: str) -> None:
    assert en_ordinal(number) == said


@pytest.mark.parametrize(
    ("year", "said"),
    [
        (2026, "twenty twenty-six"),
        (1999, "nineteen ninety-nine"),
        (2000, "two thousand"),
        (2005, "two thousand five"),
        (1905, "nineteen oh five"),
        (1900, "nineteen hundred"),
        (2010, "twenty ten"),
    ],
)
def test_english_years(year: int, said: str) -> None:
    assert en_year(year) == said


def test_english_digits_and_numbers_as_written() -> None:
    assert en_digits("0042") == "zero zero four two"
    assert en_number("3.14") == "three point one four"
    assert en_number("1,234") == "one thousand two hundred thirty-four"


def test_numbers_that_no_ear_can_follow_are_read_by_digits() -> None:
    assert en_number("9" * 17) == " ".join(["nine"] * 17)
    assert ko_number("9" * 17) == "구" * 17


@given(st.integers(0, 10**16 - 1))
def test_different_numbers_never_sound_alike(number: int) -> None:
    assert ko_sino(number) != ko_sino(number + 1 if number < 10**16 - 1 else 0)
    assert en_cardinal(number) != en_cardinal(number + 1 if number < 10**16 - 1 else 0)


def _value(said: str) -> int:
    """Sino-Korean read back, by its own grammar."""
    total = group = digit = 0
    for letter in said.replace(" ", ""):
        if letter in "일이삼사오육칠팔구":
            digit = "영일이삼사오육칠팔구".index(letter)
        elif letter in "십백천":
            group += (digit or 1) * {"십": 10, "백": 100, "천": 1000}[letter]
            digit = 0
        elif letter in "만억조":
            total += (group + digit or 1) * {"만": 10**4, "억": 10**8, "조": 10**12}[letter]
            group = digit = 0
    return total + group + digit


@given(st.integers(0, 10**16 - 1))
def test_sino_korean_reads_back(number: int) -> None:
    assert _value(ko_sino(number)) == number
