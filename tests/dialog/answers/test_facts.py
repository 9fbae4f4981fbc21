"""Amounts, times and dates come out alike however they are written or said."""

from __future__ import annotations

import time
from datetime import date

import pytest

from dialog.answers.facts import Fact, Kind, facts, numeric, same
from dialog.errors import LanguageNotSpoken

TODAY = date(2026, 11, 22)


def found(text: str, code: str) -> list[tuple[Kind, float | str]]:
    return [(fact.kind, fact.value) for fact in facts(text, code, TODAY)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("기본 배송비는 3,000원입니다", [(Kind.WON, 3000)]),
        ("3천 원", [(Kind.WON, 3000)]),
        ("3만 5천 원", [(Kind.WON, 35_000)]),
        ("삼만 오천 원", [(Kind.WON, 35_000)]),
        ("100만 원 이상", [(Kind.WON, 1_000_000)]),
        ("십 퍼센트", [(Kind.PERCENT, 10)]),
        ("두 시간", [(Kind.MINUTE, 120)]),
        ("2주 안에", [(Kind.DAY, 14)]),
        ("영업일 기준 2일에서 3일", [(Kind.BUSINESS_DAY, 2), (Kind.BUSINESS_DAY, 3)]),
        ("1년", [(Kind.MONTH, 12)]),
        ("2024년에", [(Kind.NUMBER, 2024)]),
        ("2026년 11월 24일", [(Kind.DATE, 20_261_124)]),
        ("11월 24일", [(Kind.DATE, 1124)]),
        ("내일 도착", [(Kind.DATE, 20_261_123)]),
        ("오후 3시 30분", [(Kind.CLOCK, 930)]),
        ("정오", [(Kind.CLOCK, 720)]),
        ("월요일", [(Kind.WEEKDAY, 0)]),
        ("세 번까지", [(Kind.NUMBER, 3)]),
        ("1588-1234로 전화", [(Kind.CODE, "15881234")]),
        ("이 일은 일반 배송", []),
    ],
)
def test_korean(text: str, expected: list[tuple[Kind, float | str]]) -> None:
    assert found(text, "ko") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("costs 3,000 won", [(Kind.WON, 3000)]),
        ("three thousand five hundred won", [(Kind.WON, 3500)]),
        ("5k won", [(Kind.WON, 5000)]),
        ("₩3,000 or $5", [(Kind.WON, 3000), (Kind.DOLLAR, 5)]),
        ("ten percent", [(Kind.PERCENT, 10)]),
        ("2-3 business days", [(Kind.NUMBER, 2), (Kind.BUSINESS_DAY, 3)]),
        ("a 7-day window", [(Kind.DAY, 7)]),
        ("a two-year warranty", [(Kind.MONTH, 24)]),
        ("a week", [(Kind.DAY, 7)]),
        ("November 24th, 2026", [(Kind.DATE, 20_261_124)]),
        ("24 November", [(Kind.DATE, 1124)]),
        ("the day after tomorrow", [(Kind.DATE, 20_261_124)]),
        ("3:30 p.m.", [(Kind.CLOCK, 930)]),
        ("15:30", [(Kind.CLOCK, 930)]),
        ("on Mondays", [(Kind.WEEKDAY, 0)]),
        ("order HB-20261187", [(Kind.CODE, "hb20261187")]),
        ("write to help@hanbit.example", [(Kind.CODE, "help@hanbit.example")]),
        ("one of the items", []),
    ],
)
def test_english(text: str, expected: list[tuple[Kind, float | str]]) -> None:
    assert found(text, "en") == expected


@pytest.mark.parametrize(
    ("claimed", "known", "expected"),
    [
        (Fact(Kind.WON, 3000), Fact(Kind.WON, 3000), True),
        (Fact(Kind.WON, 3000), Fact(Kind.NUMBER, 3000), True),
        (Fact(Kind.WON, 7), Fact(Kind.DAY, 7), False),
        (Fact(Kind.DAY, 7), Fact(Kind.BUSINESS_DAY, 7), False),
        (Fact(Kind.DATE, 20_261_124), Fact(Kind.DATE, 1124), True),
        (Fact(Kind.DATE, 20_251_124), Fact(Kind.DATE, 20_261_124), False),
        (Fact(Kind.DATE, 1100), Fact(Kind.DATE, 1124), True),
        (Fact(Kind.DAY, 24), Fact(Kind.DATE, 1124), True),
        (Fact(Kind.WEEKDAY, 1), Fact(Kind.DATE, 20_261_124), True),
        (Fact(Kind.WEEKDAY, 2), Fact(Kind.DATE, 20_261_124), False),
        (Fact(Kind.CLOCK, 9 * 60, half_day=True), Fact(Kind.CLOCK, 21 * 60), True),
        (Fact(Kind.CLOCK, 9 * 60), Fact(Kind.CLOCK, 21 * 60), False),
        (Fact(Kind.CODE, "3000"), Fact(Kind.NUMBER, 3000), False),
    ],
)
def test_what_is_the_same(claimed: Fact, known: Fact, expected: bool) -> None:
    assert same(claimed, known) is expected


def test_weekdays_and_codes_are_no_figures() -> None:
    assert [numeric(fact) for fact in facts("Monday, HB-1, 3 days", "en")] == [False, False, True]


def test_a_language_without_a_table_is_refused() -> None:
    with pytest.raises(LanguageNotSpoken):
        facts("3.000 Won", "de")


@pytest.mark.parametrize("text", ["1," * 5000, "a-" * 5000, "일이삼사" * 2000 + "원", "one hundred thousand " * 500])
def test_babble_is_read_in_bounded_time_and_without_an_error(text: str) -> None:
    began = time.thread_time()
    for code in ("ko", "en"):
        facts(text, code, TODAY)
    assert time.thread_time() - began < 2.0
