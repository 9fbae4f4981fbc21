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
        ("copied it off the social card, 512 34 8890", "512 34 8890"),
        ("final four digits of the ssn 8891", "8891"),
        ("주민번호 팔십팔년 사월 십이일 다시 일이삼사오육칠이요", "팔십팔년 사월 십이일 다시 일이삼사오육칠"),
        ("880412-1까지만요", "880412-1"),
        ("주민번호 마지막 네 자리 5216요", "5216"),
        ("주민번호 ８８０４１２－１２３４５６７", "８８０４１２－１２３４５６７"),
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
        "법인등록번호 110111-1234567이요",
        "90일치 처방전 번호 00518이요",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert said(text, KIND) == []


def test_its_halves_and_the_digit_that_tells_the_sex_are_found() -> None:
    assert said("앞에 여섯 자리는 팔팔공사일삼이고요 뒤에 일곱 자리는 일이삼사오육칠이에요", KIND) == [
        "팔팔공사일삼",
        "일이삼사오육칠",
    ]
    assert said("뒷자리 첫 숫자는 1이고 앞자리는 880412요", KIND) == ["1", "880412"]


def test_the_check_digit_is_that_of_the_register() -> None:
    assert fits_check_digit("9001011234568")
    assert not fits_check_digit("9001011234567")


def test_a_birth_date_has_a_month_and_a_day() -> None:
    assert is_birth_date("000229")
    assert not is_birth_date("000230")
    assert not is_birth_date("001301")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("SSN은 418-63-9027이에요", ["418-63-9027"]),
        ("소셜 로그인이 안 돼서 4471 눌렀어요", []),
        ("제 social이 329-41-7706인데요", ["329-41-7706"]),
        ("소셜번호 오이일 삼삼 구공일칠 이거 맞나요", ["오이일 삼삼 구공일칠"]),
        ("미국 사회보장번호는 271 55 8830입니다", ["271 55 8830"]),
        ("소셜 시큐리티 넘버가 612-07-3345라고 돼 있어요", ["612-07-3345"]),
        ("my social sec is 418 63 9027", ["418 63 9027"]),
        ("the social security office told me to come at 1130 and wait", []),
        ("social security went from 1,904 to 1,987 a month", []),
        ("social 418-63-9027, salary is 58000 a year", ["418-63-9027"]),
    ],
)
def test_social_security_numbers_are_called_so_in_both_languages(text: str, values: list[str]) -> None:
    assert said(text, KIND) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("alien registration card 851204-6120338 expires soon", ["851204-6120338"]),
        ("foreigner registration card: 780922-5104472", ["780922-5104472"]),
        ("my alien registration number is 900317-5820114", ["900317-5820114"]),
        ("last part of the alien number 6120338", ["6120338"]),
        ("외국인등록증 번호 851204-6120338이요", ["851204-6120338"]),
    ],
)
def test_a_card_of_aliens_is_no_payment_card(text: str, values: list[str]) -> None:
    assert said(text, KIND) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("my social begins three one four and ends eight eight two oh", ["three one four", "eight eight two oh"]),
        ("ssn starts with 418, finishes with 9027", ["418", "9027"]),
        ("the group number of his social is 63", ["63"]),
        ("외국인등록번호 앞 여섯 자리 900317만 눌렀어요", ["900317"]),
        ("주민번호 앞은 851204고 뒷자리는 2로 시작해요", ["851204", "2"]),
        ("rrn is 851204 and the back half starts with a 2", ["851204", "2"]),
        ("주민번호가 851204-2까지만 찍혀서 나머지 120338 불러 드릴게요", ["851204-2", "120338"]),
        ("the card shows 851204-2 on my rrn so the rest is 120338", ["851204-2", "120338"]),
    ],
)
def test_parts_that_are_called_so(text: str, values: list[str]) -> None:
    assert said(text, KIND) == values
