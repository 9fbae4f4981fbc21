"""Bank accounts."""

from __future__ import annotations

import pytest

from dialog.privacy.accounts import is_iban
from dialog.privacy.kinds import PersonalKind
from tests.dialog.privacy.finding import said

KIND = PersonalKind.ACCOUNT


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("환불 계좌는 국민 482102-04-112233이에요", "482102-04-112233"),
        ("3333-05-7654321 카카오뱅크예요", "3333-05-7654321"),
        ("계좌번호 일일공 다시 일이삼 다시 사오육칠팔구요", "일일공 다시 일이삼 다시 사오육칠팔구"),
        ("my account number is 98 7654 3210", "98 7654 3210"),
        ("제 통장 번호가 56789012345678이거든요", "56789012345678"),
        ("routing 011000015", "011000015"),
        ("010 5396 1623, 삼이오 오사 사오일팔이팔 농협이요", "삼이오 오사 사오일팔이팔"),
        ("적금 통장 529에 41에 193357 만기예요", "529에 41에 193357"),
        ("환불은 110 233 281093으로요", "110 233 281093"),
        (
            "i b a n is g b three two l o y d three zero nine six one seven four eight",
            "g b three two l o y d three zero nine six one seven four eight",
        ),
        ("it is NL91ABNA0417164300", "NL91ABNA0417164300"),
        ("my iban is GB00 WEST 1234 5698 7654 32", "GB00 WEST 1234 5698 7654 32"),
    ],
)
def test_it_is_found(text: str, value: str) -> None:
    assert said(text, KIND) == [value]


@pytest.mark.parametrize(
    "text", ["주문번호 482102-04-112233이에요", "계좌로 12345678원 보냈어요", "order 98 7654 3210", "국민 여러분 3개"]
)
def test_what_is_none_stays(text: str) -> None:
    assert said(text, KIND) == []


def test_the_check_digits_of_an_iban_are_those_of_the_standard() -> None:
    assert is_iban("GB82WEST12345698765432")
    assert not is_iban("GB83WEST12345698765432")
    assert not is_iban("GB82")
