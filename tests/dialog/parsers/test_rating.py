"""Ratings from one to five, said in words."""

from __future__ import annotations

import pytest

from dialog.errors import LanguageNotSpoken
from dialog.parsers.rating import read_rating


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("five", 5),
        ("a four please", 4),
        ("I'd say three stars", 3),
        ("four out of five", 4),
        ("1", 1),
        ("two, it took too long", 2),
        ("very satisfied", 5),
        ("I am satisfied", 4),
        ("neutral", 3),
        ("not satisfied", 2),
        ("very unhappy", 1),
        ("excellent", 5),
        ("four or five", None),
        ("yes", None),
        ("seven", None),
        ("I would like to know where my order is, and one more thing about the delivery of it", None),
        ("", None),
    ],
)
def test_english(text: str, score: int | None) -> None:
    assert read_rating(text, "en") == score


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("오점이요", 5),
        ("5점", 5),
        ("오 점 만점에 사 점이요", 4),
        ("다섯 개", 5),
        ("별 네 개요", 4),
        ("삼이요", 3),
        ("이요", 2),
        ("일", 1),
        ("매우 만족합니다", 5),
        ("만족해요", 4),
        ("보통이에요", 3),
        ("불만족입니다", 2),
        ("별로 만족하지 않아요", 2),
        ("매우 불만족", 1),
        ("최고예요", 5),
        ("사점 아니 오점", None),
        ("네", None),
        ("이건 뭐예요", None),
        ("", None),
    ],
)
def test_korean(text: str, score: int | None) -> None:
    assert read_rating(text, "ko") == score


def test_a_language_without_tables_is_refused() -> None:
    with pytest.raises(LanguageNotSpoken):
        read_rating("cinq", "fr")
