"""How much of a stream voice activity takes for speech, counted as it grows.

Refuses: deciding what is an utterance; whoever feeds the recognizer has done that, more strictly.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from stt.vad import CONTEXT, WINDOW, WINDOW_SECONDS, SileroModel, fresh_state
from stt.whisper_window import Samples

SPEECH: Final = 0.5
"""Probability from which a window counts as speech."""


class SpeechMeter:
    """One utterance's count, in seconds of 16 kHz sound."""

    def __init__(self, model: SileroModel) -> None:
        self._model = model
        self._state = fresh_state()
        self._waiting: Samples = np.zeros(CONTEXT, np.float32)
        self._judged = 0.0
        self.speech = 0.0
        """How much of it was speech."""
        self.spoken_until = 0.0
        """Where the last speech ended."""

    @property
    def silence(self) -> float:
        """How long nobody has spoken."""
        return self._judged - self.spoken_until

    def hear(self, samples: Samples) -> None:
        """The next samples, in -1..1."""
        waiting = np.concatenate((self._waiting, samples))
        count = (len(waiting) - CONTEXT) // WINDOW
        if count:
            windows = np.lib.stride_tricks.sliding_window_view(waiting, CONTEXT + WINDOW)[: count * WINDOW : WINDOW]
            probabilities, h, c = self._model.judge(np.ascontiguousarray(windows), *self._state)
            self._state = (h, c)
            for probability in probabilities:
                self._judged += WINDOW_SECONDS
                if probability >= SPEECH:
                    self.speech += WINDOW_SECONDS
                    self.spoken_until = self._judged
        self._waiting = waiting[count * WINDOW :]
