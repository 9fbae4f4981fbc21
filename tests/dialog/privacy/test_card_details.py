"""What is written beside a card's number."""

from __future__ import annotations

import pytest

from dialog.privacy.kinds import PersonalKind
from tests.dialog.privacy.finding import said

KIND = PersonalKind.CARD


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("cvc는 123이고요", "123"),
        ("the security code is one two three", "one two three"),
        ("뒷면 세 자리는 구공삼이요", "구공삼"),
        ("the four digits on the front are 4092", "4092"),
        ("유효기간은 27년 4월이에요", "27년 4월"),
        ("만료일이 이천이십칠년 시월이요", "이천이십칠년 시월"),
        ("valid through oh four slash thirty", "oh four slash thirty"),
        ("it expires end of October 2026", "October 2026"),
        ("유효기간 공삼 이팔이요", "공삼 이팔"),
        ("유효기간은 공팔월 이육년이라고 돼 있습니다", "공팔월 이육년"),
        ("기간은 구 월 이 칠 년이구요", "구 월 이 칠 년"),
        ("the three numbers on the back are five eight oh", "five eight oh"),
        ("The four small digits on the front of my amex are 4093.", "4093"),
        ("last three on the strip nine oh one", "nine oh one"),
        ("three digit thing on back 662", "662"),
        ("앞면 네자리 사공구삼", "사공구삼"),
        ("카드 보안번호 사일오요", "사일오"),
        ("three digit code is four one one", "four one one"),
        ("back of the card says 411", "411"),
        ("the date on the card is 09/30", "09/30"),
        ("기한은 공삼에 이팔이요", "공삼에 이팔"),
        ("the expiration date on the card is september twenty twenty six", "september twenty twenty six"),
    ],
)
def test_it_is_found(text: str, value: str) -> None:
    assert said(text, KIND) == [value]


def test_a_code_behind_an_expiry_date_is_the_cards() -> None:
    assert said("valid thru 04/30 and the code is nine one four", KIND) == ["04/30", "nine one four"]


@pytest.mark.parametrize(
    "text",
    [
        "쿠폰 유효기간이 12월 31일까지예요",
        "the coupon expires 12/25",
        "verification code is 551 902",
        "the code is 9914",
        "유효기간이 3개월 남았어요",
        "카드 뒤에 네 자리 4471이요",
        "비밀번호 네 자리 일이삼사",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert said(text, KIND) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("5310_4482_9017_3321 3 digits 771", ["5310_4482_9017_3321", "771"]),
        ("5310 4482 9017 3321, 3자리 771", ["5310 4482 9017 3321", "771"]),
        ("체크카드 유효 11/29이고요", ["11/29"]),
        ("카드 유효기간이 2028/04로 나와요", ["2028/04"]),
        ("card expiry 2028/04", ["2028/04"]),
        ("카드 뒷면에 적힌 483이요", ["483"]),
        ("쿠폰 유효 12/31까지", []),
    ],
)
def test_codes_and_dates_are_called_many_things(text: str, values: list[str]) -> None:
    assert said(text, KIND) == values
