from __future__ import annotations

import numpy as np
import pytest

from stt.cepstral_mean import GUESS, HELD_FRAMES, MEMORY_FRAMES, CepstralMean
from stt.frontend import CEPSTRA, Floats

ROOM = np.linspace(-20, 30, CEPSTRA)


def frames(count: int, centre: np.ndarray = ROOM, seed: int = 0) -> Floats:
    return (centre + np.random.default_rng(seed).normal(0, 3, (count, CEPSTRA))).astype(np.float32)


def test_it_begins_with_the_guess_and_comes_to_the_true_mean() -> None:
    mean = CepstralMean()
    np.testing.assert_allclose(mean.mean, GUESS, rtol=1e-6)
    off = []
    for second in range(20):
        mean.process(frames(100, seed=second))
        off.append(float(np.abs(mean.mean - ROOM).max()))
    assert off[0] < np.abs(np.array(GUESS) - ROOM).max() / 5
    assert off[-1] < 0.5
    normalized = mean.process(frames(500, seed=99))
    np.testing.assert_allclose(normalized.mean(axis=0), 0, atol=0.6)


def test_the_first_third_of_a_second_is_held_back_and_then_nothing() -> None:
    mean = CepstralMean()
    sound = frames(HELD_FRAMES + 5)
    assert mean.process(sound[: HELD_FRAMES - 1]).shape == (0, CEPSTRA)
    assert mean.process(sound[HELD_FRAMES - 1 : HELD_FRAMES]).shape == (HELD_FRAMES, CEPSTRA)
    assert mean.process(sound[HELD_FRAMES:]).shape == (5, CEPSTRA)
    assert mean.flush().shape == (0, CEPSTRA)


def test_what_was_held_back_is_judged_by_all_of_it() -> None:
    sound = frames(HELD_FRAMES)
    mean = CepstralMean()
    mean.process(sound[:10])
    late = mean.process(sound[10:])
    np.testing.assert_allclose(late, sound - mean.mean, rtol=1e-5)


def test_what_comes_later_changes_nothing_that_is_out() -> None:
    one, other = CepstralMean(), CepstralMean()
    for mean in (one, other):
        mean.process(frames(HELD_FRAMES))
    outputs = [mean.process(frames(10, seed=1)) for mean in (one, other)]
    one.process(frames(10, seed=2))
    other.process(frames(10, ROOM + 50, seed=3))
    np.testing.assert_array_equal(*outputs)
    assert np.abs(one.mean - other.mean).max() > 1


def test_a_short_first_utterance_gets_out_with_the_flush() -> None:
    mean = CepstralMean()
    mean.process(frames(12))
    assert mean.flush().shape == (12, CEPSTRA)
    assert mean.flush().shape == (0, CEPSTRA)
    assert mean.process(frames(3)).shape == (3, CEPSTRA)


@pytest.mark.parametrize("empty", [0, 1])
def test_where_nothing_was_heard_the_beginning_is_not_over(empty: int) -> None:
    mean = CepstralMean()
    for _ in range(empty):
        assert mean.process(frames(0)).shape == (0, CEPSTRA)
    assert mean.flush().shape == (0, CEPSTRA)
    assert mean.process(frames(5)).shape == (0, CEPSTRA)
    np.testing.assert_array_less(0, np.abs(mean.mean - np.array(GUESS)).max())


def test_another_room_is_learned_within_some_seconds_of_speech() -> None:
    mean = CepstralMean()
    for second in range(200):
        mean.process(frames(100, seed=second))
    for second in range(3 * MEMORY_FRAMES // 100):
        mean.process(frames(100, ROOM + 20, seed=second))
    assert np.abs(mean.mean - (ROOM + 20)).max() < 2
