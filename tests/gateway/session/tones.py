"""Tones for tests."""

from __future__ import annotations

import numpy as np


def key_tone(row: float, column: float, seconds: float, rate: int = 8_000, level: float = 5_000) -> np.ndarray:
    """Both tones of a key, each of this level; 0 Hz is none."""
    at = np.arange(round(seconds * rate)) / rate
    return level * (np.sin(2 * np.pi * row * at) + np.sin(2 * np.pi * column * at))
