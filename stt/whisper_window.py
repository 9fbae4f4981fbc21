"""How much sound Whisper's encoder gets for a turn.

Whisper was trained on 30 s of sound, and most of a telephone turn's 30 s would be silence: the encoder's cost falls
faster than its window. Windows that end with the speech, on the other hand, are known to cost accuracy, for Korean on
the telephone above all. So the window is never trimmed to the turn: it has a floor for each language, two seconds
beyond the turn, and 30 s where the result is doubtful.

Refuses: knowing what the sound is.
"""

from __future__ import annotations

from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

RATE: Final = 16_000
FULL: Final = 30.0
"""Seconds for which the model was made."""
MARGIN: Final = 2.0
"""Seconds of silence after the turn, at least."""
STEP: Final = 2.0
"""Windows grow in steps, so that turns of several callers have the same and are decoded together."""


def window_seconds(turn: float, floor: float) -> float:
    """The window for a turn of so many seconds."""
    beyond = max(0.0, turn + MARGIN - floor)
    return min(FULL, floor + STEP * ceil(beyond / STEP))


def padded(samples: Samples, window: float) -> Samples:
    """The turn's sound followed by silence up to the window's end; of a longer one the end is left out."""
    length = round(window * RATE)
    return np.pad(samples[:length], (0, max(0, length - len(samples))))
