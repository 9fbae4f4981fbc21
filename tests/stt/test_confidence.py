from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt.confidence import Calibration, fit, read, utterance_confidence
from stt.errors import RecognizerUnavailable


def test_between_its_points_a_calibration_is_straight_and_outside_it_is_flat() -> None:
    calibration = Calibration((0.2, 0.6), (0.1, 0.9))
    assert calibration(0.4) == pytest.approx(0.5)
    assert calibration(0.0) == calibration(0.2) == pytest.approx(0.1)
    assert calibration(1.0) == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("scores", "probabilities", "says"),
    [
        ((), (), "at least one"),
        ((0.1,), (0.1, 0.2), "as many"),
        ((0.2, 0.2), (0.1, 0.2), "must rise"),
        ((0.1, 0.2), (0.3, 0.2), "must not fall"),
    ],
)
def test_what_is_no_rising_curve_is_refused(
    scores: tuple[float, ...], probabilities: tuple[float, ...], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        Calibration(scores, probabilities)


def test_a_fit_finds_the_share_of_right_words() -> None:
    draw = np.random.default_rng(0)
    scores = draw.uniform(0, 1, 8000)
    right = draw.uniform(0, 1, 8000) < scores**2
    calibration = fit(scores.tolist(), right.tolist(), points=20)
    assert len(calibration.scores) == 20
    for score in (0.1, 0.3, 0.5, 0.7, 0.9):
        assert calibration(score) == pytest.approx(score**2, abs=0.06)


def test_neighbours_that_fall_are_pooled() -> None:
    scores = [i / 40 for i in range(40)]
    right = [True] * 10 + [False] * 10 + [True] * 20
    calibration = fit(scores, right, points=4)
    assert calibration.probabilities == pytest.approx((0.5, 0.5, 11 / 12, 11 / 12))


def test_no_point_says_never_or_always() -> None:
    calibration = fit([i / 20 for i in range(20)], [i >= 10 for i in range(20)], points=2)
    assert calibration.probabilities == pytest.approx((1 / 12, 11 / 12))


@pytest.mark.parametrize("right", [[False, True] * 8, [True] * 8 + [False] * 8, [False] * 8 + [True] * 8])
def test_words_of_one_score_make_one_point_in_whatever_order_they_came(right: list[bool]) -> None:
    calibration = fit([1.0] * 16, right)
    assert calibration.scores == (1.0,)
    assert calibration.probabilities == (0.5,)


def test_too_few_words_fit_nothing() -> None:
    with pytest.raises(ValueError, match="8 points"):
        fit([0.5] * 7, [True] * 7)
    with pytest.raises(ValueError, match="each with a score"):
        fit([0.1, 0.2, 0.3], [True, False], points=2)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=8, max_size=60))
def test_whatever_was_observed_a_better_score_is_no_worse_word(words: list[tuple[float, bool]]) -> None:
    calibration = fit([score for score, _ in words], [right for _, right in words])
    curve = [calibration(score) for score in np.linspace(0, 1, 21)]
    assert all(0 < value < 1 for value in curve)
    assert all(b >= a - 1e-9 for a, b in pairwise(curve))


def test_a_calibration_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "points.yaml"
    path.write_text("scores: [0, 0.5]\nprobabilities: [0.2, 0.8]\nmeasured: {words: 3}\n", encoding="utf-8")
    assert read(path) == Calibration((0.0, 0.5), (0.2, 0.8))
    path.write_text('{"scores": [0.0, 0.5], "probabilities": [0.2, 0.8]}', encoding="utf-8")
    assert read(path) == Calibration((0.0, 0.5), (0.2, 0.8))


@pytest.mark.parametrize("text", ["", "[1, 2]", "scores: [1]", "scores: [a]\nprobabilities: [b]", "scores: [1, "])
def test_a_damaged_calibration_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "points.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecognizerUnavailable, match="no calibration"):
        read(path)
    with pytest.raises(RecognizerUnavailable, match="install the package again"):
        read(tmp_path / "nowhere.yaml")


def test_an_utterance_is_as_sure_as_its_words_are_on_average() -> None:
    assert utterance_confidence([0.2, 0.6]) == pytest.approx(0.4)
    assert utterance_confidence([]) == 0.0
