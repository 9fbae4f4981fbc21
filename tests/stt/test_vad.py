from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from infra.audio import AudioFrame, Resampler, read_wav, silence
from infra.telemetry.metrics import metrics
from stt import vad
from stt.batched_silero import NARROW, Ear, Floats

DROPPED = "aicc_vad_dropped_windows_total"
CALLS = Path(__file__).parents[2] / "examples/hanbit-store/calls"


def frames(pcm: bytes, rate: int, at: float = 0.0) -> list[AudioFrame]:
    size = rate // 50 * 2
    return [AudioFrame(pcm[i : i + size], rate, at + i / 2 / rate) for i in range(0, len(pcm) - size + 1, size)]


class Fake:
    """A model that says of a window how loud its first sample is, and counts; it waits until it may go on."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.go.set()
        self.runs: list[int] = []

    def judge_streams(self, ear: Ear, samples: Floats, states: Floats) -> tuple[Floats, Floats]:
        self.go.wait(10)
        self.runs.append(len(samples))
        return samples[:, ear.before] / np.float32(1000), states + 1


@asynccontextmanager
async def running(model: vad.Model, **options: int) -> AsyncIterator[vad.VoiceActivity]:
    service = vad.VoiceActivity(model, **options)
    try:
        yield service
    finally:
        await service.close()


async def until(condition: object) -> None:
    async with asyncio.timeout(10):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.002)


class Judged(list[tuple[float, float, float]]):
    """What a stream was told."""

    def take(self, at: float, probability: float, level: float) -> None:
        self.append((at, probability, level))

    @property
    def times(self) -> list[float]:
        return [at for at, _, _ in self]


@pytest.mark.parametrize("rate", [8000, 16000, 24000, 48000])
async def test_every_window_is_judged_once_in_order_at_its_media_time(rate: int) -> None:
    found = Judged()
    async with running(vad.SileroModel()) as activity:
        stream = activity.open(rate, found.take)
        for frame in frames(silence(rate, 1.0), rate, at=5.0):
            stream.feed(frame)
        await until(lambda: len(found) >= 30)
    assert found.times == pytest.approx([5.0 + i * vad.WINDOW_SECONDS for i in range(len(found))])
    assert max(probability for _, probability, _ in found) < 0.2
    assert max(level for _, _, level in found) < -90


@pytest.mark.parametrize("rate", [8000, 16000])
async def test_a_voice_is_told_from_silence(rate: int) -> None:
    pcm, from_rate = read_wav(CALLS / "where-is-my-order.wav")
    found = Judged()
    async with running(vad.SileroModel()) as activity:
        stream = activity.open(rate, found.take)
        for frame in frames(silence(rate, 0.5) + Resampler(from_rate, rate).process(pcm), rate):
            stream.feed(frame)
        await until(lambda: len(found) > 40)
    assert max(probability for at, probability, _ in found if at < 0.4) < 0.3
    assert max(probability for at, probability, _ in found if at > 0.5) > 0.9
    assert max(level for _, _, level in found) > -30


async def test_windows_that_wait_together_share_a_run_and_each_stream_keeps_its_order() -> None:
    model = Fake()
    model.go.clear()
    told: list[tuple[str, float, float]] = []
    async with running(model) as activity:
        first = activity.open(16000, lambda *_: None)
        first.feed(AudioFrame(bytes(2 * 512), 16000, 0.0))  # keeps the model busy while the others gather
        streams = {
            name: activity.open(8000, lambda at, p, _, name=name: told.append((name, at, p)))  # type: ignore[misc]
            for name in "abc"
        }
        for number, (name, stream) in enumerate(streams.items()):
            loud = np.repeat(np.arange(1, 4) + 10 * number, 256).astype("<i2").tobytes()
            stream.feed(AudioFrame(loud + bytes(2 * NARROW.after), 8000, 0.0))
            assert name in streams
        model.go.set()
        await until(lambda: len(told) == 9)
    assert model.runs == [1, 3, 3, 3]
    assert [name for name, _, _ in told] == list("abcabcabc")
    for number, name in enumerate("abc"):
        assert [p for who, _, p in told if who == name] == pytest.approx([(10 * number + i) / 1000 for i in (1, 2, 3)])
        assert [at for who, at, _ in told if who == name] == pytest.approx([0.0, 0.032, 0.064])


async def test_streams_of_different_rates_go_through_different_runs() -> None:
    stream = {rate: vad.VadStream(None, rate, lambda *_: None) for rate in (8000, 16000, 48000)}  # type: ignore[arg-type]
    order = [stream[16000], stream[8000], stream[48000], stream[16000]]
    runs = vad.rounds(vad.Waiting(one, float(number), b"") for number, one in enumerate(order))
    assert [[window.at for window in run] for run in runs] == [[0.0, 2.0], [1.0], [3.0]]


async def test_a_stream_that_closes_in_mid_run_hears_nothing_of_it_and_the_others_do() -> None:
    model = Fake()
    model.go.clear()
    one, other = Judged(), Judged()
    async with running(model) as activity:
        leaving, staying = activity.open(16000, one.take), activity.open(16000, other.take)
        for stream in (leaving, staying):
            stream.feed(AudioFrame(bytes(2 * 512 * 3), 16000, 0.0))
        leaving.close()
        model.go.set()
        await until(lambda: len(other) == 3)
    assert one == []
    assert other.times == pytest.approx([0.0, 0.032, 0.064])


async def test_a_closed_stream_queues_nothing() -> None:
    model, found = Fake(), Judged()
    async with running(model) as activity:
        stream, other = activity.open(16000, found.take), Judged()
        stream.close()
        stream.feed(AudioFrame(bytes(2 * 5120), 16000, 0.0))
        activity.open(16000, other.take).feed(AudioFrame(bytes(2 * 512), 16000, 0.0))
        await until(lambda: len(other) == 1)
    assert found == []
    assert model.runs == [1]


async def test_when_the_model_falls_behind_the_oldest_windows_are_dropped_and_counted() -> None:
    model, found = Fake(), Judged()
    model.go.clear()
    before = metrics.value(DROPPED)
    async with running(model, most_waiting=10) as activity:
        stream = activity.open(16000, found.take)
        stream.feed(AudioFrame(bytes(2 * 512), 16000, 0.0))
        await until(lambda: activity.waiting == 0)
        stream.feed(AudioFrame(bytes(2 * 512 * 30), 16000, 0.032))
        model.go.set()
        await until(lambda: len(found) == 11)
    assert metrics.value(DROPPED) - before == 20
    assert found.times == pytest.approx([0.0, *(0.032 * i for i in range(21, 31))])


async def test_after_long_silence_the_model_begins_anew() -> None:
    memory = vad.Memory()
    quiet, after = 0.05, np.ones(256, np.float32)
    for _ in range(int(vad.FORGET_AFTER / vad.WINDOW_SECONDS) - 1):
        memory.take(after, quiet)
    assert memory.state.all()
    memory.take(after, 0.9)
    memory.take(after, quiet)
    assert memory.state.all()
    for _ in range(int(vad.FORGET_AFTER / vad.WINDOW_SECONDS) + 1):
        memory.take(after, quiet)
        if not memory.state.any():
            return
    pytest.fail("nothing was forgotten")


async def test_the_thread_ends_with_the_service_even_when_windows_wait() -> None:
    before = threading.active_count()
    async with running(Fake()) as activity:
        activity.open(16000, lambda *_: None).feed(AudioFrame(bytes(2 * 51200), 16000, 0.0))
    assert threading.active_count() <= before + 1  # the loop keeps the thread in which it waited
    assert not any(thread.name == "voice-activity" for thread in threading.enumerate())


@pytest.mark.parametrize(("took", "seconds"), [(0.0002, vad.TICK), (0.0015, 0.024), (0.1, vad.LONGEST_TICK)])
def test_the_dearer_a_run_the_more_windows_share_the_next(took: float, seconds: float) -> None:
    assert vad.gathering(took) == pytest.approx(seconds)
