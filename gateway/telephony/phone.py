"""A telephone without a clock or a wire: what the far end of a call speaks into and hears with.

``Earpiece`` is the carrier's player. Sound is buffered and played in real time, without jitter: a piece begins when it
arrives or when the one before it ends, whichever is later. A mark comes back when all sound before it has been played;
``clear`` throws away what has not been, and then marks that wait come back at once. ``Mouthpiece`` cuts what the caller
says into 20 ms frames, with the faint hiss of a line in between. Time is an argument: seconds since the call began.

Refuses: sockets and messages; ``caller.py`` carries these.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from infra.audio import FRAME_SECONDS, SAMPLE_WIDTH

AUDIBLE_DBFS: Final = -50.0
"""Sound whose level over 10 ms is below this counts as silence: line noise and comfort noise are."""

SAME_VOICE: Final = 0.3
"""Seconds of silence within one stretch of speech, such as between two words."""

BUFFER_LIMIT: Final = 600.0
"""Seconds of sound that a carrier's player keeps at most; what comes beyond is dropped."""

UNDERRUN: Final = 0.1
"""A piece that comes at most this many seconds after the end of the one before was meant to follow it at once."""

_WINDOW: Final = 0.01


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of audible sound, in seconds since the call began."""

    start: float
    end: float


def audible_windows(pcm: bytes, rate: int, threshold: float = AUDIBLE_DBFS) -> NDArray[np.bool_]:
    """For each whole 10 ms of ``pcm``: whether its level is above ``threshold`` dB of full scale."""
    window = round(rate * _WINDOW)
    samples = np.frombuffer(pcm, dtype="<i2")
    whole = samples[: len(samples) // window * window].reshape(-1, window).astype(np.float64)
    floor = (32768.0 * 10 ** (threshold / 20)) ** 2
    loud: NDArray[np.bool_] = np.mean(np.square(whole), axis=1) > floor
    return loud


class Earpiece:
    """The player at the far end, and what was heard of it."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._timeline = bytearray()  # everything from the call's beginning to the end of what is buffered
        self._marks: deque[tuple[int, str]] = deque()
        self._listened = 0  # samples up to which ``_spans`` is complete
        self._spans: list[Span] = []
        self.dropped_seconds = 0.0
        self.underruns = 0

    @property
    def buffered_until(self) -> float:
        """When all sound that has arrived so far will have been played."""
        return len(self._timeline) / SAMPLE_WIDTH / self._rate

    @property
    def spans(self) -> tuple[Span, ...]:
        """Audible stretches up to the last ``listen``; the last one may still grow."""
        return tuple(self._spans)

    @property
    def last_span(self) -> Span | None:
        """The latest audible stretch up to the last ``listen``."""
        return self._spans[-1] if self._spans else None

    def play(self, pcm: bytes, now: float) -> None:
        """Sound arrives."""
        seconds = len(pcm) / SAMPLE_WIDTH / self._rate
        if self.buffered_until - now + seconds > BUFFER_LIMIT:
            self.dropped_seconds += seconds
            return
        late = now - self.buffered_until
        if self._timeline and 0.0 < late < UNDERRUN:
            self.underruns += 1
        self._silence_until(self._sample(now))
        self._timeline += pcm

    def mark(self, name: str, now: float) -> None:
        """A mark arrives: it is due when all sound before it has been played."""
        self._marks.append((max(self._sample(now), len(self._timeline) // SAMPLE_WIDTH), name))

    def clear(self, now: float) -> float:
        """Throw away what has not been played, and say how many seconds that was. All marks are due now."""
        at = self._sample(now)
        lost = max(0, len(self._timeline) // SAMPLE_WIDTH - at)
        del self._timeline[at * SAMPLE_WIDTH :]
        self._marks = deque((min(due, at), name) for due, name in self._marks)
        return lost / self._rate

    def marks_due(self, now: float) -> list[str]:
        """The marks to be sent back by ``now``, in order; each is given once."""
        at, due = self._sample(now), []
        while self._marks and self._marks[0][0] <= at:
            due.append(self._marks.popleft()[1])
        return due

    def listen(self, now: float) -> None:
        """Bring ``spans`` up to ``now``."""
        window = round(self._rate * _WINDOW)
        until = self._sample(now) // window * window
        heard = bytes(self._timeline[self._listened * SAMPLE_WIDTH : until * SAMPLE_WIDTH])
        for index in np.flatnonzero(audible_windows(heard, self._rate)):
            self._hear(self._listened / self._rate + float(index) * _WINDOW)
        self._listened = max(self._listened, until)

    def audible_ahead(self, now: float) -> bool:
        """Whether anything that is buffered and not played yet will be audible."""
        return bool(audible_windows(bytes(self._timeline[self._sample(now) * SAMPLE_WIDTH :]), self._rate).any())

    def heard(self, now: float) -> bytes:
        """Everything heard from the call's beginning to ``now``, with silence where nothing was played."""
        size = self._sample(now) * SAMPLE_WIDTH
        return bytes(self._timeline[:size]).ljust(size, b"\0")

    def _hear(self, at: float) -> None:
        if self._spans and at - self._spans[-1].end <= SAME_VOICE:
            self._spans[-1] = Span(self._spans[-1].start, at + _WINDOW)
        else:
            self._spans.append(Span(at, at + _WINDOW))

    def _silence_until(self, sample: int) -> None:
        missing = sample * SAMPLE_WIDTH - len(self._timeline)
        if missing > 0:
            self._timeline += bytes(missing)

    def _sample(self, now: float) -> int:
        return max(0, int(now * self._rate + 1e-6))


@dataclass(frozen=True, slots=True)
class Spoken:
    """An utterance that has been said: its number, when its first frame left, and when its last audible one did."""

    utterance: int
    started: float
    ended: float


@dataclass(slots=True)
class _Utterance:
    number: int
    frames: deque[bytes]
    audible_frames: int
    """Frames up to and with the last one that is audible."""
    first_frame: int | None = None
    """Which frame of the call its first one was, once it has left."""


class Mouthpiece:
    """What the caller says, frame by frame of 20 ms."""

    def __init__(self, rate: int, noise_dbfs: float | None = -65.0) -> None:
        """``noise_dbfs``: level of the line's hiss under everything; ``None`` for a line that is digitally silent."""
        self._rate = rate
        self._frame_bytes = round(rate * FRAME_SECONDS) * SAMPLE_WIDTH
        self._waiting: deque[_Utterance] = deque()
        self._numbers = 0
        self._frames = 0
        self._hiss = _hiss(rate, noise_dbfs)
        self._spoken: list[Spoken] = []

    @property
    def frames(self) -> int:
        """Frames taken so far; the next one leaves at this many times 20 ms."""
        return self._frames

    def say(self, pcm: bytes) -> int:
        """Say ``pcm`` after all that waits; returns the utterance's number. Raises ``ValueError`` for no sound."""
        if len(pcm) < SAMPLE_WIDTH:
            raise ValueError("there is no sound to say")
        size = self._frame_bytes
        frames = deque(pcm[start : start + size].ljust(size, b"\0") for start in range(0, len(pcm), size))
        loud = np.flatnonzero(audible_windows(pcm, self._rate))
        last = int(loud[-1] * _WINDOW / FRAME_SECONDS + 1e-6) + 1 if len(loud) else len(frames)
        self._numbers += 1
        self._waiting.append(_Utterance(self._numbers, frames, last))
        return self._numbers

    def next_frame(self) -> bytes:
        """The next 20 ms of linear PCM: speech when something waits to be said, else only the line's hiss."""
        frame = self._next_of(self._waiting[0]) if self._waiting else bytes(self._frame_bytes)
        self._frames += 1
        return self._with_hiss(frame)

    def spoken(self) -> list[Spoken]:
        """The utterances that came to their end since this was last asked."""
        done, self._spoken = self._spoken, []
        return done

    def _next_of(self, utterance: _Utterance) -> bytes:
        if utterance.first_frame is None:
            utterance.first_frame = self._frames
        frame = utterance.frames.popleft()
        if not utterance.frames:
            self._waiting.popleft()
            first, last = utterance.first_frame, utterance.first_frame + utterance.audible_frames - 1
            self._spoken.append(Spoken(utterance.number, first * FRAME_SECONDS, last * FRAME_SECONDS))
        return frame

    def _with_hiss(self, frame: bytes) -> bytes:
        if self._hiss is None:
            return frame
        samples = len(frame) // SAMPLE_WIDTH
        start = self._frames * samples % (len(self._hiss) - samples + 1)
        mixed = np.frombuffer(frame, dtype="<i2").astype(np.int32) + self._hiss[start : start + samples]
        clipped: NDArray[np.int16] = np.clip(mixed, -32768, 32767).astype("<i2")
        return clipped.tobytes()


def _hiss(rate: int, level: float | None) -> NDArray[np.int32] | None:
    """Some seconds of white noise at ``level`` dB of full scale, always the same."""
    if level is None:
        return None
    scale = 32768.0 * 10 ** (level / 20)
    return np.rint(np.random.default_rng(8000).normal(0.0, scale, rate * 3 + 7)).astype(np.int32)
