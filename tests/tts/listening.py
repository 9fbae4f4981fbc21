"""How tests hear a synthesizer."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass

from tts.speech import SpeechChunk, SpeechMark
from tts.synthesizer import Synthesizer


@dataclass(frozen=True, slots=True)
class Heard:
    """All chunks of one speech."""

    chunks: tuple[SpeechChunk, ...]

    @property
    def pcm(self) -> bytes:
        return b"".join(chunk.pcm for chunk in self.chunks)

    @property
    def marks(self) -> tuple[SpeechMark, ...]:
        return tuple(mark for chunk in self.chunks for mark in chunk.marks)

    @property
    def seconds(self) -> float:
        return sum(len(chunk.pcm) / 2 / chunk.rate for chunk in self.chunks)


async def hear(synthesizer: Synthesizer, text: str, language: str = "en", pace: float = 1.0) -> Heard:
    async with aclosing(synthesizer.speak(text, language=language, pace=pace)) as chunks:
        return Heard(tuple([chunk async for chunk in chunks]))
