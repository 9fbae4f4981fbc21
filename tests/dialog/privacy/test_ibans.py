"""International numbers of accounts."""

from __future__ import annotations

import pytest

from dialog.privacy.kinds import PersonalKind
from tests.dialog.privacy.finding import said

KIND = PersonalKind.ACCOUNT


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "i b a n is g b three two l o y d three zero nine six one seven four eight",
            "g b three two l o y d three zero nine six one seven four eight",
        ),
        ("it is NL91ABNA0417164300", "NL91ABNA0417164300"),
        ("my iban is GB00 WEST 1234 5698 7654 32", "GB00 WEST 1234 5698 7654 32"),
        (
            "this one, N L nine one A B N A oh four one seven one six four three oh oh, right?",
            "N L nine one A B N A oh four one seven one six four three oh oh",
        ),
        (
            "iban D for delta, E for echo, 44 5001 0517 5407 3249 31",
            "D for delta, E for echo, 44 5001 0517 5407 3249 31",
        ),
        (
            "아이반 디이 육팔 칠구이삼 오일삼구 칠일칠공 오일사오 일일이에요",
            "디이 육팔 칠구이삼 오일삼구 칠일칠공 오일사오 일일",
        ),
        ("my IBAN, nl91 abna 0417 1643 00", "nl91 abna 0417 1643 00"),
    ],
    ids=["said", "written", "with a slip", "spelled", "with words for letters", "in Korean", "in small letters"],
)
def test_it_is_found(text: str, value: str) -> None:
    assert said(text, KIND) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "serial WM3900-8812-6604-1170",
        "계약번호 KR-2023-0088124-01",
        "it is 10 30 in the morning at 12 on 14",
        "DL number P as in Peter, three seven two, one one nine, eight oh four six six one two",
    ],
)
def test_what_is_no_countrys_is_none(text: str) -> None:
    assert said(text, KIND) == []
