"""Logistic regression in its dual form, against what defines it."""

from __future__ import annotations

import numpy as np
import pytest

from dialog.understanding.regression import ENOUGH, FOLDS, fit, folds, softmax, temperature


def test_the_gradient_vanishes_at_what_is_fitted() -> None:
    draw = np.random.default_rng(1)
    rows = draw.normal(size=(40, 6)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    targets = np.eye(3, dtype=np.float32)[np.arange(40) % 3]
    kernel = rows @ rows.T

    def steepness(weights: np.ndarray) -> float:
        return float(np.linalg.norm(rows.T @ (softmax(rows @ weights) - targets) + 0.1 * weights))

    assert steepness(rows.T @ fit(kernel, targets)) < 0.05 * steepness(np.zeros((6, 3)))


def test_examples_of_the_same_class_get_the_best_score() -> None:
    kernel = np.kron(np.eye(2), np.full((3, 3), 0.9)).astype(np.float32) + 0.1 * np.eye(6, dtype=np.float32)
    targets = np.repeat(np.eye(2, dtype=np.float32), 3, axis=0)
    assert ((kernel @ fit(kernel, targets)).argmax(axis=1) == [0, 0, 0, 1, 1, 1]).all()


def test_every_example_is_left_out_once_and_no_class_is_left_out_whole() -> None:
    classes = np.repeat(np.arange(4), 6)
    left = []
    for kept, out in folds(classes):
        assert set(classes[kept]) == {0, 1, 2, 3}
        assert not set(kept) & set(out)
        left += list(out)
    assert sorted(left) == list(range(24))


def test_of_very_many_examples_enough_are_left_out() -> None:
    ((kept, out),) = folds(np.zeros(FOLDS * ENOUGH, dtype=np.intp))
    assert len(out) == ENOUGH
    assert len(kept) == (FOLDS - 1) * ENOUGH


def test_a_temperature_takes_back_what_was_promised_too_surely() -> None:
    classes = np.array([0, 0, 0, 1])
    sure = np.tile(np.array([2.0, 0.0], dtype=np.float32), (4, 1))
    heat = temperature(sure, classes)
    assert softmax(sure / heat)[0, 0] == pytest.approx(0.75, abs=0.02)
