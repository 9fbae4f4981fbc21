"""Numbers whose telling was interrupted."""

from __future__ import annotations

import pytest

from dialog.privacy.detector import find
from dialog.privacy.kinds import PersonalKind
from tests.dialog.privacy.finding import said


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        (
            "my social is two eight eight seven oh, hang on a second, three three six one okay",
            PersonalKind.REGISTRATION,
            "two eight eight seven oh, hang on a second, three three six one",
        ),
        (
            "주민번호요 900101 제가 지금 눈이 침침해서 1234567이에요",
            PersonalKind.REGISTRATION,
            "900101 제가 지금 눈이 침침해서 1234567",
        ),
        (
            "it is 4111 1111, let me find my glasses, 1111 1111",
            PersonalKind.CARD,
            "4111 1111, let me find my glasses, 1111 1111",
        ),
        (
            "공일공에 이삼사오 아이고 강아지가 짖네 육칠팔구로 해 주세요",
            PersonalKind.PHONE,
            "공일공에 이삼사오 아이고 강아지가 짖네 육칠팔구",
        ),
        (
            "4111 1111 1112 잘못 불렀어요 1111 1111이에요",
            PersonalKind.CARD,
            "4111 1111 1112 잘못 불렀어요 1111 1111",
        ),
        (
            "my checking account is 561 99, I need my checkbook, 82304",
            PersonalKind.ACCOUNT,
            "561 99, I need my checkbook, 82304",
        ),
        (
            "ssn two six oh hold on my phone is ringing seven one one two nine oh",
            PersonalKind.REGISTRATION,
            "two six oh hold on my phone is ringing seven one one two nine oh",
        ),
        (
            "제 계좌 일일공 어디까지 했죠 칠일오 칠삼공육공사에 넣어주세요",
            PersonalKind.ACCOUNT,
            "일일공 어디까지 했죠 칠일오 칠삼공육공사",
        ),
        (
            "전화번호 공일공 글씨가 작아서 사구사일 오칠삼이",
            PersonalKind.PHONE,
            "공일공 글씨가 작아서 사구사일 오칠삼이",
        ),
    ],
    ids=[
        "a social security number",
        "a resident's",
        "a card",
        "a mobile",
        "its end anew",
        "an account",
        "another's word in the remark",
        "a short first piece",
        "the longer reading",
    ],
)
def test_a_remark_does_not_hide_it(text: str, kind: PersonalKind, value: str) -> None:
    assert said(text, kind) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "order 4111 1111, I bought it last May, 1111 1111",
        "4개 주문했는데 3개만 왔고 5000원이 빠졌어요 12월 3일이에요",
        "I paid 1200 dollars in 2024 and 800 dollars in 2025",
        "the tracking number is 49999999, let me find my glasses, 99999",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert said(text, PersonalKind.CARD) == []
    assert said(text, PersonalKind.REGISTRATION) == []


def test_many_pieces_take_time_by_their_number_alone() -> None:
    """Read in all their ways together they would outlast the run."""
    assert said("1 hm yes 이 well " * 60, PersonalKind.CARD) == []


def test_a_note_parts_what_was_told_by_semicolons() -> None:
    note = "my card number starts with 9027-4851; and then 4463-1259; my number is two"
    assert [note[one.start : one.end] for one in find(note, "en", guess=False)] == ["9027-4851", "4463-1259"]


def test_an_aside_may_part_sixteen_spoken_digits_anywhere() -> None:
    assert said(
        "okay five three one oh four four eight two nine oh, no sweetie not now, one seven three three two two",
        PersonalKind.CARD,
    ) == ["five three one oh four four eight two nine oh, no sweetie not now, one seven three three two two"]


def test_a_part_that_was_begun_again_counts_once() -> None:
    assert said("주민번호가 오칠공삼일이 그 뭐더라 이공 이공사사팔일구예요", PersonalKind.REGISTRATION) == [
        "오칠공삼일이 그 뭐더라 이공 이공사사팔일구"
    ]


def test_another_word_in_the_next_clause_is_not_its_own() -> None:
    text = "five three one oh dash four four eight two dash nine oh one seven dash three three two two"
    assert said(f"number's {text} and my zip is the same", PersonalKind.CARD) == [text]
