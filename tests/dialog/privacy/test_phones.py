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
        ("인증번호가 01025540000으로 안 와요", "01025540000"),
        ("주문번호 01025540000", "01025540000"),
        ("01076290000이에요 이 번호로 주문 두 건 있을 거예요", "01076290000"),
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
        "주문번호 공일공일이삼사오육칠팔",
        "2026-11-22 20:25",
        "080-123-4567",
        "my badge number is 4155550182",
        "거래번호 0041 2804 1237이요",
        "My balance was 5,402.18 on Monday and minus 31.07",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert said(text, KIND) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("the number you have on file: 617-483-2291, customer since 2011", ["617-483-2291"]),
        ("on my account it says 617-483-2291, member since 2016", ["617-483-2291"]),
        ("contact for the front gate is 206.771.4093", ["206.771.4093"]),
        ("my number's 512-388-9014, order came last week", ["512-388-9014"]),
        ("미국 번호는 408-339-7715이고 회원은 아니에요", ["408-339-7715"]),
        ("혈압약 때문에요 제 번호는 010-4471-2093이에요", ["010-4471-2093"]),
    ],
)
def test_words_of_other_things_around_it_leave_it_one(text: str, values: list[str]) -> None:
    assert said(text, KIND) == values
