from __future__ import annotations

import numpy as np
import pytest

from infra.audio import Resampler
from stt.batched_silero import CONTEXT, FULL_SCALE, NARROW, WIDE, WINDOW, Ear, UnknownNetwork, batched, to_wide
from stt.onnx_wire import weights
from stt.silero import bundled_model


@pytest.mark.parametrize("ear", [NARROW, WIDE])
def test_a_window_is_32_ms_whatever_the_rate(ear: Ear) -> None:
    assert ear.step / ear.rate == 0.032
    assert to_wide(ear).shape == (ear.width, CONTEXT + WINDOW)


def test_wide_sound_is_taken_as_it_is() -> None:
    samples = np.arange(WIDE.width, dtype=np.float32)
    assert samples @ to_wide(WIDE) == pytest.approx(samples / FULL_SCALE)


@pytest.mark.parametrize("hertz", [100, 440, 1000, 3000, 3400])
def test_a_tone_on_a_narrow_line_is_the_same_tone_twice_as_dense(hertz: int) -> None:
    narrow = 8000 * np.sin(2 * np.pi * hertz * (np.arange(NARROW.width) - 23) / 8000)
    wide = 8000 * np.sin(2 * np.pi * hertz * np.arange(CONTEXT + WINDOW) / 16000)
    assert narrow.astype(np.float32) @ to_wide(NARROW) * FULL_SCALE == pytest.approx(wide, abs=40)


def test_it_agrees_with_the_resampler_of_the_house() -> None:
    noise = np.random.default_rng(1).normal(0, 3000, NARROW.width).astype("<i2")
    resampler = Resampler(8000, 16000)
    theirs = np.frombuffer(resampler.process(noise.tobytes()) + resampler.flush(), "<i2")[2 * (24 + 23) :]
    ours = noise.astype(np.float32) @ to_wide(NARROW) * FULL_SCALE
    assert np.corrcoef(ours, theirs[: len(ours)])[0, 1] > 0.99


@pytest.mark.parametrize("change", ["missing", "another shape"])
def test_weights_of_another_network_are_refused(change: str) -> None:
    known = weights(bundled_model().read_bytes())
    name = "encoder.feature_extractor.forward_basis_buffer"
    if change == "missing":
        del known[name]
    else:
        known[name] = np.zeros((514, 1, 512), np.float32)
    with pytest.raises(UnknownNetwork, match="other weights than expected"):
        batched(known, NARROW)
