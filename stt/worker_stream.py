"""A caller's ear on this side of a worker process: the stream that every engine in a process shares.

Frames are gathered into chunks and sent on without waiting. What the process cannot take yet waits here, ``backlog``
seconds at most; beyond that the oldest sound is dropped and counted, and the final's confidence shrinks by the share
that was lost. When the process dies, each utterance that was ended gets its final, an empty one, and the reader of the
transcripts learns that another stream must be opened.

The session in the process has two methods, ``hear(utterance, pcm, rate, at)`` and ``end(utterance)``, and emits
``Transcript``s: partials as it likes, and exactly one final for each ``end``, even for one without sound. A session
that is *speculative* takes sound of the same number after its end as a continuation, and has two more: ``settle()``
(keep nothing of what was ended; what came since belongs to the number that comes next) and ``expect(phrases)``.

Refuses: blocking, threads, tasks of its own, and knowing which engine it is.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from infra.audio import SAMPLE_WIDTH, AudioFrame
from infra.errors import AiccError
from infra.telemetry.metrics import metrics
from infra.workers import Lease, PoolFull, WorkerPool
from stt.errors import RecognizerUnavailable
from stt.queue_wait import QueueWait
from stt.transcript import Transcript

CHUNK_SECONDS: Final = 0.1
"""Sound gathered before it is sent: fewer messages, and little left to do at the end."""
BACKLOG_SECONDS: Final = 5.0
"""Sound that may wait here for a process that has fallen behind; as much again is on its way already."""
GAP_SECONDS: Final = 0.005
"""A jump in media time beyond this begins a new chunk, so that words keep their true times."""
OPEN_WITHIN: Final = 10.0

_DROPPED = metrics.counter("aicc_stt_dropped_seconds", "Seconds of sound that a recognizer could not take in time")
_WAITED = metrics.histogram("aicc_stt_queue_wait_seconds", "How long work for a turn stood in the recognizer's queue")
_LAG = metrics.histogram("aicc_stt_final_lag_seconds", "From the end of an utterance being asked for to its final")


@dataclass(slots=True)
class _Utterance:
    """What became of one utterance's sound. Seconds; ``ended`` is how much had been fed when its end was last asked."""

    number: int
    fed: float = 0.0
    dropped: float = 0.0
    ended: float = 0.0


@dataclass(frozen=True, slots=True)
class _End:
    """A final that is owed."""

    utterance: _Utterance
    asked_at: float


@dataclass(frozen=True, slots=True)
class _Ask:
    """A message to the session that is no sound."""

    method: str
    args: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class _Chunk:
    utterance: _Utterance
    pcm: bytes
    rate: int
    at: float

    @property
    def seconds(self) -> float:
        return len(self.pcm) / SAMPLE_WIDTH / self.rate


async def open_worker_stream(
    pool: WorkerPool, *session: object, language: str, speculative: bool = False, waits: QueueWait | None = None
) -> WorkerStream:
    """A stream on a session of ``pool``, opened with the arguments ``session``; ``waits`` gathers its queue's waits.

    Raises ``RecognizerUnavailable`` when the pool is full, lost or refuses the session.
    """
    try:
        lease = await pool.lease(*session, timeout=OPEN_WITHIN)
        return WorkerStream(lease, language, speculative=speculative, waits=waits)
    except PoolFull as error:
        raise RecognizerUnavailable(f"no recognizer is free: {error}") from error
    except RecognizerUnavailable:
        raise
    except AiccError as error:
        raise RecognizerUnavailable(f"the recognizer takes no stream: {error}") from error


class WorkerStream:
    """``stt.recognizer.RecognizerStream`` on a lease. One reader of ``transcripts``."""

    def __init__(
        self,
        lease: Lease,
        language: str,
        *,
        speculative: bool = False,
        waits: QueueWait | None = None,
        backlog: float = BACKLOG_SECONDS,
    ) -> None:
        self._lease = lease
        self._language = language
        self._speculative = speculative
        self._waits = waits
        self._limit = backlog
        self._waiting: deque[_Chunk | _Ask] = deque()
        self._waiting_seconds = 0.0
        self._gathered = bytearray()
        self._gathered_from: tuple[int, float] | None = None
        self._current: _Utterance | None = None
        self._resumable: _Utterance | None = None
        self._owed: deque[_End] = deque()
        self._next = 0
        self._closed = False
        self.dropped_seconds = 0.0
        """How much sound was dropped on this stream because the engine fell behind."""

    def feed(self, frame: AudioFrame) -> None:
        """See the contract."""
        if self._closed or not frame.pcm:
            return
        if self._current is None:
            self._current = self._resumable or self._begun()
        self._current.fed += frame.duration
        if self._gathered_from is not None:
            rate, begun = self._gathered_from
            expected = begun + len(self._gathered) / SAMPLE_WIDTH / rate
            if rate != frame.rate or abs(expected - frame.at) > GAP_SECONDS:
                self._pass_on()
        if self._gathered_from is None:
            self._gathered_from = (frame.rate, frame.at)
        self._gathered += frame.pcm
        if len(self._gathered) >= CHUNK_SECONDS * frame.rate * SAMPLE_WIDTH:
            self._pass_on()

    def end_utterance(self) -> None:
        """See the contract."""
        if self._closed or self._current is None:
            return
        self._pass_on()
        utterance, self._current = self._current, None
        utterance.ended = utterance.fed
        self._resumable = utterance if self._speculative else None
        self._owed.append(_End(utterance, asyncio.get_running_loop().time()))
        self._ask(_Ask("end", (utterance.number,)))

    def settle(self) -> None:
        """See the contract."""
        if self._closed or self._resumable is None:
            return
        if self._current is not None:  # it goes on already: what came since the end is the next utterance's
            self._pass_on()
            self._current = self._begun(self._resumable.fed - self._resumable.ended)
        self._resumable = None
        self._ask(_Ask("settle"))

    def expect(self, phrases: Sequence[str]) -> None:
        """See the contract."""
        if self._closed or not self._speculative:
            return
        told = [item for item in self._waiting if isinstance(item, _Ask) and item.method == "expect"]
        for item in told:  # only the newest counts, so that no more than one ever waits
            self._waiting.remove(item)
        self._ask(_Ask("expect", (tuple(phrases),)))

    async def transcripts(self) -> AsyncIterator[Transcript]:
        """See the contract.

        When the process is lost, every end that was asked for gets an empty final, then ``RecognizerUnavailable`` is
        raised: open another stream.
        """
        try:
            async for event in self._lease.events():
                yield self._accounted(event)
        except AiccError as error:
            while self._owed:
                end = self._owed.popleft()
                yield Transcript(end.utterance.number, "", (), True, self._language, 0.0, lag=_since(end.asked_at))
            raise RecognizerUnavailable(f"the recognizer was lost in mid-call: {error}") from error

    async def close(self) -> None:
        """See the contract."""
        self._closed = True
        self._waiting.clear()
        await self._lease.release()

    def _begun(self, fed: float = 0.0) -> _Utterance:
        utterance = _Utterance(self._next, fed)
        self._next += 1
        return utterance

    def _ask(self, message: _Ask) -> None:
        self._waiting.append(message)
        self._pump()

    def _pass_on(self) -> None:
        """The gathered frames become a chunk that waits for the process; too much waiting drops the oldest."""
        if self._gathered_from is None or self._current is None:
            return
        chunk = _Chunk(self._current, bytes(self._gathered), *self._gathered_from)
        self._gathered.clear()
        self._gathered_from = None
        self._waiting.append(chunk)
        self._waiting_seconds += chunk.seconds
        self._pump()
        while self._waiting_seconds > self._limit:
            oldest = next(item for item in self._waiting if isinstance(item, _Chunk))
            self._waiting.remove(oldest)
            self._waiting_seconds -= oldest.seconds
            oldest.utterance.dropped += oldest.seconds
            self.dropped_seconds += oldest.seconds
            _DROPPED.inc(oldest.seconds)

    def _pump(self) -> None:
        """Send as much of what waits as the process takes; it calls back when it takes more."""
        while self._waiting:
            item = self._waiting[0]
            if isinstance(item, _Chunk):
                taken = self._lease.cast("hear", item.utterance.number, item.pcm, item.rate, item.at)
            else:
                taken = self._lease.cast(item.method, *item.args)
            if not taken:
                self._lease.when_room(self._pump)
                return
            self._waiting.popleft()
            if isinstance(item, _Chunk):
                self._waiting_seconds -= item.seconds

    def _accounted(self, transcript: Transcript) -> Transcript:
        """A final gets its lag, and its confidences are lessened by the share of the sound that was dropped."""
        if self._waits is not None:
            _WAITED.observe(transcript.waited)
            self._waits.add(transcript.waited, asyncio.get_running_loop().time())
        if not transcript.final:
            return transcript
        end = self._owed.popleft()
        lag = _since(end.asked_at)
        _LAG.observe(lag)
        heard = 1 - min(1.0, end.utterance.dropped / end.utterance.fed)
        words = transcript.words
        if heard < 1:
            words = tuple(replace(word, confidence=word.confidence * heard) for word in words)
        return replace(
            transcript,
            words=words,
            confidence=transcript.confidence * heard,
            lag=lag,
            stable=len(transcript.text),
        )


def _since(moment: float) -> float:
    return asyncio.get_running_loop().time() - moment
