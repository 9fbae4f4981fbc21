"""Sounds that tests of hearing make for themselves."""

from __future__ import annotations

import numpy as np


def speechlike(seconds: float, rate: int = 16000, seed: int = 1) -> bytes:
    """A buzz of moving pitch and colour in syllables, over a little noise; 16-bit samples."""
    draw = np.random.default_rng(seed)
    t = np.arange(round(rate * seconds)) / rate
    phase = 2 * np.pi * np.cumsum(120 + 20 * np.sin(2 * np.pi * 1.3 * t)) / rate
    voice = sum(np.sin(k * phase) / k * (1 + np.cos(2 * np.pi * (0.7 + k / 9) * t)) for k in range(1, rate // 320))
    sound = 2500 * voice * np.clip(np.sin(2 * np.pi * 2.1 * t), 0, None) + draw.normal(0, 60, len(t))
    return np.clip(np.rint(sound), -32768, 32767).astype("<i2").tobytes()


def tone(hertz: float, seconds: float, rate: int = 16000, peak: float = 8000) -> bytes:
    """A pure tone; 16-bit samples."""
    t = np.arange(round(rate * seconds)) / rate
    return np.rint(peak * np.sin(2 * np.pi * hertz * t)).astype("<i2").tobytes()


def pieces(pcm: bytes, sizes: list[int]) -> list[bytes]:
    """The samples cut into pieces of these many, over and over."""
    cut, position, number = [], 0, 0
    while position < len(pcm):
        size = 2 * sizes[number % len(sizes)]
        cut.append(pcm[position : position + size])
        position, number = position + size, number + 1
    return cut
