from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.audio import AudioFrame
from stt import vad


def run(segmenter: vad.Segmenter, probabilities: list[float], level: float = -20.0) -> list[object]:
    found = [segmenter.handle(i * vad.WINDOW_SECONDS, p, level) for i, p in enumerate(probabilities)]
    return [event for event in found if event is not None]


def test_speech_begins_with_its_first_loud_window_and_ends_with_its_last() -> None:
    events = run(vad.Segmenter(), [0.0] * 10 + [0.9] * 20 + [0.0] * 20)
    assert events == [
        vad.SpeechStarted(pytest.approx(10 * vad.WINDOW_SECONDS)),
        vad.SpeechStopped(pytest.approx(30 * vad.WINDOW_SECONDS)),
    ]


def test_a_click_starts_nothing_and_a_breath_ends_nothing() -> None:
    assert run(vad.Segmenter(), [0.0] * 5 + [0.95, 0.95] + [0.0] * 20) == []
    events = run(vad.Segmenter(), [0.9] * 10 + [0.1] * 5 + [0.9] * 10)
    assert [type(event) for event in events] == [vad.SpeechStarted]


def test_between_the_thresholds_nothing_changes() -> None:
    assert run(vad.Segmenter(), [0.35] * 100) == []
    events = run(vad.Segmenter(), [0.9] * 5 + [0.35] * 100)
    assert [type(event) for event in events] == [vad.SpeechStarted]


def test_what_is_no_louder_than_the_line_itself_is_not_speech_to_us() -> None:
    segmenter = vad.Segmenter()
    assert run(segmenter, [0.1] * 200 + [0.9] * 30, level=-30.0) == []
    later = [segmenter.handle(7.36 + i * vad.WINDOW_SECONDS, 0.9, -15.0) for i in range(10)]
    assert any(isinstance(event, vad.SpeechStarted) for event in later)


def test_somebody_who_speaks_before_anything_else_was_heard_is_heard() -> None:
    assert [type(event) for event in run(vad.Segmenter(), [0.9] * 10, level=-25.0)] == [vad.SpeechStarted]


@given(st.lists(st.floats(0, 1), max_size=200))
def test_starts_and_stops_alternate_and_a_stop_is_never_before_its_start(probabilities: list[float]) -> None:
    events = run(vad.Segmenter(), probabilities)
    kinds = [type(event) for event in events]
    assert kinds == [vad.SpeechStarted, vad.SpeechStopped] * (len(kinds) // 2) + [vad.SpeechStarted] * (len(kinds) % 2)
    times = [event.at for event in events]
    assert times == sorted(times)


@pytest.mark.parametrize(("start", "stop"), [(0.3, 0.5), (1.2, 0.1), (0.5, -0.1)])
def test_thresholds_that_contradict_each_other_are_refused(start: float, stop: float) -> None:
    with pytest.raises(ValueError, match="thresholds"):
        vad.Segmenter(start=start, stop=stop)


@pytest.fixture
async def activity() -> AsyncIterator[vad.VoiceActivity]:
    service = vad.VoiceActivity(vad.SileroModel())
    yield service
    await service.close()


def frames(pcm: bytes, rate: int) -> list[AudioFrame]:
    size = rate // 50 * 2
    return [AudioFrame(pcm[i : i + size], rate, i / 2 / rate) for i in range(0, len(pcm) - size + 1, size)]


@pytest.mark.parametrize("rate", [8000, 16000])
async def test_the_model_is_sure_of_silence_and_every_window_is_judged_once_in_order(
    activity: vad.VoiceActivity, rate: int
) -> None:
    judged: list[tuple[float, float]] = []
    done = asyncio.Event()

    def take(at: float, probability: float, level: float) -> None:
        judged.append((at, probability))
        if len(judged) == 31:
            done.set()

    stream = activity.open(rate, take)
    for frame in frames(b"\0\0" * rate, rate):
        stream.feed(frame)
    async with asyncio.timeout(10):
        await done.wait()
    assert [at for at, _ in judged] == pytest.approx([i * vad.WINDOW_SECONDS for i in range(31)])
    assert max(probability for _, probability in judged) < 0.2


class Slow:
    """A model that waits until it may go on."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.windows = 0

    def judge(self, windows, h, c):  # type: ignore[no-untyped-def]
        self.go.wait(10)
        self.windows += len(windows)
        return np.zeros(len(windows), np.float32), h, c


async def test_when_the_model_falls_behind_the_oldest_windows_are_dropped_and_counted() -> None:
    model = Slow()
    service = vad.VoiceActivity(model, most_waiting=10)  # type: ignore[arg-type]
    before = vad._DROPPED._value.get()
    stream = service.open(16000, lambda at, probability, level: None)
    for frame in frames(b"\0\0" * 16000 * 2, 16000):
        stream.feed(frame)
    dropped = vad._DROPPED._value.get() - before
    assert dropped >= 2 * 16000 // 512 - 10 - 62
    assert dropped > 0
    model.go.set()
    await service.close()


async def test_a_closed_stream_hears_nothing_more(activity: vad.VoiceActivity) -> None:
    judged: list[float] = []
    stream = activity.open(16000, lambda at, probability, level: judged.append(at))
    stream.close()
    for frame in frames(b"\0\0" * 16000, 16000):
        stream.feed(frame)
    await asyncio.sleep(0)
    assert judged == []
