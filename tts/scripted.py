"""A synthesizer without any model: every word is a tone, as long as its syllables. For tests and load tests.

Its marks are exact and the same text gives the same sound. It needs no thread: making a tone takes microseconds.
"""

from __future__ import annotations

import asyncio
import zlib
from collections import deque
from collections.abc import AsyncGenerator
from functools import lru_cache
from typing import Final

import numpy as np

from infra.audio import SAMPLE_WIDTH, silence
from tts.alignment import WordStart, marks_of, syllables
from tts.errors import LanguageNotSupported, SynthesizerUnavailable
from tts.normalizer import LANGUAGES, normalize
from tts.speech import SpeechChunk

_CHUNK_SECONDS: Final = 0.06
_GAP_SECONDS: Final = 0.04
_LEVEL: Final = 6000


class ScriptedSynthesizer:
    """A ``Synthesizer`` of tones. ``said`` holds the last texts that it was asked to speak."""

    name = "scripted"
    languages = frozenset(LANGUAGES)

    def __init__(self, *, rate: int = 16000, syllable_seconds: float = 0.12) -> None:
        self.said: deque[str] = deque(maxlen=256)
        self._rate = rate
        self._syllable_seconds = syllable_seconds
        self._closed = False

    async def speak(self, text: str, *, language: str, pace: float = 1.0) -> AsyncGenerator[SpeechChunk, None]:
        """See ``Synthesizer``."""
        if language not in self.languages:
            raise LanguageNotSupported(f"{self.name} speaks {', '.join(sorted(self.languages))}, not {language!r}")
        if self._closed:
            raise SynthesizerUnavailable(f"{self.name} is closed")
        self.said.append(text)
        spoken = normalize(text, language)
        sound = bytearray()
        starts = []
        position = 0
        for word in spoken.text.split():
            position = spoken.text.index(word, position)
            starts.append(WordStart(position, len(sound) / SAMPLE_WIDTH / self._rate))
            sound += _tone(word, self._rate, syllables(word) * self._syllable_seconds / pace)
            sound += silence(self._rate, _GAP_SECONDS / pace)
            position += len(word)
        marks = deque(marks_of(text, spoken, starts, estimated=False))
        step = round(self._rate * _CHUNK_SECONDS) * SAMPLE_WIDTH
        for begin in range(0, len(sound), step):
            until = min(begin + step, len(sound)) / SAMPLE_WIDTH / self._rate
            falling = []
            while marks and marks[0].at < until:
                falling.append(marks.popleft())
            yield SpeechChunk(bytes(sound[begin : begin + step]), self._rate, tuple(falling))
            await asyncio.sleep(0)

    async def close(self) -> None:
        """Speak no more."""
        self._closed = True


@lru_cache(maxsize=128)
def _tone(word: str, rate: int, seconds: float) -> bytes:
    """A tone whose pitch is the word's own, fading at both ends."""
    samples = max(1, round(rate * seconds))
    pitch = 200 + zlib.crc32(word.encode("utf-8", errors="replace")) % 600
    envelope = np.minimum(1.0, np.minimum(np.arange(samples), np.arange(samples)[::-1]) / (0.005 * rate))
    wave = _LEVEL * envelope * np.sin(2 * np.pi * pitch * np.arange(samples) / rate)
    return np.asarray(np.rint(wave), dtype="<i2").tobytes()
