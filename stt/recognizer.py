"""The contract of every speech recognizer: frames in, transcripts out.

A recognizer hears utterances; it knows nothing of turns, callers or dialogs. Whoever feeds it decides, by voice
activity, where an utterance begins and ends.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from infra.audio import AudioFrame
from stt.transcript import Transcript


class RecognizerStream(Protocol):
    """One caller's ear. Frames are queued at once and never block the media loop."""

    def feed(self, frame: AudioFrame) -> None:
        """Queue a frame of the utterance in progress (the first one after a final begins the next utterance).

        The queue is bounded; when the engine falls behind by more than that, the oldest frames are dropped
        and counted, and the final's confidence says so.
        """

    def end_utterance(self) -> None:
        """Ask for the final transcript of what was fed since the last one. Without any frame it does nothing."""

    def transcripts(self) -> AsyncIterator[Transcript]:
        """Partials and finals in order, until the stream is closed. Exactly one final for each ended utterance."""

    async def close(self) -> None:
        """Give everything back. May be called twice."""


class Recognizer(Protocol):
    """An engine that opens streams."""

    name: str
    languages: frozenset[str]

    async def open(self, *, language: str, tenant: str) -> RecognizerStream:
        """A stream for one caller. ``tenant`` picks the tenant's own language model where there is one.

        Raises ``stt.errors.LanguageNotSupported`` or ``stt.errors.RecognizerUnavailable``.
        """

    async def close(self) -> None:
        """End the engine and its processes."""
