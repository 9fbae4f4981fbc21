"""What restricts a sentence, in whatever words."""

from __future__ import annotations

import pytest

from dialog.answers.restrictions import Restriction, conditions, restriction_kinds, statements, without_restrictions
from dialog.errors import LanguageNotSpoken


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("ko", "사용한 상품은 반품하실 수 없습니다.", {Restriction.NEGATION}),
        ("ko", "제주는 제외됩니다.", {Restriction.EXCEPTION}),
        ("ko", "골드 회원만 쿠폰을 받습니다.", {Restriction.ONLY}),
        ("ko", "하지만 3만 원 이상이면 됩니다.", {Restriction.AT_LEAST}),
        ("ko", "7일 이내", {Restriction.AT_MOST}),
        ("ko", "단, 제주는 추가 요금이 있습니다.", {Restriction.EXTRA}),
        ("ko", "배송이 완료되었습니다.", {Restriction.DONE}),
        ("en", "It can't be returned.", {Restriction.NEGATION}),
        ("en", "All days except Monday", {Restriction.EXCEPTION}),
        ("en", "Only members", {Restriction.ONLY}),
        ("en", "orders of 50,000 won or more", {Restriction.AT_LEAST}),
        ("en", "50,000 won or over", {Restriction.AT_LEAST}),
        ("en", "no more than three", {Restriction.AT_MOST}),
        ("en", "However, less than three", {Restriction.UNDER}),
        ("en", "It has arrived.", {Restriction.DONE}),
        ("en", "Orders are delivered on weekdays.", set()),
    ],
)
def test_kinds(code: str, text: str, expected: set[Restriction]) -> None:
    assert restriction_kinds(text, code) == expected


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("ko", "상품이 불량인 경우에는 무료입니다.", ("상품이 불량인",)),
        ("ko", "5만 원 이상 주문하시면 무료입니다.", ("5만 원 이상 주문하",)),
        ("en", "If the item is faulty, shipping is free.", ("the item is faulty",)),
        ("en", "It is free unless it was used.", ("it was used",)),
        ("en", "It is free.", ()),
    ],
)
def test_conditions(code: str, text: str, expected: tuple[str, ...]) -> None:
    assert conditions(text, code) == expected


def test_joined_statements_come_apart() -> None:
    assert statements("주차는 2시간까지 무료이며, 이후 1,000원입니다.", "ko") == (
        "주차는 2시간까지 무료",
        "이후 1,000원입니다.",
    )
    assert statements("It is valid for a year and cannot be exchanged; ask us.", "en") == (
        "It is valid for a year",
        "cannot be exchanged",
        "ask us.",
    )
    assert statements("Use it for bread and butter.", "en") == ("Use it for bread and butter.",)


def test_words_that_only_restrict_are_left_out_where_they_stand_apart() -> None:
    assert without_restrictions("It cannot be returned", "en").split() == ["It", "be", "returned"]
    assert without_restrictions("반품 불가", "ko") == "반품 불가"


def test_a_language_without_a_table_is_refused() -> None:
    with pytest.raises(LanguageNotSpoken):
        restriction_kinds("nur", "de")
