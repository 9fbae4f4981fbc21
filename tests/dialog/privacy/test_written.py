"""Numerals become digits that know who says them."""

from __future__ import annotations

import pytest

from dialog.privacy.written import DOUBTFUL, written


@pytest.mark.parametrize(
    ("said", "as_written"),
    [
        ("공일공에 일이삼사에 오육칠팔", "010에 1234에 5678"),
        ("제번호는공일공일이삼사오육칠팔입니다", "제번호는01012345678입니다"),
        ("천이백삼십사에 오천육백칠십팔", "1234에 5678"),
        ("하나 둘 셋 제로", "1 2 3 0"),
        ("오천사백구이천육백오오천이백칠십구이천육백구십칠", "5409260552792697"),
        ("이십일일에", "이십일일에"),
        ("forty-four hundred", "4400"),
        ("nine thousand, eighty-two twenty-eight", "9000, 82 28"),
        ("88214 oh 73, and 5 o 9", "88214 0 73, and 5 0 9"),
        ("oh 73", "oh 73"),
        ("double four oh one", "44 0 1"),
        ("forty two baker street", "42 baker street"),
        ("three hundred and five", "305"),
        ("two thousand twenty six", "2026"),
        ("twenty twenty six", "20 26"),
        ("one for two to three", "1 4 2 2 3"),
        ("얼마나 빨라요 육로", "얼마나 빨라요 6로"),
        ("five", "5"),
        ("앞 여덟 자리는 칠이공구", "앞 여덟 자리는 7209"),
        ("공이다시삼일칠다시사오", "02다시317다시45"),
        ("25일 1045216", "25일 1045216"),
        ("quadruple five", "5555"),
        ("the last four two oh nine three", "the last four 2 0 9 3"),
        ("that is the old one. 4012", "that is the old one. 4012"),
        ("one moment please", "one moment please"),
        ("８８０４１２－１２３", "880412-123"),
        ("for you to see", "for you to see"),
    ],
)
def test_what_is_said_is_written(said: str, as_written: str) -> None:
    assert written(said).text == as_written


def test_what_may_be_a_particle_is_a_doubtful_digit() -> None:
    assert written("칠팔이에요").text == f"78{DOUBTFUL[2]}에요"
    assert written("칠팔이구요").text == f"78{DOUBTFUL[2]}{DOUBTFUL[9]}요"
    assert written("5678이에요").text == "5678이에요"
    assert written("오칠삼이").text == "5732"


def test_each_digit_knows_where_it_was_said() -> None:
    said = "call double four twenty one please"
    form = written(said)
    at = form.text.index("21")
    assert said[slice(*form.original(at, at + 2))] == "twenty one"
    at = form.text.index("44")
    assert said[slice(*form.original(at, at + 2))] == "double four"


def test_a_text_without_numerals_is_itself() -> None:
    assert written("배송 문의입니다").starts is None


def test_what_was_won_is_an_amount_and_no_digit() -> None:
    assert "201" not in written("two hundred won for two tickets").text
    assert written("two hundred won").text == "200 won"


def test_a_particle_behind_latin_letters_is_no_digit() -> None:
    assert written("social이 412").starts is None


def test_what_a_number_begins_with_is_no_count() -> None:
    assert written("it begins two one four").text == "it begins 2 1 4"
    assert written("the last two one four").text == "the last two 1 4"
