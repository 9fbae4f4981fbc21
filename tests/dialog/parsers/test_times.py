"""Times of day, both languages."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.parsers.times import read_time
from tests.dialog.parsers.spoken_forms import UNHURRIED, english_time, korean_time

TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@UNHURRIED
@given(TIMES, st.sampled_from(["", " "]))
def test_korean_times_come_back(at: time, gap: str) -> None:
    read = read_time(f"내일 {korean_time(at, gap)}에요", "ko")
    assert read is not None
    assert read.value == at
    assert read.confidence > 0.9


@UNHURRIED
@given(TIMES)
def test_english_times_come_back(at: time) -> None:
    read = read_time(f"tomorrow at {english_time(at)} please", "en")
    assert read is not None
    assert read.value == at
    assert read.confidence > 0.9


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("오후 세 시 반", "ko", time(15, 30)),
        ("오후 다섯 시 십 분 전", "ko", time(16, 50)),
        ("십오 시 이십 분", "ko", time(15, 20)),
        ("정오에요", "ko", time(12)),
        ("밤 열두 시", "ko", time(0)),
        ("밤 열 시", "ko", time(22)),
        ("낮 열두 시", "ko", time(12)),
        ("새벽 두 시", "ko", time(2)),
        ("half past three in the afternoon", "en", time(15, 30)),
        ("quarter to five pm", "en", time(16, 45)),
        ("3:30 p.m.", "en", time(15, 30)),
        ("15:00", "en", time(15)),
        ("ten a m", "en", time(10)),
        ("noon", "en", time(12)),
        ("eight in the evening", "en", time(20)),
    ],
)
def test_the_ways_to_say_a_time(text: str, code: str, at: time) -> None:
    read = read_time(text, code)
    assert read is not None
    assert (read.value, read.confidence > 0.9) == (at, True)


@pytest.mark.parametrize(
    ("text", "code", "at"), [("네 시요", "ko", time(16)), ("열한 시", "ko", time(11)), ("at four", "en", time(16))]
)
def test_without_the_half_of_the_day_shops_hours_are_meant_but_not_surely(text: str, code: str, at: time) -> None:
    read = read_time(text, code)
    assert read is not None
    assert read.value == at
    assert read.confidence < 0.8


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("다시 말씀해 주세요", "ko"),
        ("두 시간 뒤에", "ko"),
        ("오시면 됩니다", "ko"),
        ("march third", "en"),
        ("two people", "en"),
    ],
)
def test_what_is_no_time(text: str, code: str) -> None:
    assert read_time(text, code) is None
