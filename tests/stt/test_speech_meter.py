from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from infra.audio import read_wav
from stt.speech_meter import SpeechMeter
from stt.vad import SileroModel
from stt.whisper_window import RATE, Samples

CALLS = Path(__file__).parents[2] / "examples/hanbit-store/calls"


@pytest.fixture(scope="module")
def voice() -> SileroModel:
    return SileroModel()


@pytest.fixture(scope="module")
def speech() -> Samples:
    pcm, rate = read_wav(CALLS / "where-is-my-order.wav")
    assert rate == RATE
    return np.frombuffer(pcm, "<i2").astype(np.float32) / 32768


def metered(voice: SileroModel, samples: Samples, chunk: int) -> SpeechMeter:
    meter = SpeechMeter(voice)
    for start in range(0, len(samples), chunk):
        meter.hear(samples[start : start + chunk])
    return meter


def test_speech_is_counted_and_silence_since_then(voice: SileroModel, speech: Samples) -> None:
    quiet = np.zeros(2 * RATE, np.float32)
    meter = metered(voice, np.concatenate((speech, quiet)), 1600)
    assert 0.4 < meter.speech <= len(speech) / RATE
    assert meter.speech <= meter.spoken_until <= len(speech) / RATE + 0.2
    assert meter.silence == pytest.approx(len(speech) / RATE + 2.0 - meter.spoken_until, abs=0.04)


def test_however_it_is_cut_the_count_is_the_same(voice: SileroModel, speech: Samples) -> None:
    counts = {
        (round(meter.speech, 3), round(meter.spoken_until, 3))
        for meter in (metered(voice, speech, chunk) for chunk in (160, 777, 1600, len(speech)))
    }
    assert len(counts) == 1


def test_nobody_speaks_in_silence(voice: SileroModel) -> None:
    meter = metered(voice, np.zeros(RATE, np.float32), 1600)
    assert (meter.speech, meter.spoken_until) == (0.0, 0.0)
    assert meter.silence == pytest.approx(1.0, abs=0.04)
    assert SpeechMeter(voice).silence == 0.0
