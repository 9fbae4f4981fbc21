"""The contract of every speech recognizer: frames in, transcripts out.

A recognizer hears utterances; it knows nothing of turns, callers or dialogs. Whoever feeds it decides, by voice
activity, where an utterance begins and ends.

An end may be asked for early, at a short silence: the final is then a speculation. When the speaker goes on, the engine
either takes what follows as the same utterance, whose next final covers the whole (Whisper), or begins another one
(the others). ``settle`` tells it that what was ended has been dealt with and nothing continues it any more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from infra.audio import AudioFrame
from stt.transcript import Transcript


class RecognizerStream(Protocol):
    """One caller's ear. Frames are queued at once and never block the media loop."""

    def feed(self, frame: AudioFrame) -> None:
        """Queue a frame of the utterance in progress.

        A frame after ``end_utterance`` begins the next utterance, or goes on with the one that was ended: then the next
        final has the same number and takes the place of the one before, which comes empty if it was not there yet.
        After ``settle`` it always begins the next.

        The queue is bounded; when the engine falls behind by more than that, the oldest frames are dropped
        and counted, and the final's confidence says so.
        """

    def end_utterance(self) -> None:
        """Ask for the final transcript of the utterance. Without a frame since the last one it does nothing."""

    def settle(self) -> None:
        """What was ended has been dealt with: every frame after the last ``end_utterance`` is of a new utterance.

        A final that is still on its way comes all the same.
        """

    def expect(self, phrases: Sequence[str]) -> None:
        """What is likely to be said next: names and terms, short, 30 at most. They replace those told before.

        A hint: an engine that cannot use it ignores it.
        """

    def transcripts(self) -> AsyncIterator[Transcript]:
        """Partials and finals in order, until the stream is closed. Exactly one final for each ``end_utterance``."""

    async def close(self) -> None:
        """Give everything back. May be called twice."""


class Recognizer(Protocol):
    """An engine that opens streams."""

    name: str
    languages: frozenset[str]

    async def open(self, *, language: str, tenant: str, languages: tuple[str, ...] = ()) -> RecognizerStream:
        """A stream for one caller. ``tenant`` picks the tenant's own language model where there is one.

        ``languages`` are those that the caller may change to in mid-call, for an engine that can tell them apart; the
        transcript says which one it was.

        Raises ``stt.errors.LanguageNotSupported`` or ``stt.errors.RecognizerUnavailable``.
        """

    async def close(self) -> None:
        """End the engine and its processes."""
