"""Counts with their counters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.parsers.counts import read_count
from tests.dialog.parsers.spoken_forms import UNHURRIED, english_number, korean_native


@UNHURRIED
@given(st.integers(1, 99), st.sampled_from(["개", "명", "분", "장", "권"]), st.sampled_from(["", " "]))
def test_korean_counts_come_back(value: int, counter: str, gap: str) -> None:
    read = read_count(f"{korean_native(value)}{gap}{counter}이요", "ko")
    assert read is not None
    assert read.value == value


@UNHURRIED
@given(st.integers(1, 999), st.sampled_from(["people", "items", "tickets"]))
def test_english_counts_come_back(value: int, counter: str) -> None:
    read = read_count(f"for {english_number(value)} {counter} please", "en")
    assert read is not None
    assert read.value == value


@pytest.mark.parametrize(
    ("text", "code", "value"),
    [
        ("둘이요", "ko", 2),
        ("하나만요", "ko", 1),
        ("총 다섯이요", "ko", 5),
        ("two", "en", 2),
        ("a couple", "en", 2),
        ("just me", "en", 1),
        ("half a dozen", "en", 6),
    ],
)
def test_where_a_count_was_asked_for_a_number_is_one(text: str, code: str, value: int) -> None:
    read = read_count(text, code, asked=True)
    assert read is not None
    assert read.value == value
    assert read_count(text, code) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [("삼십 분 뒤에요", "ko"), ("3개월이요", "ko"), ("네", "ko"), ("two o'clock", "en"), ("0개", "ko")],
)
def test_what_is_no_count(text: str, code: str) -> None:
    assert read_count(text, code, asked=True) is None


def test_two_different_counts_are_not_sure() -> None:
    read = read_count("두 개 아니 세 개요", "ko")
    assert read is not None
    assert (read.value, read.confidence < 0.8) == (3, True)
