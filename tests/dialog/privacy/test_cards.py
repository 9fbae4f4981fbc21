"""Payment cards."""

from __future__ import annotations

import pytest

from dialog.privacy.kinds import PersonalKind
from tests.dialog.privacy.finding import said

KIND = PersonalKind.CARD


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("카드번호 4111-1111-1111-1111입니다", "4111-1111-1111-1111"),
        ("4111111111111111로 결제했어요", "4111111111111111"),
        ("카드번호는 9411 1111 1111 1111이요", "9411 1111 1111 1111"),
        ("사일일일 일일일일 일일일일 일일일일이에요", "사일일일 일일일일 일일일일 일일일일"),
        (
            "amex three seven eight two eight two two four six three one oh oh oh five",
            "three seven eight two eight two two four six three one oh oh oh five",
        ),
        ("card number 4111 1111 1111 1112", "4111 1111 1111 1112"),
        (
            "카드번호는 오천사백구이천육백오오천이백칠십구이천육백구십칠입니다",
            "오천사백구이천육백오오천이백칠십구이천육백구십칠",
        ),
        ("신용카드로 할게요 그 번호가 5570 4262 4100 9664예요", "5570 4262 4100 9664"),
        ("제 카드는 5570-4223-****-7310이에요", "5570-4223-****-7310"),
        (
            "I said five four two four one eight nine one two triple zero six three one three",
            "five four two four one eight nine one two triple zero six three one three",
        ),
        ("오삼이칠 오공일이 삼사오육 칠팔구공이요", "오삼이칠 오공일이 삼사오육 칠팔구공"),
    ],
)
def test_it_is_found(text: str, value: str) -> None:
    assert said(text, KIND) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "order number 4111111111111111",
        "송장번호 6012345678901이요",
        "카드 끝자리 1234예요",
        "card ending in 1234",
        "카드로 50000원 결제",
        "1234567890123456",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert said(text, KIND) == []
