from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt.whisper_window import FULL, MARGIN, RATE, STEP, padded, window_seconds


@pytest.mark.parametrize(
    ("turn", "floor", "window"),
    [
        (0.0, 10.0, 10.0),
        (8.0, 10.0, 10.0),
        (8.1, 10.0, 12.0),
        (11.0, 10.0, 14.0),
        (8.0, 15.0, 15.0),
        (14.0, 15.0, 17.0),
        (27.0, 10.0, 30.0),
        (60.0, 10.0, 30.0),
        (1.0, 30.0, 30.0),
    ],
)
def test_the_window_has_a_floor_a_margin_and_a_ceiling(turn: float, floor: float, window: float) -> None:
    assert window_seconds(turn, floor) == window


@given(st.floats(0, 60), st.sampled_from([5.0, 10.0, 15.0, 30.0]))
def test_a_turn_is_never_trimmed_and_windows_are_few(turn: float, floor: float) -> None:
    window = window_seconds(turn, floor)
    assert floor <= window <= FULL
    assert window == FULL or window >= turn + MARGIN
    assert window == FULL or (window - floor) % STEP == 0


def test_after_the_turn_comes_silence() -> None:
    sound = np.ones(RATE, np.float32)
    window = padded(sound, 10.0)
    assert window.shape == (10 * RATE,)
    assert window.dtype == np.float32
    assert window[:RATE].all()
    assert not window[RATE:].any()
    assert len(padded(np.ones(40 * RATE, np.float32), FULL)) == FULL * RATE
