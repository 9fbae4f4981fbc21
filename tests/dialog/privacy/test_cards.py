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
        ("order 55120987 got billed to 4716253109884217 twice", "4716253109884217"),
        ("주문번호 55120987이 4716253109884217로 결제됐어요", "4716253109884217"),
        ("4716253109884217 결제 오류 떠요", "4716253109884217"),
        ("３５６９　９７８６　６２０７　３２３１이에요", "３５６９　９７８６　６２０７　３２３１"),
        ("3702 053813 37811", "3702 053813 37811"),
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
        "로또 번호 5 12 19 28 33 45 자동이요",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert said(text, KIND) == []


def test_halves_told_apart_are_found() -> None:
    assert said("앞 여덟 자리는 4716 2531이고 뒤 여덟 자리는 0988 4217이에요", KIND) == ["4716 2531", "0988 4217"]
    assert said("the first eight are 4716 2531 and the last eight are 0988 4217", KIND) == ["4716 2531", "0988 4217"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("카드 앞 여섯 자리는 5310 44예요", ["5310 44"]),
        ("카드번호 처음이 531044예요", ["531044"]),
        ("my card number starts with 531044", ["531044"]),
        ("my card starts with 5310", []),
    ],
)
def test_its_first_digits_are_found_where_they_are_called_so(text: str, values: list[str]) -> None:
    assert said(text, KIND) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("usps 9400 1118 9956 3301 4471 20 still in transit", []),
        ("package number 9405 5112 0620 8837 1145 92", []),
        ("소포 번호 9400 1118 9956 3301 4471 20", []),
        ("상품권 번호 9002 4471 2093 8811이요", []),
        ("기프티콘 9100 4471 2093 8811 안 돼요", []),
    ],
)
def test_what_is_a_parcels_or_a_gifts_is_none(text: str, values: list[str]) -> None:
    assert said(text, KIND) == values
