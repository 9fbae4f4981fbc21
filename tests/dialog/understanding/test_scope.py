"""In scope or not, out of signals."""

from __future__ import annotations

import numpy as np
import pytest

from dialog.understanding.scope import Scope, signals


def test_signals_tell_a_text_of_ours_from_one_of_others() -> None:
    scores = np.array([[5.0, 0.0, -1.0], [0.4, 0.3, 2.0]])
    near = np.array([[0.9, 0.2], [0.2, 0.8]])
    central = np.array([[0.8, 0.1, 0.1], [0.3, 0.2, 0.7]])
    ours, others = signals(scores, near, central)
    assert (ours > others).all()


def test_without_off_topic_examples_every_signal_counts_the_same() -> None:
    inside = np.random.default_rng(1).normal(size=(50, 7))
    scope = Scope.fit(inside, np.empty((0, 7)))
    usual = scope.probability(inside.mean(axis=0))
    assert usual > 0.8
    moved = [scope.probability(inside.mean(axis=0) - inside.std(axis=0) * np.eye(7)[at]) for at in range(7)]
    assert moved == pytest.approx([moved[0]] * 7)
    assert moved[0] < usual


def test_off_topic_examples_draw_the_line_between_both_sides() -> None:
    draw = np.random.default_rng(1)
    inside, outside = draw.normal(1.0, 1.0, size=(200, 7)), draw.normal(-1.0, 1.0, size=(20, 7))
    scope = Scope.fit(inside, outside)
    assert scope.probability(np.full(7, 1.0)) > 0.9
    assert scope.probability(np.full(7, -1.0)) < 0.1
    assert 0.2 < scope.probability(np.zeros(7)) < 0.8


def test_few_examples_that_are_told_apart_without_a_rest_do_not_run_away() -> None:
    inside, outside = np.full((30, 7), 1.0) + np.arange(7) / 10, np.full((5, 7), -9.0)
    scope = Scope.fit(inside, outside)
    assert 0.5 < scope.probability(inside[0]) <= 1.0
    assert np.isfinite(scope.slopes).all()
