"""Dates relative to a given day, both languages."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.parsers.dates import read_date
from tests.dialog.parsers.spoken_forms import MONTHS, UNHURRIED, english_ordinal, korean_date, korean_number

SUNDAY = date(2026, 11, 22)
WEDNESDAY = date(2026, 11, 25)
DAYS = st.dates(date(2026, 1, 1), date(2032, 12, 31))
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()


@UNHURRIED
@given(DAYS, st.integers(0, 364), st.sampled_from(["", " "]))
def test_a_korean_day_is_the_next_such_day(today: date, ahead: int, gap: str) -> None:
    day = today + timedelta(days=ahead)
    read = read_date(f"{korean_date(day, gap)}로 해 주세요", "ko", today)
    assert read is not None
    assert read.value == day


@UNHURRIED
@given(DAYS, st.integers(0, 364), st.sampled_from(["{month} {day}", "the {day} of {month}", "{day} {month}"]))
def test_an_english_day_is_the_next_such_day(today: date, ahead: int, form: str) -> None:
    day = today + timedelta(days=ahead)
    said = form.format(month=MONTHS[day.month - 1], day=english_ordinal(day.day))
    read = read_date(f"on {said} please", "en", today)
    assert read is not None
    assert read.value == day


@UNHURRIED
@given(DAYS, DAYS)
def test_a_whole_date_is_itself(today: date, day: date) -> None:
    korean = read_date(f"{korean_number(day.year)}년 {korean_date(day)}", "ko", today)
    english = read_date(f"{MONTHS[day.month - 1]} {english_ordinal(day.day)} {day.year}", "en", today)
    assert korean is not None and english is not None
    assert korean.value == english.value == day


@UNHURRIED
@given(DAYS, st.integers(0, 6))
def test_weekdays_fall_where_they_are_said_to(today: date, weekday: int) -> None:
    named = "월화수목금토일"[weekday] + "요일"
    coming = read_date(named, "ko", today)
    following = read_date(f"다음 주 {named}", "ko", today)
    english = read_date(f"{WEEKDAYS[weekday]} next week", "en", today)
    assert coming is not None and following is not None and english is not None
    assert coming.value.weekday() == following.value.weekday() == weekday
    assert 1 <= (coming.value - today).days <= 7
    monday = today - timedelta(days=today.weekday())
    assert following.value == english.value == monday + timedelta(days=7 + weekday)


@pytest.mark.parametrize(
    ("text", "code", "day"),
    [
        ("다음 주 화요일 오후 세 시", "ko", date(2026, 11, 24)),
        ("내일모레요", "ko", date(2026, 11, 24)),
        ("사흘 뒤에", "ko", date(2026, 11, 25)),
        ("이 주 후", "ko", date(2026, 12, 6)),
        ("다음 달 5일", "ko", date(2026, 12, 5)),
        ("한 달 뒤요", "ko", date(2026, 12, 22)),
        ("유월 육일", "ko", date(2027, 6, 6)),
        ("next tuesday at three pm", "en", date(2026, 11, 24)),
        ("the day after tomorrow", "en", date(2026, 11, 24)),
        ("in two weeks", "en", date(2026, 12, 6)),
        ("a week from friday", "en", date(2026, 12, 4)),
        ("next month on the fifth", "en", date(2026, 12, 5)),
        ("a month from now", "en", date(2026, 12, 22)),
        ("2026-12-24", "en", date(2026, 12, 24)),
        ("february twenty ninth", "en", date(2028, 2, 29)),
    ],
)
def test_the_ways_to_say_a_day(text: str, code: str, day: date) -> None:
    read = read_date(text, code, SUNDAY)
    assert read is not None
    assert read.value == day


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2월 30일", "ko"),
        ("삼일 전에 주문했어요", "ko"),
        ("제일 좋은 거", "ko"),
        ("may i ask", "en"),
        ("one second", "en"),
    ],
)
def test_what_is_no_date(text: str, code: str) -> None:
    assert read_date(text, code, SUNDAY) is None


def test_what_people_understand_in_two_ways_is_not_sure() -> None:
    friday = read_date("next friday", "en", WEDNESDAY)
    over = read_date("this monday", "en", WEDNESDAY)
    plain = read_date("friday next week", "en", WEDNESDAY)
    assert friday is not None and over is not None and plain is not None
    assert friday.confidence < 0.8 and over.confidence < 0.8
    assert over.value > WEDNESDAY
    assert plain.confidence > 0.9


def test_what_lies_behind_is_meant_where_the_past_is() -> None:
    read = read_date("삼월 오일", "ko", SUNDAY, past=True)
    assert read is not None
    assert read.value == date(2026, 3, 5)


def test_the_day_is_enough_where_a_date_was_asked_for() -> None:
    for text, code in (("이십오일이요", "ko"), ("the twenty fifth", "en")):
        read = read_date(text, code, SUNDAY, asked=True)
        assert read is not None
        assert read.value == WEDNESDAY
        assert read_date(text, code, SUNDAY) is None


def test_part_of_a_date_replaces_part_of_another() -> None:
    march = date(2027, 3, 5)
    for text, code, day in (
        ("5월이요", "ko", date(2027, 5, 5)),
        ("may", "en", date(2027, 5, 5)),
        ("7일", "ko", date(2027, 3, 7)),
    ):
        read = read_date(text, code, SUNDAY, instead_of=march)
        assert read is not None
        assert read.value == day
    assert read_date("2월", "ko", SUNDAY, instead_of=date(2027, 3, 31)) is None
