"""Telephone numbers."""

from __future__ import annotations

import pytest

from dialog.privacy.kinds import PersonalKind
from tests.dialog.privacy.finding import said

KIND = PersonalKind.PHONE


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("010-1234-5678이에요", "010-1234-5678"),
        ("공일공에 일이삼사에 오육칠팔이구요", "공일공에 일이삼사에 오육칠팔"),
        ("제번호는공일공일이삼사오육칠팔이에요", "공일공일이삼사오육칠팔"),
        ("제전화번호는공일공삼삼구공일일팔이구요", "공일공삼삼구공일일팔이"),
        ("+82 10-1234-5678", "+82 10-1234-5678"),
        ("집 전화는 02-345-6789요", "02-345-6789"),
        ("(212) 555-0142", "(212) 555-0142"),
        ("617 555 0188, ext. 5", "617 555 0188"),
        ("사무실 02-555-0123 내선 221번이요", "02-555-0123"),
        ("ring 0049 151 2345 6789", "0049 151 2345 6789"),
        ("전화는 0082-10-2345-6789로요", "0082-10-2345-6789"),
        ("it's 503, 503, 555, 0142", "503, 503, 555, 0142"),
        ("제 번호 공일공 오이칠팔 오이칠팔 삼삼사일이에요", "공일공 오이칠팔 오이칠팔 삼삼사일"),
        ("716 426 no 423 9872 is my cell", "716 426 no 423 9872"),
        ("case 10293847 was opened from 646-555-0133", "646-555-0133"),
        ("call me at two one two five five five oh one four two", "two one two five five five oh one four two"),
        ("공일공 일이삼사 아니 일이삼오 오육칠팔", "공일공 일이삼사 아니 일이삼오 오육칠팔"),
        ("전화번호 1234에 5678이요", "1234에 5678"),
        ("공일공 네 공일공 삼칠삼삼 일이일삼이요", "공일공 네 공일공 삼칠삼삼 일이일삼"),
        ("공일공 팔십칠 삼십이 팔십이 이십오예요", "공일공 팔십칠 삼십이 팔십이 이십오"),
        ("my mobile is 07700 900 482", "07700 900 482"),
        ("it's nine one seven, triple four, twelve thirty-eight", "nine one seven, triple four, twelve thirty-eight"),
        (
            "plus one four one five, nine two two, seven seven three eight",
            "plus one four one five, nine two two, seven seven three eight",
        ),
    ],
)
def test_it_is_found(text: str, value: str) -> None:
    assert said(text, KIND) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "080-700-1234 무료 전화죠",
        "1588-1234로 전화하면 되나요",
        "call 1-800-555-0100",
        "주문번호 01012345678",
        "2026-11-22 20:25",
        "080-123-4567",
        "my badge number is 4155550182",
        "거래번호 0041 2804 1237이요",
        "My balance was 5,402.18 on Monday and minus 31.07",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert said(text, KIND) == []
