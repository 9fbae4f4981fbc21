"""A streaming synthesizer made of a blocking engine: clause by clause on threads, results chunk by chunk on the loop.

What is bounded, and how: at most ``capacity`` texts are spoken at once (more are refused); of each text at most two
clauses are being made or wait for their consumer (a clause starts when the one before it begins to be consumed, so a
slow consumer makes the engine wait between clauses, never within one while it may hold a lock); a clause gives at most
``MOST_SECONDS`` of sound (the rest is cut off). Whoever stops listening stops the engine after its current chunk.

Refuses: any engine of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Protocol

from infra.audio import SAMPLE_WIDTH, silence
from tts.alignment import Marker, WordStart
from tts.errors import LanguageNotSupported, SynthesizerUnavailable
from tts.normalizer import normalize
from tts.sentences import Piece, clauses
from tts.speech import SpeechChunk

MOST_SECONDS: Final = 90.0
_BATCH_SECONDS: Final = 0.25
"""Behind the first sound, the loop is woken for no less than this; engines are far ahead of real time."""
_PAUSES: Final = {".": 0.3, "!": 0.3, "?": 0.3, ",": 0.15, ";": 0.2, ":": 0.2}
"""Seconds of silence after a clause that another one follows, by its last character."""

Emit = Callable[[bytes, int, Sequence[WordStart]], bool]
"""Takes PCM, its rate and the words that begin (times from the clause's start); False: stop, nobody listens.

Given neither sound nor words it only answers whether anybody listens."""


class ClauseEngine(Protocol):
    """A blocking engine. Its methods are called on worker threads, ``speak`` on several at once if it has several."""

    name: str
    languages: frozenset[str]
    timed: bool
    """Whether its word starts are measured; else they are estimates."""

    def speak(self, text: str, language: str, pace: float, emit: Emit) -> None:
        """Say one clause, handing out sound as it is made. Raises ``SynthesizerUnavailable``."""

    def close(self) -> None:
        """Give everything back."""


@dataclass(frozen=True, slots=True)
class _Sound:
    pcm: bytes
    rate: int
    words: tuple[WordStart, ...]

    @property
    def seconds(self) -> float:
        return len(self.pcm) / SAMPLE_WIDTH / self.rate


class _Timeline:
    """Puts the sounds of all clauses on one line of time, with their marks. Pure.

    The very first sound is handed out at once. Every other waits for the next one, because only that tells which words
    the engine said in it without an event of their own.
    """

    def __init__(self, marker: Marker, pace: float) -> None:
        self._marker = marker
        self._pace = pace
        self._at = 0.0
        self._began = 0.0
        self._clause = 0
        self._rate = 0
        self._held = b""

    def begin(self, piece: Piece) -> None:
        """A clause begins."""
        self._began, self._clause = self._at, piece.start
        self._marker.begin(piece.start, self._at)

    def add(self, sound: _Sound) -> list[SpeechChunk]:
        """A sound of the clause; what can be handed out now."""
        for word in sound.words:
            self._marker.begin(self._clause + word.position, self._began + word.at)
        first = self._rate == 0
        self._rate = sound.rate
        made = self._release()
        self._held = sound.pcm
        self._at += sound.seconds
        return self._release() if first else made

    def end(self, piece: Piece, *, last: bool) -> list[SpeechChunk]:
        """The clause is over; a pause follows unless it was the last."""
        self._marker.end(piece.end, self._at)
        if self._rate and not last:
            pause = silence(self._rate, _PAUSES.get(piece.text[-1], 0.0) / self._pace)
            self._held += pause
            self._at += len(pause) / SAMPLE_WIDTH / self._rate
        return self._release(float("inf") if last else None)

    def _release(self, until: float | None = None) -> list[SpeechChunk]:
        marks = self._marker.take(self._at if until is None else until)
        pcm, self._held = self._held, b""
        return [SpeechChunk(pcm, self._rate, marks)] if pcm or (marks and self._rate) else []


class _Job:
    """One clause being made on a thread. Created and consumed on the loop; ``_run`` and ``_emit`` are the thread's."""

    def __init__(
        self, engine: ClauseEngine, executor: ThreadPoolExecutor, text: str, language: str, pace: float
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._sounds: asyncio.Queue[_Sound | None] = asyncio.Queue()  # bounded by MOST_SECONDS, see _emit
        self._cancelled = False
        self._seconds = 0.0
        self._batch: list[_Sound] = []
        self._done = self._loop.run_in_executor(executor, self._run, engine, text, language, pace)
        self._done.add_done_callback(self._finished)

    def cancel(self) -> None:
        """Nobody listens any more."""
        self._cancelled = True
        self._done.cancel()

    async def next(self) -> _Sound | None:
        """The next sound, or None behind the last. Raises what the engine raised."""
        sound = await self._sounds.get()
        if sound is None:
            if self._done.cancelled():
                raise SynthesizerUnavailable("the synthesizer was closed while it spoke; open it again")
            self._done.result()
        return sound

    def _run(self, engine: ClauseEngine, text: str, language: str, pace: float) -> None:
        if not self._cancelled:
            try:
                engine.speak(text, language, pace, self._emit)
            finally:
                self._post()

    def _emit(self, pcm: bytes, rate: int, words: Sequence[WordStart]) -> bool:
        if self._cancelled or self._seconds >= MOST_SECONDS:
            return False
        if not pcm and not words:
            return True
        first = self._seconds == 0.0
        self._batch.append(_Sound(pcm, rate, tuple(words)))
        self._seconds += self._batch[-1].seconds
        if first or sum(sound.seconds for sound in self._batch) >= _BATCH_SECONDS:
            return self._post()
        return True

    def _post(self) -> bool:
        """Hand the batch to the loop as one sound; False when the loop is gone, and whoever listened with it."""
        if not self._batch:
            return True
        words = tuple(word for sound in self._batch for word in sound.words)
        whole = _Sound(b"".join(sound.pcm for sound in self._batch), self._batch[0].rate, words)
        self._batch.clear()
        try:
            self._loop.call_soon_threadsafe(self._sounds.put_nowait, whole)
        except RuntimeError:  # the loop is closed
            return False
        return True

    def _finished(self, done: asyncio.Future[None]) -> None:
        if not done.cancelled():
            done.exception()  # seen here, so that a clause nobody waits for does not complain when it is collected
        self._sounds.put_nowait(None)


class ThreadedSynthesizer:
    """A ``Synthesizer`` around a blocking engine."""

    def __init__(self, engine: ClauseEngine, *, threads: int = 1, capacity: int = 64) -> None:
        self.name = engine.name
        self.languages = engine.languages
        self._engine = engine
        self._capacity = capacity
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=f"tts-{engine.name}")
        self._jobs: set[_Job] = set()
        self._speaking = 0
        self._closed = False

    async def speak(self, text: str, *, language: str, pace: float = 1.0) -> AsyncGenerator[SpeechChunk, None]:
        """See ``Synthesizer``. Beyond ``capacity`` texts at once it raises ``SynthesizerUnavailable``."""
        self._admit(language, pace)
        spoken = normalize(text, language)
        pieces = clauses(spoken.text, language)
        timeline = _Timeline(Marker(text, spoken, estimated=not self._engine.timed), pace)
        jobs: list[_Job] = []
        self._speaking += 1
        try:
            for index, piece in enumerate(pieces):
                following = pieces[index + 1] if index + 1 < len(pieces) else None
                if len(jobs) == index:
                    jobs.append(self._start(piece, language, pace))
                timeline.begin(piece)
                while (sound := await jobs[index].next()) is not None:
                    if following is not None and len(jobs) == index + 1:
                        jobs.append(self._start(following, language, pace))
                    for chunk in timeline.add(sound):
                        yield chunk
                self._jobs.discard(jobs[index])
                for chunk in timeline.end(piece, last=following is None):
                    yield chunk
        finally:
            self._speaking -= 1
            for job in jobs:
                job.cancel()
                self._jobs.discard(job)

    async def close(self) -> None:
        """End the engine once its running clauses have seen that nobody listens. May be called twice."""
        if self._closed:
            return
        self._closed = True
        for job in self._jobs:
            job.cancel()
        await asyncio.to_thread(self._executor.shutdown, wait=True, cancel_futures=True)
        await asyncio.to_thread(self._engine.close)

    def _admit(self, language: str, pace: float) -> None:
        if language not in self.languages:
            raise LanguageNotSupported(f"{self.name} speaks {', '.join(sorted(self.languages))}, not {language!r}")
        if not 0.5 <= pace <= 2.0:
            raise ValueError(f"pace goes from 0.5 to 2.0, not {pace}")
        if self._closed:
            raise SynthesizerUnavailable(f"{self.name} is closed")
        if self._speaking >= self._capacity:
            raise SynthesizerUnavailable(
                f"{self.name} already speaks {self._capacity} texts at once; raise tts.capacity"
            )

    def _start(self, piece: Piece, language: str, pace: float) -> _Job:
        job = _Job(self._engine, self._executor, piece.text, language, pace)
        self._jobs.add(job)
        return job
