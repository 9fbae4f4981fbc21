"""A recognizer that hears what the caller of a scenario really says, when it sounds.

The harness tells it each word with its media times as the caller's audio is sent. Which words fall into which
utterance is decided by the product: by the real voice activity, on real audio. A word counts for an utterance when its
middle lies in the sound that was fed for it; partials come a little late, as they do in life.

Refuses: knowing which scenario is played.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field

from infra.audio import AudioFrame
from stt.transcript import Transcript, Word

BEHIND = 0.15
"""Seconds after a word's end before a partial shows it."""


@dataclass(slots=True)
class Prompter:
    """One caller's words, and the recognizer that hears them (``stt.recognizer.Recognizer``)."""

    language: str = "ko"
    """What this caller speaks if nothing else is said."""
    name: str = "prompted"
    languages: frozenset[str] = frozenset({"ko", "en"})
    words: list[tuple[Word, str]] = field(default_factory=list)
    """What is said in this call, and in which language."""

    def will_sound(self, words: Iterable[Word], language: str) -> None:
        """These words are about to be said; times in media seconds of the caller's leg."""
        self.words += [(word, language) for word in words]

    async def open(self, *, language: str, tenant: str, languages: tuple[str, ...] = ()) -> PromptedStream:
        """See ``Recognizer``."""
        return PromptedStream(self.words, language)

    async def close(self) -> None:
        """See ``Recognizer``."""


class PromptedStream:
    """``stt.recognizer.RecognizerStream`` for one call."""

    def __init__(self, words: list[tuple[Word, str]], language: str) -> None:
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
        heard = [(word, spoken) for word, spoken in self._heard() if word.end + BEHIND <= self._until]
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

    def _heard(self) -> list[tuple[Word, str]]:
        begins = self._until if self._begins is None else self._begins
        return [said for said in self._words if begins <= (said[0].start + said[0].end) / 2 < self._until]

    def _tell(self, heard: list[tuple[Word, str]], *, final: bool) -> None:
        words = tuple(word for word, _ in heard)
        confidence = min((word.confidence for word in words), default=0.0)
        language = heard[0][1] if heard else self._language
        text = " ".join(word.text for word in words)
        self._out.put_nowait(Transcript(self._utterance, text, words, final, language, confidence))
