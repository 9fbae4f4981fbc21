from __future__ import annotations

import pytest

from gateway.desk.floor.figures import QueueFigures


def test_who_left_within_the_goal_counts_neither_way() -> None:
    figures = QueueFigures(answered=1_000, answered_in_time=860, abandoned=60, abandoned_in_time=20)
    assert figures.service_level == pytest.approx(0.827, abs=0.0005)


def test_no_calls_have_no_service_level() -> None:
    assert QueueFigures().service_level is None
    assert QueueFigures(abandoned=2, abandoned_in_time=2).service_level is None
