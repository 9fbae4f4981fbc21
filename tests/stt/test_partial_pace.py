from __future__ import annotations

import pytest

from stt.partial_pace import PAUSE, SHARE, PartialPace

PERIOD = 0.6


def asked(pace: PartialPace, seconds: float, step: float = 0.1) -> list[float]:
    """At how much speech it was due, in speech without a pause."""
    return [round(n * step, 1) for n in range(1, round(seconds / step) + 1) if pace.due(n * step + n * 1e-6, 0.0)]


def test_a_partial_is_due_after_each_period_of_speech() -> None:
    assert asked(PartialPace(PERIOD), 2.0) == [0.6, 1.2, 1.8]


def test_silence_asks_for_nothing_but_the_pause_after_speech_does_once() -> None:
    pace = PartialPace(PERIOD)
    assert not pace.due(0.0, 5.0)
    assert not pace.due(0.3, PAUSE / 2)
    assert pace.due(0.3, PAUSE)
    assert not pace.due(0.3, 2 * PAUSE)
    assert not pace.due(0.35, PAUSE), "a click is not worth one"


@pytest.mark.parametrize(("share", "expected"), [(0.9, [0.6, 1.2, 1.8]), (1.1, [1.2, 2.4]), (2.1, [1.8, 3.6])])
def test_who_takes_too_long_is_asked_less_often(share: float, expected: list[float]) -> None:
    pace = PartialPace(PERIOD)
    pace.took(share * SHARE * PERIOD)
    assert asked(pace, expected[-1]) == expected


def test_while_behind_a_pause_is_not_worth_a_partial_and_catching_up_ends_it() -> None:
    pace = PartialPace(PERIOD)
    pace.took(10.0)
    assert not pace.due(0.5, PAUSE)
    pace.took(0.01)
    assert pace.due(0.5, PAUSE)
