"""The mean of a call's cepstra, taken off every frame: what a telephone and a line do to all sound alike.

A recognizer of whole files takes the mean of the file; a live one cannot wait for it. Here the mean is causal: it begins
with what is typical of the acoustic model's training, gives that the weight of ``SEED_SECONDS``, and learns from every
frame of the call, the latest counting most. It is carried from utterance to utterance.

Refuses: knowing where an utterance begins.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from stt.frontend import FRAMES_PER_SECOND, Floats

SEED: Final = np.array(
    [41.00, -5.29, -0.12, 5.09, 2.48, -4.07, -1.37, -1.78, -5.08, -2.05, -6.45, -1.42, 1.17], np.float32
)
"""The acoustic model's own initial mean (``cmninit`` of its ``feat.params``)."""

SEED_SECONDS: Final = 0.3
MEMORY_SECONDS: Final = 10.0
"""Frames further back than that count less and less."""


class CallMean:
    """One call's mean. Not shared between calls."""

    def __init__(self) -> None:
        self._weight = SEED_SECONDS * FRAMES_PER_SECOND
        self._sum = SEED.astype(np.float64) * self._weight

    def process(self, cepstra: Floats) -> Floats:
        """[n, 13] to [n, 13]: each frame less the mean of all frames up to it."""
        if not len(cepstra):
            return cepstra
        sums = self._sum + np.cumsum(cepstra, axis=0, dtype=np.float64)
        weights = self._weight + np.arange(1, len(cepstra) + 1)[:, None]
        self._sum, self._weight = sums[-1], float(weights[-1, 0])
        if self._weight > (most := MEMORY_SECONDS * FRAMES_PER_SECOND):
            self._sum, self._weight = self._sum * (most / self._weight), most
        return (cepstra - sums / weights).astype(np.float32)
