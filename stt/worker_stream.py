"""The gateway's end of a recognizer that works in another process: sound out, transcripts in.

What the session in the worker has to offer: ``feed(pcm, rate)`` and ``end()``; what it has to emit: ``("partial", text)``,
and for each ``end`` one ``("final", words)``, a word being its text, start and end in seconds of the utterance, and
confidence.

Refuses: blocking. When the worker falls behind, sound waits here, bounded; then the oldest is dropped, counted, and the
confidence of the final is lowered by the share that was not heard.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from infra.audio import SAMPLE_WIDTH, AudioFrame
from infra.telemetry.metrics import metrics
from infra.workers import Lease, WorkerLost
from stt.errors import RecognizerUnavailable
from stt.transcript import Transcript, Word

GATHER_SECONDS: Final = 0.08
"""Sound that is gathered before it is handed to the worker: fewer messages, and little left to do at the end."""

BACKLOG_SECONDS: Final = 10.0
"""Sound that may wait for a worker that has fallen behind; over that the oldest is dropped."""

_DROPPED = metrics.counter("aicc_stt_dropped_seconds", "Seconds of sound that a recognizer could not take in time")


class WorkerStream:
    """A ``RecognizerStream`` over a lease on a worker."""

    def __init__(self, lease: Lease, language: str) -> None:
        self._lease = lease
        self._language = language
        self._gathered = bytearray()
        self._waiting: deque[tuple[str, tuple[Any, ...]]] = deque()
        self._waiting_bytes = 0
        self._fed = self._lost = 0.0
        self._begun: deque[tuple[float, float, float]] = deque()
        """Of each utterance that was ended: media time of its start, share of it that was heard, when it was ended."""
        self._start = 0.0
        self._rate = 0
        self._number = 0

    def feed(self, frame: AudioFrame) -> None:
        """See ``RecognizerStream.feed``."""
        if self._fed == 0.0:
            self._start = frame.at
        self._fed += frame.duration
        self._rate = frame.rate
        self._gathered += frame.pcm
        if len(self._gathered) >= GATHER_SECONDS * frame.rate * SAMPLE_WIDTH:
            self._hand_over()

    def end_utterance(self) -> None:
        """See ``RecognizerStream.end_utterance``."""
        if self._fed == 0.0:
            return
        self._hand_over()
        self._begun.append((self._start, 1.0 - self._lost / self._fed, time.monotonic()))
        self._fed = self._lost = 0.0
        self._waiting.append(("end", ()))
        self._pump()

    async def transcripts(self) -> AsyncIterator[Transcript]:
        """See ``RecognizerStream.transcripts``."""
        try:
            async for kind, said in self._lease.events():
                if kind == "partial":
                    yield Transcript(self._number, said, (), False, self._language, 0.0)
                else:
                    yield self._final(said)
                    self._number += 1
        except WorkerLost as error:
            raise RecognizerUnavailable(f"the recognizer was lost in mid-call: {error}") from error

    async def close(self) -> None:
        """See ``RecognizerStream.close``."""
        await self._lease.release()

    def _final(self, said: Sequence[tuple[str, float, float, float]]) -> Transcript:
        start, heard, ended = self._begun.popleft()
        words = tuple(
            Word(text, start + begins, start + ends, probability * heard) for text, begins, ends, probability in said
        )
        return Transcript(
            utterance=self._number,
            text=" ".join(word.text for word in words),
            words=words,
            final=True,
            language=self._language,
            confidence=sum(word.confidence for word in words) / len(words) if words else 0.0,
            lag=time.monotonic() - ended,
        )

    def _hand_over(self) -> None:
        if self._gathered:
            self._waiting.append(("feed", (bytes(self._gathered), self._rate)))
            self._waiting_bytes += len(self._gathered)
            self._gathered.clear()
        while self._waiting_bytes > BACKLOG_SECONDS * self._rate * SAMPLE_WIDTH:
            self._drop_oldest()
        self._pump()

    def _drop_oldest(self) -> None:
        index = next(index for index, (method, _) in enumerate(self._waiting) if method == "feed")
        pcm, rate = self._waiting[index][1]
        del self._waiting[index]
        self._waiting_bytes -= len(pcm)
        seconds = len(pcm) / SAMPLE_WIDTH / rate
        self._lost += seconds
        _DROPPED.inc(seconds)

    def _pump(self) -> None:
        while self._waiting:
            method, arguments = self._waiting[0]
            if not self._lease.cast(method, *arguments):
                if not self._lease.lost:
                    self._lease.when_room(self._pump)
                return
            self._waiting.popleft()
            if arguments:
                self._waiting_bytes -= len(arguments[0])
