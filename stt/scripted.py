"""A recognizer without a model: it hears what its script says, one text for each utterance. For tests and load.

It keeps the contract of a real one: partials grow word by word while sound is fed, each ended utterance has exactly one
final, and an utterance without sound has none.

Refuses: listening.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final

from infra.audio import AudioFrame
from stt.errors import LanguageNotSupported
from stt.languages import primary
from stt.transcript import Transcript, Word

SECONDS_PER_WORD: Final = 0.3
CONFIDENCE: Final = 0.95
MOST_WAITING: Final = 1_000
"""Transcripts that wait to be read; over that the newest partial is dropped, a final never."""


class ScriptedStream:
    """One caller's ear; each stream begins the script anew."""

    def __init__(self, script: Sequence[str], language: str) -> None:
        self._script = script
        self._language = language
        self._out: asyncio.Queue[Transcript | None] = asyncio.Queue()
        self._number = 0
        self._start = 0.0
        self._fed = 0.0
        self._told = 0

    def feed(self, frame: AudioFrame) -> None:
        """See ``RecognizerStream.feed``."""
        if self._fed == 0.0:
            self._start = frame.at
        self._fed += frame.duration
        words = self._words()[: int(self._fed / SECONDS_PER_WORD)]
        if len(words) > self._told and self._out.qsize() < MOST_WAITING:
            self._told = len(words)
            self._out.put_nowait(self._transcript(words, final=False))

    def settle(self) -> None:
        """Nothing: each end begins another utterance here anyway."""

    def expect(self, phrases: Sequence[str]) -> None:
        """Nothing: the script says what comes."""

    def end_utterance(self) -> None:
        """See ``RecognizerStream.end_utterance``."""
        if self._fed == 0.0:
            return
        self._out.put_nowait(self._transcript(self._words(), final=True))
        self._number += 1
        self._fed, self._told = 0.0, 0

    async def transcripts(self) -> AsyncIterator[Transcript]:
        """See ``RecognizerStream.transcripts``."""
        while (transcript := await self._out.get()) is not None:
            yield transcript

    async def close(self) -> None:
        """See ``RecognizerStream.close``."""
        self._out.put_nowait(None)

    def _words(self) -> list[str]:
        return self._script[self._number].split() if self._number < len(self._script) else []

    def _transcript(self, words: list[str], *, final: bool) -> Transcript:
        text = " ".join(words)
        return Transcript(
            utterance=self._number,
            text=text,
            words=tuple(
                Word(word, self._start + i * SECONDS_PER_WORD, self._start + (i + 1) * SECONDS_PER_WORD, CONFIDENCE)
                for i, word in enumerate(words)
            ),
            final=final,
            language=self._language,
            confidence=CONFIDENCE if words else 0.0,
            stable=len(text),  # a script never takes a word back
        )


class ScriptedRecognizer:
    """Hears the same script in every stream, Korean or English."""

    name = "scripted"
    languages = frozenset({"ko", "en"})

    def __init__(self, script: Sequence[str]) -> None:
        self._script = tuple(script)

    async def open(self, *, language: str, tenant: str, languages: tuple[str, ...] = ()) -> ScriptedStream:
        """See ``Recognizer.open``."""
        if primary(language) not in self.languages:
            raise LanguageNotSupported(f"{language!r} is not offered; the script is for {sorted(self.languages)}")
        return ScriptedStream(self._script, language)

    async def close(self) -> None:
        """See ``Recognizer.close``."""
