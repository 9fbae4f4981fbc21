"""Registration numbers."""

from __future__ import annotations

import pytest

from dialog.privacy.kinds import PersonalKind
from dialog.privacy.registration import fits_check_digit, is_birth_date
from tests.dialog.privacy.finding import said

KIND = PersonalKind.REGISTRATION


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("900101-1234567이에요", "900101-1234567"),
        ("9001011234567", "9001011234567"),
        ("구공공일공일 다시 일이삼사오육칠입니다", "구공공일공일 다시 일이삼사오육칠"),
        ("주민번호가 900101 에 1234567 이고요", "900101 에 1234567"),
        ("외국인등록번호 850315-5123456요", "850315-5123456"),
        ("주민번호 뒷자리는 1234567이요", "1234567"),
        ("850101-2******까지만요", "850101-2******"),
        ("my social is 123-45-6789", "123-45-6789"),
        ("등본에 850101 209**** 이렇게 나와요", "850101 209****"),
        ("팔오일이이팔요 네 그게 앞자리", "팔오일이이팔"),
        ("앞번호가 사십일공사공팔입니다", "사십일공사공팔"),
        ("the last four of my social are 8316", "8316"),
        ("my late wife's social, for the survivor benefit, that was 399 36 5512", "399 36 5512"),
        ("123-45-6789", "123-45-6789"),
        (
            "social security number one two three four five six seven eight nine",
            "one two three four five six seven eight nine",
        ),
    ],
)
def test_it_is_found(text: str, value: str) -> None:
    assert said(text, KIND) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "주문번호 2601011234567이요",
        "901301-1234567",
        "order 123-45-6789",
        "member 666-45-6789",
        "2026-11-22에 1234567원",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert said(text, KIND) == []


def test_the_check_digit_is_that_of_the_register() -> None:
    assert fits_check_digit("9001011234568")
    assert not fits_check_digit("9001011234567")


def test_a_birth_date_has_a_month_and_a_day() -> None:
    assert is_birth_date("000229")
    assert not is_birth_date("000230")
    assert not is_birth_date("001301")
