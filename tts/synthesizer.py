"""The contract of every speech synthesizer: text in, sound with marks out, while it is still being made."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from tts.speech import SpeechChunk


class Synthesizer(Protocol):
    """An engine that speaks."""

    name: str
    languages: frozenset[str]

    def speak(self, text: str, *, language: str, pace: float = 1.0) -> AsyncGenerator[SpeechChunk, None]:
        """The speech of ``text``, streamed as it is made; at least one mark for each word of it.

        Closing the generator (``contextlib.aclosing``) stops the engine after its current chunk. Raises
        ``tts.errors.LanguageNotSupported`` or ``tts.errors.SynthesizerUnavailable``. Never blocks the event loop.
        """

    async def close(self) -> None:
        """End the engine and what it holds."""
