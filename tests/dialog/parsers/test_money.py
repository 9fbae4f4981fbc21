"""Money: amounts in words and figures, with what says them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.parsers.money import Money, read_money
from tests.dialog.parsers.spoken_forms import UNHURRIED, english_number, korean_number


@UNHURRIED
@given(st.integers(10, 10**9), st.sampled_from(["", " "]), st.sampled_from(["{}이요", "네 {} 환불해 주세요", "{}"]))
def test_won_come_back_in_korean(value: int, gap: str, frame: str) -> None:
    text = frame.format(korean_number(value, gap) + gap + "원")
    read = read_money(text, "ko")
    assert read is not None
    assert read.value == Money(Decimal(value), "KRW")
    assert text[read.start : read.end] in text
    assert text[read.start : read.end].endswith("원")


@UNHURRIED
@given(st.integers(1, 10**6), st.integers(0, 99))
def test_dollars_come_back_in_english(value: int, cents: int) -> None:
    tail = f" and {english_number(cents)} cents" if cents else ""
    read = read_money(f"i paid {english_number(value)} dollars{tail} for it", "en")
    assert read is not None
    assert read.value == Money(Decimal(value) + Decimal(cents) / 100, "USD")


@pytest.mark.parametrize(
    ("text", "code", "amount", "currency"),
    [
        ("35,000원", "ko", "35000", "KRW"),
        ("3만 5천원이요", "ko", "35000", "KRW"),
        ("1.5만 원", "ko", "15000", "KRW"),
        ("오십 달러", "ko", "50", "USD"),
        ("$35.50", "en", "35.50", "USD"),
        ("thirty five thousand won", "en", "35000", "KRW"),
        ("a hundred and twenty bucks", "en", "120", "USD"),
    ],
)
def test_the_ways_to_say_an_amount(text: str, code: str, amount: str, currency: str) -> None:
    read = read_money(text, code)
    assert read is not None
    assert read.value == Money(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("text", "code"), [("회사원이에요", "ko"), ("원칙이 뭐예요", "ko"), ("사원 번호요", "ko"), ("i won a prize", "en")]
)
def test_what_only_sounds_like_money(text: str, code: str) -> None:
    assert read_money(text, code) is None


def test_where_an_amount_was_asked_for_a_number_is_one() -> None:
    read = read_money("삼만 오천이요", "ko", currency="KRW")
    assert read is not None
    assert read.value.amount == 35_000
    assert read_money("삼만 오천이요", "ko") is None
    assert read_money("오십 달러요", "ko", currency="KRW") is None


def test_of_several_amounts_the_last_counts_and_is_not_sure() -> None:
    read = read_money("30,000원 말고 25,000원이요", "ko")
    assert read is not None
    assert read.value.amount == 25_000
    assert read.confidence < 0.8
