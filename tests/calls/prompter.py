"""A recognizer that hears what the caller of a scenario really says, when it sounds.

The harness tells it each word with its media times as the caller's audio is sent. Which words fall into which
utterance is decided by the product: by the real voice activity, on real audio. A word counts for an utterance when its
middle lies in the sound that was fed for it; partials come a little late, as they do in life.

Refuses: knowing which scenario is played.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from infra.audio import AudioFrame
from stt.transcript import Transcript, Word

BEHIND = 0.15
"""Seconds after a word's end before a partial shows it."""


@dataclass(slots=True)
class Prompter:
    """One caller's words, and the recognizer that hears them (``stt.recognizer.Recognizer``)."""

    name: str = "prompted"
    languages: frozenset[str] = frozenset({"ko", "en"})
    words: list[Word] = field(default_factory=list)

    def will_sound(self, *words: Word) -> None:
        """These words are about to be said; times in media seconds of the caller's leg."""
        self.words += words

    async def open(self, *, language: str, tenant: str, languages: tuple[str, ...] = ()) -> PromptedStream:
        """See ``Recognizer``."""
        return PromptedStream(self.words, language)

    async def close(self) -> None:
        """See ``Recognizer``."""


class PromptedStream:
    """``stt.recognizer.RecognizerStream`` for one call."""

    def __init__(self, words: list[Word], language: str) -> None:
        self._words = words
        self._language = language
        self._out: asyncio.Queue[Transcript | None] = asyncio.Queue()
        self._utterance = 0
        self._begins: float | None = None
        self._until = 0.0
        self._shown = 0

    def feed(self, frame: AudioFrame) -> None:
        """See ``RecognizerStream``."""
        if self._begins is None:
            self._begins, self._shown = frame.at, 0
        self._until = frame.until
        heard = [word for word in self._heard() if word.end + BEHIND <= self._until]
        if len(heard) > self._shown:
            self._shown = len(heard)
            self._tell(heard, final=False)

    def end_utterance(self) -> None:
        """See ``RecognizerStream``."""
        if self._begins is None:
            return
        self._tell(self._heard(), final=True)
        self._utterance += 1
        self._begins = None

    def settle(self) -> None:
        """Nothing: each end begins another utterance here anyway."""

    def expect(self, phrases: Sequence[str]) -> None:
        """Nothing: what is said is known."""

    async def transcripts(self) -> AsyncIterator[Transcript]:
        """See ``RecognizerStream``."""
        while (transcript := await self._out.get()) is not None:
            yield transcript

    async def close(self) -> None:
        """See ``RecognizerStream``."""
        self._out.put_nowait(None)

    def _heard(self) -> list[Word]:
        begins = self._until if self._begins is None else self._begins
        return [word for word in self._words if begins <= (word.start + word.end) / 2 < self._until]

    def _tell(self, words: list[Word], *, final: bool) -> None:
        confidence = min((word.confidence for word in words), default=0.0)
        text = " ".join(word.text for word in words)
        self._out.put_nowait(Transcript(self._utterance, text, tuple(words), final, self._language, confidence))
