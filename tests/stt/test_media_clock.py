from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt.media_clock import TOLERANCE, MediaClock


def test_before_any_sound_a_position_is_its_own_time() -> None:
    clock = MediaClock()
    assert clock.heard == 0.0
    assert clock.time_of(1.5) == 1.5


def test_sound_without_a_gap_counts_from_where_it_began() -> None:
    clock = MediaClock()
    for number in range(50):
        clock.advance(10 + number * 0.02, 0.02)
    assert clock.heard == pytest.approx(1.0)
    assert clock.time_of(0.0) == pytest.approx(10.0)
    assert clock.time_of(0.73) == pytest.approx(10.73)


def test_after_a_gap_positions_have_the_later_time() -> None:
    clock = MediaClock()
    clock.advance(5.0, 1.0)
    clock.advance(9.0, 1.0)
    clock.advance(20.0, 1.0)
    assert clock.heard == pytest.approx(3.0)
    assert clock.time_of(0.5) == pytest.approx(5.5)
    assert clock.time_of(1.5) == pytest.approx(9.5)
    assert clock.time_of(2.5) == pytest.approx(20.5)


def test_jitter_is_no_gap_but_drift_is_caught_up_with() -> None:
    clock = MediaClock()
    clock.advance(0.0, 1.0)
    clock.advance(1.0 + TOLERANCE * 0.9, 1.0)
    assert clock.time_of(1.5) == pytest.approx(1.5)
    clock.advance(2.0 + TOLERANCE * 1.5, 1.0)
    assert clock.time_of(2.5) == pytest.approx(2.5 + TOLERANCE * 1.5)


def test_a_position_beyond_what_was_heard_goes_on_from_the_last_stretch() -> None:
    clock = MediaClock()
    clock.advance(0.0, 1.0)
    clock.advance(3.0, 1.0)
    assert clock.time_of(2.25) == pytest.approx(4.25)


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0.01, 2)), min_size=1, max_size=20))
def test_every_stretch_keeps_its_time_whatever_was_left_out_before_it(stretches: list[tuple[float, float]]) -> None:
    clock = MediaClock()
    at, expected = 0.0, []
    for gap, seconds in stretches:
        at += gap
        expected.append((clock.heard + seconds / 2, at + seconds / 2))
        clock.advance(at, seconds)
        at += seconds
    for position, time in expected:
        assert clock.time_of(position) == pytest.approx(time, abs=TOLERANCE + 1e-9)
