"""Probabilities of speech become "started" and "stopped", with hysteresis: a pure machine.

Neither a click starts an utterance nor a short breath ends one. Two witnesses are heard: the model's probability, and
how far the sound stands out of the line's own noise.

Refuses: knowing where the probabilities come from, and what the speech is for.
"""

from __future__ import annotations

from dataclasses import dataclass

from stt.batched_silero import WINDOW_SECONDS

NOISE_AT_FIRST = -45.0
"""dBFS that a line's noise is taken for at most before anything is known of it."""

NOISE_RISE = 4.0
"""dB per second by which the estimate of the noise follows a louder line."""

NOISE_FALL = 0.3
"""Share of the way by which it follows a quieter window."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Somebody began to speak at the media time ``at`` (seconds), noticed a little later."""

    at: float


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """They fell silent at the media time ``at`` (seconds), noticed a little later."""

    at: float


class Segmenter:
    """Makes segments of probabilities and levels.

    Speech begins when ``min_speech`` seconds of windows reach the probability ``start`` and are ``margin`` dB above
    the line's own noise, and ends when ``min_silence`` seconds stay below ``stop``. In between nothing changes. The
    level is the second witness: the model takes a café's babble for speech, which is hardly louder than the café.
    """

    def __init__(
        self,
        *,
        start: float = 0.4,
        stop: float = 0.25,
        min_speech: float = 0.096,
        min_silence: float = 0.25,
        margin: float = 10.0,
    ) -> None:
        if not 0.0 <= stop <= start <= 1.0:
            raise ValueError(f"thresholds must be 0 <= stop <= start <= 1, not stop={stop}, start={start}")
        self._start = start
        self._stop = stop
        self._min_speech = min_speech
        self._min_silence = min_silence
        self._margin = margin
        self._noise: float | None = None
        self.speaking = False
        self._loud_since: float | None = None
        self._loud = 0.0
        self._voice_until = 0.0

    def handle(self, at: float, probability: float, level: float) -> SpeechStarted | SpeechStopped | None:
        """Take the probability and the level (dBFS) of the window that begins at ``at``; windows come in order."""
        end = at + WINDOW_SECONDS
        loud = self._above_noise(level)
        if self.speaking:
            if probability >= self._stop:
                self._voice_until = end
            elif end - self._voice_until >= self._min_silence:
                self.speaking = False
                self._loud_since, self._loud = None, 0.0
                return SpeechStopped(self._voice_until)
            return None
        if probability < self._stop:
            self._loud_since, self._loud = None, 0.0
            return None
        if probability >= self._start and loud:
            self._loud_since = at if self._loud_since is None else self._loud_since
            self._loud += WINDOW_SECONDS
        if self._loud_since is not None and self._loud >= self._min_speech - 1e-9:
            self.speaking = True
            self._voice_until = end
            return SpeechStarted(self._loud_since)
        return None

    def _above_noise(self, level: float) -> bool:
        """Follow the noise down at once and up slowly; whether this window stands out of it."""
        if self._noise is None:
            self._noise = min(level, NOISE_AT_FIRST)
        loud = level >= self._noise + self._margin
        if level < self._noise:
            self._noise += (level - self._noise) * NOISE_FALL
        else:
            self._noise += min(level - self._noise, NOISE_RISE * WINDOW_SECONDS)
        return loud
