"""Bank accounts."""

from __future__ import annotations

import pytest

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
        ("씨티 417-30562-118인데 지점이 없대요", "417-30562-118"),
        ("deposit it into 5510 2938 47", "5510 2938 47"),
        ("the account: 60129384, sort: twenty", "60129384"),
    ],
)
def test_it_is_found(text: str, value: str) -> None:
    assert said(text, KIND) == [value]


@pytest.mark.parametrize(
    "text", ["주문번호 482102-04-112233이에요", "계좌로 12345678원 보냈어요", "order 98 7654 3210", "국민 여러분 3개"]
)
def test_what_is_none_stays(text: str) -> None:
    assert said(text, KIND) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("I wired it to account 5510293847 and it should have been 5510293874", ["5510293847", "5510293874"]),
        ("계좌를 110-482-901774에서 110-482-901747로 바꿔주세요", ["110-482-901774", "110-482-901747"]),
        ("account 73319048 sort: 09 01 27", ["73319048", "09 01 27"]),
    ],
)
def test_a_number_told_instead_or_as_well_is_one_too(text: str, values: list[str]) -> None:
    assert said(text, KIND) == values


def test_what_another_word_names_beside_an_account_is_none() -> None:
    assert said("월급통장이 1005-703-448822이고 사원번호는 20190418이에요", KIND) == ["1005-703-448822"]
    assert said("the account is 2209 8176 31 then check number 10443", KIND) == ["2209 8176 31"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("라우팅 번호는 021000021이고 계좌는 4839201774", ["021000021", "4839201774"]),
        ("my brokerage account X47719302 and the old one", ["X47719302"]),
        ("증권 계좌 Z47719302 조회해 주세요", ["Z47719302"]),
        ("I transferred 30,000 won to 302 118 774920 instead of 302 118 774290", ["302 118 774920", "302 118 774290"]),
        ("saemaul geumgo 9002 1837 44102", ["9002 1837 44102"]),
        ("the benefit should be paid into 7719 220 4418", ["7719 220 4418"]),
        ("overdraft on 3301 774920 again", ["3301 774920"]),
        ("신한은행 통장 뒷면에 있는 110-482-938174예요", ["110-482-938174"]),
    ],
)
def test_banks_and_ways_of_money_name_it(text: str, values: list[str]) -> None:
    assert said(text, KIND) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("there's 8,214.09 in checking right now", []),
        ("account 771-204-913 got 2,350 dollars on may 3", ["771-204-913"]),
        ("the account has 12,450.77 in it and you took a 35 dollar fee", []),
        ("통장에 12,450원 있고 카드값이 1,204,300 나왔어요", []),
        ("계좌에 3,480,000 남아 있었는데", []),
    ],
)
def test_amounts_beside_one_are_none(text: str, values: list[str]) -> None:
    assert said(text, KIND) == values
