"""A date with a time, or one of the two."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from dialog.parsers.moments import read_moment

SUNDAY = date(2026, 11, 22)


@pytest.mark.parametrize(("text", "code"), [("다음 주 화요일 오후 세 시요", "ko"), ("next tuesday at three pm", "en")])
def test_both_make_a_moment(text: str, code: str) -> None:
    read = read_moment(text, code, SUNDAY)
    assert read is not None
    assert read.value.whole == datetime(2026, 11, 24, 15)
    assert "3" not in text[read.start : read.end]
    assert text[read.start : read.end].endswith(("시", "pm"))


def test_one_of_the_two_is_a_part() -> None:
    day = read_moment("내일이요", "ko", SUNDAY)
    at = read_moment("three pm", "en", SUNDAY)
    assert day is not None and at is not None
    assert (day.value.day, day.value.at, day.value.whole) == (date(2026, 11, 23), None, None)
    assert (at.value.day, at.value.at) == (None, time(15))


def test_neither_is_nothing() -> None:
    assert read_moment("아무 때나요", "ko", SUNDAY) is None


def test_a_part_of_a_date_is_read_against_the_moment_it_replaces() -> None:
    read = read_moment("5월이요", "ko", SUNDAY, instead_of=datetime(2027, 3, 5, 15))
    assert read is not None
    assert read.value.day == date(2027, 5, 5)
