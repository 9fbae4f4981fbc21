from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt.batched_silero import WINDOW_SECONDS
from stt.segmenter import Segmenter, SpeechStarted, SpeechStopped


def run(segmenter: Segmenter, probabilities: list[float], level: float = -20.0) -> list[object]:
    found = [segmenter.handle(i * WINDOW_SECONDS, p, level) for i, p in enumerate(probabilities)]
    return [event for event in found if event is not None]


def test_speech_begins_with_its_first_loud_window_and_ends_with_its_last() -> None:
    events = run(Segmenter(), [0.0] * 10 + [0.9] * 20 + [0.0] * 20)
    assert events == [
        SpeechStarted(pytest.approx(10 * WINDOW_SECONDS)),
        SpeechStopped(pytest.approx(30 * WINDOW_SECONDS)),
    ]


def test_a_click_starts_nothing_and_a_breath_ends_nothing() -> None:
    assert run(Segmenter(), [0.0] * 5 + [0.95, 0.95] + [0.0] * 20) == []
    events = run(Segmenter(), [0.9] * 10 + [0.1] * 5 + [0.9] * 10)
    assert [type(event) for event in events] == [SpeechStarted]


def test_between_the_thresholds_nothing_changes() -> None:
    assert run(Segmenter(), [0.35] * 100) == []
    events = run(Segmenter(), [0.9] * 5 + [0.35] * 100)
    assert [type(event) for event in events] == [SpeechStarted]


def test_what_is_no_louder_than_the_line_itself_is_not_speech_to_us() -> None:
    segmenter = Segmenter()
    assert run(segmenter, [0.1] * 200 + [0.9] * 30, level=-30.0) == []
    later = [segmenter.handle(7.36 + i * WINDOW_SECONDS, 0.9, -15.0) for i in range(10)]
    assert any(isinstance(event, SpeechStarted) for event in later)


def test_somebody_who_speaks_before_anything_else_was_heard_is_heard() -> None:
    assert [type(event) for event in run(Segmenter(), [0.9] * 10, level=-25.0)] == [SpeechStarted]


@given(st.lists(st.floats(0, 1), max_size=200))
def test_starts_and_stops_alternate_and_a_stop_is_never_before_its_start(probabilities: list[float]) -> None:
    events = run(Segmenter(), probabilities)
    kinds = [type(event) for event in events]
    assert kinds == [SpeechStarted, SpeechStopped] * (len(kinds) // 2) + [SpeechStarted] * (len(kinds) % 2)
    times = [event.at for event in events]
    assert times == sorted(times)


@pytest.mark.parametrize(("start", "stop"), [(0.3, 0.5), (1.2, 0.1), (0.5, -0.1)])
def test_thresholds_that_contradict_each_other_are_refused(start: float, stop: float) -> None:
    with pytest.raises(ValueError, match="thresholds"):
        Segmenter(start=start, stop=stop)
