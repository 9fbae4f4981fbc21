"""Whether a stretch of sound is a keypad's tone: one of its rows' frequencies and one of its columns' (ITU-T Q.23), and
little else.

It says only that there is one, not which: where it is asked for, nobody is to know. Most of the sound has to be in the
two frequencies, so that a voice is rarely taken for a key. Of a tone that begins or ends within a frame, less than half
of the frame is missed: 10 ms, of which no receiver makes a digit (it ignores what is shorter than 23 ms, ITU-T Q.24).

Each half of the sound is looked at by itself: 10 ms are short enough to take in a frequency that is off by as much as
networks may make it (1.8 %, Q.24), and to find a tone that fills but one of the two.

Refuses: reading digits; deciding what becomes of the sound.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

ROWS = (697.0, 770.0, 852.0, 941.0)
COLUMNS = (1209.0, 1336.0, 1477.0, 1633.0)

SHARE = 0.5
"""Of the sound's power that has to be in one row and one column."""

TWIST = 16.0
"""By how much, in power, one of the two may be louder than the other: 12 dB, more than networks may make of it."""

FAINTEST = 100.0
"""Mean square of samples below which nothing is a key: -50 dB of the loudest there is."""


def is_keypad_tone(pcm: bytes, rate: int) -> bool:
    """Whether 16-bit mono sound (10 to 40 ms of it) is a keypad's tone."""
    sound = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
    half = len(sound) // 2
    power = float(sound @ sound)
    if half < rate // 200 or power < FAINTEST * len(sound):
        return False
    waves = _waves(rate, half) @ sound[: 2 * half].reshape(2, half).T
    found = (waves[:8] ** 2 + waves[8:] ** 2) * (2 / half)  # the power that each frequency would explain by itself
    row, column = float(found[:4].max(axis=0).sum()), float(found[4:].max(axis=0).sum())
    return row + column >= SHARE * power and row <= TWIST * column and column <= TWIST * row


@lru_cache(maxsize=16)
def _waves(rate: int, size: int) -> NDArray[np.float32]:
    """Eight cosines and eight sines to compare with."""
    angles = 2 * np.pi * np.outer((*ROWS, *COLUMNS), np.arange(size)) / rate
    return np.concatenate((np.cos(angles), np.sin(angles))).astype(np.float32)
