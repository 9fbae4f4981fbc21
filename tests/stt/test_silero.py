from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from infra.audio import Resampler, read_wav
from stt.batched_silero import CONTEXT, FULL_SCALE, NARROW, STATE, WIDE, WINDOW, Ear, Floats, to_wide
from stt.silero import SileroModel, bundled_model, fresh_state

CALLS = Path(__file__).parents[2] / "examples/hanbit-store/calls"


@pytest.fixture(scope="module")
def model() -> SileroModel:
    return SileroModel()


def recorded(name: str, ear: Ear, windows: int) -> Floats:
    """``windows`` windows of a recorded caller, [windows, ear.width]."""
    pcm, rate = read_wav(CALLS / name)
    resampler = Resampler(rate, ear.rate)
    samples = np.frombuffer(resampler.process(pcm), "<i2").astype(np.float32)
    return np.stack([samples[i * ear.step : i * ear.step + ear.width] for i in range(windows)])


def alone(model: SileroModel, ear: Ear, windows: Floats) -> list[float]:
    """One stream through the original network."""
    return list(map(float, model.judge(windows @ to_wide(ear), *fresh_state())[0]))


@pytest.mark.parametrize("ear", [NARROW, WIDE])
def test_streams_judged_together_are_judged_as_each_alone(model: SileroModel, ear: Ear) -> None:
    streams = [
        recorded("where-is-my-order.wav", ear, 30),
        recorded("refund-time.wav", ear, 30),
        np.random.default_rng(0).normal(0, 1000, (30, ear.width)).astype(np.float32),
        np.zeros((30, ear.width), np.float32),
    ]
    states = np.zeros((len(streams), STATE), np.float32)
    together = []
    for windows in zip(*streams, strict=True):
        speech, states = model.judge_streams(ear, np.stack(windows), states)
        together.append(speech)
    assert model.batches(ear)
    assert max(map(max, together)) > 0.9
    for number, stream in enumerate(streams):
        assert [speech[number] for speech in together] == pytest.approx(alone(model, ear, stream), abs=1e-3)


def test_a_stream_alone_may_give_all_its_windows_at_once(model: SileroModel) -> None:
    windows = recorded("where-is-my-order.wav", WIDE, 20) / np.float32(FULL_SCALE)
    assert windows.shape == (20, CONTEXT + WINDOW)
    whole, *state = model.judge(windows, *fresh_state())
    first, *between = model.judge(windows[:7], *fresh_state())
    then, *after = model.judge(windows[7:], *between)
    assert [*first, *then] == pytest.approx(whole.tolist(), abs=1e-5)
    assert after[0] == pytest.approx(state[0], abs=1e-5)


@pytest.mark.parametrize(
    ("known", "other", "says"),
    [
        (b"encoder.conv_layers.0.weight", b"encoder.conv_layers.0.WEIGHT", "other weights than expected"),
        (b"Relu", b"Tanh", "other results than alone"),
    ],
)
def test_another_model_is_judged_stream_after_stream_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, known: bytes, other: bytes, says: str
) -> None:
    path = tmp_path / "other.onnx"
    path.write_bytes(bundled_model().read_bytes().replace(known, other))
    model = SileroModel(path)
    caplog.set_level(logging.WARNING)
    streams = [recorded("where-is-my-order.wav", NARROW, 10), recorded("refund-time.wav", NARROW, 10)]
    states = np.zeros((2, STATE), np.float32)
    for number in range(10):
        speech, states = model.judge_streams(NARROW, np.stack([stream[number] for stream in streams]), states)
    assert not model.batches(NARROW)
    assert len(caplog.records) == 1
    assert says in caplog.text
    assert "costs more" in caplog.text
    assert speech.tolist() == pytest.approx([alone(model, NARROW, stream)[-1] for stream in streams], abs=1e-6)
