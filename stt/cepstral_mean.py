"""The call's own mean taken out of its features: what handset, line and room add to every frame.

The acoustic model expects features whose mean is nought. The recognizer's own estimate starts anew from a fixed guess
and is far off on a telephone; here the mean belongs to the call and is carried from turn to turn. Only the very first
third of a second is held back, so that it is not judged by a guess alone.

Refuses: knowing utterances; the gate before it (voice activity) decides what is heard at all.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from stt.frontend import CEPSTRA, Floats

GUESS: Final = (41.0, -5.3, -0.1, 5.1, 2.5, -4.1, -1.4, -1.8, -5.1, -2.1, -6.5, -1.4, 1.2)
"""The mean of a middling microphone, in the units of ``stt.frontend.cepstra``: the model's own first guess."""
GUESS_FRAMES: Final = 10
"""How many frames of a call the guess weighs as much as."""
HELD_FRAMES: Final = 30
MEMORY_FRAMES: Final = 1500
"""After 15 seconds older sound is forgotten as new sound comes: a caller may walk into another room."""


class CepstralMean:
    """One per call. Feed it every frame of the call's speech, in order."""

    def __init__(self) -> None:
        self._mean = np.array(GUESS, np.float64)
        self._weight = float(GUESS_FRAMES)
        self._held: list[Floats] | None = []

    @property
    def mean(self) -> Floats:
        """The present estimate, [13]."""
        return self._mean.astype(np.float32)

    def process(self, features: Floats) -> Floats:
        """[n, 13] to [m, 13] with the mean taken out; m is 0 while the beginning of the call is held back."""
        if len(features) == 0:
            return features
        self._learn(features)
        if self._held is None:
            return features - self.mean
        self._held.append(features)
        return self.flush() if sum(map(len, self._held)) >= HELD_FRAMES else np.zeros((0, CEPSTRA), np.float32)

    def flush(self) -> Floats:
        """What is still held back. The call's beginning is over with it, once anything was heard."""
        if not self._held:
            return np.zeros((0, CEPSTRA), np.float32)
        features: Floats = np.concatenate(self._held) - self.mean
        self._held = None
        return features

    def _learn(self, features: Floats) -> None:
        total = self._weight + len(features)
        self._mean += (features.mean(axis=0) - self._mean) * (len(features) / total)
        self._weight = min(total, float(MEMORY_FRAMES))
