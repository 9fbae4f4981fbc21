"""Written sentences for the ear."""

from __future__ import annotations

import pytest

from dialog.answers.shorten import ended, for_the_ear, length
from dialog.parsers.language import language

KO, EN = language("ko").prose, language("en").prose


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("Open **My Orders** (see the picture).", "Open My Orders."),
        ("Write to [us](https://x.example/a) or see https://x.example/help today.", "Write to us or see today."),
        ("- Items on sale", "Items on sale"),
        ("1. Open the app.", "Open the app."),
        ("Delivery is free (except Jeju).", "Delivery is free, except Jeju."),
        ("A `code` of # six digits ()", "A code of six digits"),
    ],
)
def test_english(written: str, heard: str) -> None:
    assert for_the_ear(written, EN) == heard


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("영업일 기준 3일(주말 및 공휴일 제외) 걸립니다.", "영업일 기준 3일, 주말 및 공휴일 제외, 걸립니다."),
        ("한빛상점(Hanbit Store)에서 삽니다.", "한빛상점에서 삽니다."),
        ("※ 자세한 내용은 www.hanbit.example 참고", "※ 자세한 내용은 참고"),
    ],
)
def test_korean(written: str, heard: str) -> None:
    assert for_the_ear(written, KO) == heard


def test_what_has_nothing_to_hear_becomes_empty() -> None:
    assert for_the_ear("https://x.example/only", EN) == ""
    assert ended("") == ""


def test_length_is_in_the_languages_unit() -> None:
    assert length("세 글자", KO) == 3
    assert length("three short words", EN) == 3


def test_a_sentence_is_ended_once() -> None:
    assert ended("Free") == "Free."
    assert ended("Free!") == "Free!"
