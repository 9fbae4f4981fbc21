from __future__ import annotations

import numpy as np
import pytest

from gateway.session.echo import ECHO, NO_ECHO, EchoWatch
from infra.audio import Resampler, mulaw_decode, mulaw_encode, read_wav
from tests.house import EXAMPLE

RATE = 8000
CALLS = sorted((EXAMPLE / "calls").glob("*.wav"))


def sound(index: int) -> np.ndarray:
    pcm, rate = read_wav(CALLS[index])
    return np.frombuffer(Resampler(rate, RATE).process(pcm), "<i2").astype(float)


def compared(ours: np.ndarray, theirs: np.ndarray, learnt: float = 0.0) -> list[float]:
    """``learnt`` is by how much the caller's clock proves to be off against ours within a second and a half."""
    watch = EchoWatch(RATE)
    likeness = []
    for index in range(min(len(ours), len(theirs)) // 160):
        now, piece = index * 0.02, slice(index * 160, index * 160 + 160)
        moment = 1_000.0 + now + learnt * max(0.0, 1.5 - now)
        watch.sent(np.clip(ours[piece], -32768, 32767).astype("<i2").tobytes(), 1_000.0 + now)
        watch.came(np.clip(theirs[piece], -32768, 32767).astype("<i2").tobytes(), now)
        if index > 40 and index % 5 == 0:
            likeness.append(watch.likeness(now, moment))
    return likeness


@pytest.mark.parametrize("learnt", [0.0, 0.25])
@pytest.mark.parametrize("delay", [0.06, 0.213, 0.5])
def test_our_voice_through_a_line_is_like_our_voice(delay: float, learnt: float) -> None:
    ours = sound(0)
    line = np.exp(-np.arange(64) / 12) * np.random.default_rng(1).normal(size=64)
    back = 0.15 * np.convolve(ours, line / np.linalg.norm(line))[: len(ours)]
    delayed = np.concatenate((np.zeros(int(delay * RATE)), back))
    over_the_wire = np.frombuffer(mulaw_decode(mulaw_encode(delayed.astype("<i2").tobytes())), "<i2")
    found = compared(ours, over_the_wire.astype(float), learnt)
    assert np.quantile(found, 0.05) >= ECHO


def test_another_voice_is_not() -> None:
    found = compared(sound(0), sound(3))
    assert np.median(found) < NO_ECHO


def test_silence_is_like_nothing() -> None:
    assert set(compared(sound(0), np.zeros(RATE * 2))) == {0.0}
    assert set(compared(np.zeros(RATE * 2), sound(0))) == {0.0}


def test_what_passed_long_ago_is_forgotten() -> None:
    watch = EchoWatch(RATE)
    for index in range(10_000):
        watch.sent(b"\x01\x02" * 160, index * 0.02)
        watch.came(b"\x01\x02" * 160, index * 0.02)
    assert len(watch._sent) < 100
    assert len(watch._came) < 100
