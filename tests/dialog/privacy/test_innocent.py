"""What explains a number innocently."""

from __future__ import annotations

import pytest

from dialog.privacy.innocent import are_years, is_amount, is_explained, is_free, is_list, is_named
from dialog.privacy.reading import Piece, Reading, read


def pieces(text: str) -> tuple[Reading, list[Piece]]:
    """A text as it is read, and its runs of digits as pieces."""
    reading = read(text, "en" if text.isascii() else "ko")
    return reading, [Piece(run, 0, len(run.digits), None) for run in reading.runs]


@pytest.mark.parametrize(
    "text",
    [
        "I paid 450 dollars",
        "삼십오 개요",
        "about fifty two thousand a year",
        "on 3/2, 3/9 and 3/16",
        "minus 31.07",
        "room four eleven",
        "on june 14",
        "she's sixteen",
        "call 1-800-555-0199",
        "SM928N",
        "90일치",
        "24병",
        "FH2 0099812",
        "2025 04 17",
    ],
)
def test_it_is_explained(text: str) -> None:
    reading, found = pieces(text)
    assert found
    assert all(is_explained(reading, piece) for piece in found)


@pytest.mark.parametrize(
    "text", ["it is 4419 0202 715", "공일공 이삼사오 육칠팔구요", "4111111111111111", "417-30562-118인데", "110 초인종"]
)
def test_it_is_not(text: str) -> None:
    reading, found = pieces(text)
    assert not any(is_explained(reading, piece) for piece in found)
    assert not is_list(reading, found[:1])
    assert not is_named(reading, found[0])


def test_lists_and_programs() -> None:
    assert is_list(*pieces("54, 23, 43, 12"))
    assert is_list(*pieces('"20261042"'))
    assert not is_list(*pieces("4 5 3 9, 1 4 8 8")), "one number, told digit by digit"


def test_what_a_number_is_called() -> None:
    for text, named in (
        ("the bag tag is 0067201", True),
        ("부품번호 20031184", True),
        ("his number is 0067201", False),
    ):
        reading, found = pieces(text)
        assert is_named(reading, found[0]) is named


def test_years() -> None:
    assert are_years(pieces("twenty twenty one and twenty twenty two")[1])
    assert not are_years(pieces("2188 4471")[1])


def test_numbers_that_everybody_is_told() -> None:
    assert is_free("15881234")
    assert is_free("18661234567")
    assert not is_free("01023456789")


def test_amounts_by_what_stands_behind_them() -> None:
    assert is_amount("58000 a year", 5)
    assert is_amount("220볼트", 3)
    assert not is_amount("2200 again", 4)
