"""The callers' sound, made before the load begins: frames of 20 ms mu-law in base64, as they go out.

An utterance is cut to its loud part, so that "the end of the caller's speech" is a moment and not a fading tail.

Refuses: anything that would cost time while calls are running.
"""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gateway.commands.audio import read_audio
from infra.audio import FRAME_SECONDS, Resampler, mulaw_decode, mulaw_encode

RATE = 8000
FRAME = round(RATE * FRAME_SECONDS)
WITHIN = 25.0
"""dB below its loudest frame that a frame of an utterance may be to count as speech."""

NOISE = -60.0
"""dB of full scale: a quiet line is not digital silence."""

AUDIBLE = 500
"""The peak (of 32767) from which a frame can be heard."""


def frames(pcm: bytes) -> list[bytes]:
    """8 kHz PCM as base64 frames; the last one is filled up with silence."""
    code = mulaw_encode(pcm)
    code += b"\xff" * (-len(code) % FRAME)
    return [b64encode(code[at : at + FRAME]) for at in range(0, len(code), FRAME)]


def utterance(path: Path) -> list[bytes]:
    """A recording's frames from its first to its last loud one. Raises ``AudioUnreadable``."""
    pcm, rate = read_audio(path)
    if rate != RATE:
        resampler = Resampler(rate, RATE)
        pcm = resampler.process(pcm) + resampler.flush()
    return frames(trim(np.frombuffer(pcm, "<i2")).tobytes())


def trim(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """The stretch from the first to the last frame that is within ``WITHIN`` dB of the loudest."""
    whole = len(samples) // FRAME * FRAME
    power = np.mean(samples[:whole].astype(np.float64).reshape(-1, FRAME) ** 2, axis=1)
    loud = np.flatnonzero(power >= power.max() * 10 ** (-WITHIN / 10))
    return samples[loud[0] * FRAME : (loud[-1] + 1) * FRAME]


def noise_bed(seconds: float = 5.0) -> list[bytes]:
    """The line's quiet noise, the same in each run."""
    amplitude = 10 ** (NOISE / 20) * 32767
    noise = np.random.default_rng(1).normal(0, amplitude, round(seconds * RATE))
    return frames(noise.astype("<i2").tobytes())


def audible(code: bytes) -> bool:
    """Whether there is a sound in mu-law that a caller would hear."""
    return bool(np.abs(np.frombuffer(mulaw_decode(code), "<i2").astype(np.int32)).max(initial=0) >= AUDIBLE)
