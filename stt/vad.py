"""Voice activity: when does somebody speak on the line.

``VoiceActivity`` gives every call the probability of speech for each 32 ms of it. The media loop only cuts the sound
into windows and queues them; one thread takes what all calls have queued and runs it through the model together
(``stt.silero``). A thread that was idle judges at once; after that it gathers for a tick, so that a few calls wait for
nothing and a hundred share a run. What the probabilities mean is for each call's ``Segmenter``.

Refuses: knowing what the speech is for. The model never runs on the media loop.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from infra.audio import SAMPLE_WIDTH, AudioFrame, Resampler
from infra.telemetry.metrics import metrics
from stt.batched_silero import (
    CONTEXT,
    FULL_SCALE,
    NARROW,
    RATE,
    STATE,
    WIDE,
    WINDOW,
    WINDOW_SECONDS,
    Ear,
    Floats,
)
from stt.segmenter import Segmenter, SpeechStarted, SpeechStopped
from stt.silero import SileroModel, bundled_model, fresh_state

__all__ = [
    "CONTEXT",
    "RATE",
    "WINDOW",
    "WINDOW_SECONDS",
    "Segmenter",
    "SileroModel",
    "SpeechStarted",
    "SpeechStopped",
    "VadStream",
    "VoiceActivity",
    "bundled_model",
    "fresh_state",
]

TICK: Final = 0.016
"""Seconds for which a busy thread gathers windows at least: half a window, so one waits 8 ms on average, 16 at most."""

LONGEST_TICK: Final = WINDOW_SECONDS
"""Seconds for which it gathers at most: one window of each call to a run."""

DEAR: Final = 16
"""It gathers so many times as long as the last run took: where runs are dear, with many calls or on a slow machine,
fewer of them do for all."""

FORGET_AFTER: Final = 1.5
"""Seconds without speech after which the model's memory is emptied: after long silence it wakes late, or never."""

SURELY_SILENT: Final = 0.15
"""Probability under which a window counts towards that."""

MOST_WAITING: Final = 4_096
"""Windows of all calls that may wait for the model, some 130 s of one call; over that the oldest is dropped."""

CLOSE_WITHIN: Final = 5.0

_DROPPED = metrics.counter(
    "aicc_vad_dropped_windows", "Windows of 32 ms that the voice activity model could not judge in time"
)

OnWindow = Callable[[float, float, float], None]
"""Called with a window's media time in seconds, the probability that it is speech, and its level in dBFS."""


class Model(Protocol):
    """What judges: ``stt.silero.SileroModel``."""

    def judge_streams(self, ear: Ear, samples: Floats, states: Floats) -> tuple[Floats, Floats]:
        """One window of each of n streams ``[n, ear.width]``; the probabilities ``[n]`` and the states after them."""


class Memory:
    """What is remembered of one stream between its windows. The model's thread alone touches it."""

    __slots__ = ("silent", "state")

    def __init__(self) -> None:
        self.state: Floats = np.zeros(STATE, np.float32)
        self.silent = 0.0
        """Seconds of silence so far."""

    def take(self, state: Floats, probability: float) -> None:
        """A window was judged. After long silence everything is forgotten."""
        self.silent = self.silent + WINDOW_SECONDS if probability < SURELY_SILENT else 0.0
        if self.silent >= FORGET_AFTER:
            self.state, self.silent = np.zeros(STATE, np.float32), 0.0
        else:
            self.state = state


class VadStream:
    """One call's voice activity. Made by ``VoiceActivity.open``."""

    def __init__(self, activity: VoiceActivity, rate: int, on_window: OnWindow) -> None:
        self.ear = NARROW if rate == NARROW.rate else WIDE
        """Which samples make a window."""
        self.memory = Memory()
        self.closed = False
        self._activity = activity
        self._resampler = Resampler(rate, RATE) if rate not in (NARROW.rate, WIDE.rate) else None
        self._on_window = on_window
        self._width, self._step = self.ear.width * SAMPLE_WIDTH, self.ear.step * SAMPLE_WIDTH
        self._held = bytes(self.ear.before * SAMPLE_WIDTH)
        self._next_at: float | None = None

    def feed(self, frame: AudioFrame) -> None:
        """Queue a frame; never blocks. What is found comes to ``on_window(at, probability, level)`` on the loop."""
        if self.closed:
            return
        if self._next_at is None:
            self._next_at = frame.at
        held = self._held + (self._resampler.process(frame.pcm) if self._resampler else frame.pcm)
        while len(held) >= self._width:
            self._activity.put(Waiting(self, self._next_at, held[: self._width]))
            held = held[self._step :]
            self._next_at += WINDOW_SECONDS
        self._held = held

    def tell(self, at: float, probability: float, level: float) -> None:
        """For ``VoiceActivity``, on the event loop: what was found of a window."""
        if not self.closed:
            self._on_window(at, probability, level)

    def close(self) -> None:
        """Judge nothing more of this call."""
        self.closed = True


@dataclass(frozen=True, slots=True)
class Waiting:
    """A window that waits to be judged: 16-bit samples at its stream's rate, with their neighbours."""

    stream: VadStream
    at: float
    pcm: bytes


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found of windows that went through one run: probabilities, and levels in dBFS."""

    windows: list[Waiting]
    probabilities: list[float]
    levels: list[float]


class VoiceActivity:
    """Voice activity for all calls of a process: one model, one thread, one bounded queue.

    Belongs to the event loop on which it is made.
    """

    def __init__(self, model: Model, most_waiting: int = MOST_WAITING) -> None:
        self._model = model
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Waiting] = deque(maxlen=most_waiting)
        self._changed = threading.Condition()
        self._idle = False
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="voice-activity", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Windows that wait to be taken up. More than a few for each call: the model falls behind."""
        return len(self._waiting)

    def open(self, rate: int, on_window: OnWindow) -> VadStream:
        """A stream for one call at ``rate`` Hz; the model hears it at 16 kHz."""
        return VadStream(self, rate, on_window)

    def put(self, window: Waiting) -> None:
        """For streams: queue a window. When the queue is full the oldest of all windows is dropped and counted.

        Without a lock: the loop alone appends, the thread alone takes, and a deque allows both at once. The lock is
        for waking the thread; it says that it is idle before it looks at the queue, so that no window is missed.
        """
        if len(self._waiting) == self._waiting.maxlen:
            _DROPPED.inc()
        self._waiting.append(window)
        if self._idle:
            with self._changed:
                self._idle = False  # once woken is enough, however many windows come before it runs
                self._changed.notify()

    async def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        await asyncio.to_thread(self._thread.join, CLOSE_WITHIN)

    def _work(self) -> None:
        earliest = 0.0
        while taken := self._take(earliest):
            begun = time.monotonic()
            judged = [judge(self._model, windows) for windows in rounds(taken) if not self._closing]
            earliest = begun + gathering(time.monotonic() - begun)
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(tell, judged)

    def _take(self, earliest: float) -> list[Waiting]:
        """All that waits at the time ``earliest``, or as soon as anything does after it; nothing: it is over."""
        with self._changed:
            while not self._closing and (rest := earliest - time.monotonic()) > 0:
                self._changed.wait(rest)
            self._idle = True
            while not self._waiting and not self._closing:
                self._changed.wait()
                self._idle = True
            self._idle = False
        if self._closing:
            return []
        return [self._waiting.popleft() for _ in range(len(self._waiting))]


def gathering(took: float) -> float:
    """Seconds from the begin of a run that ``took`` so many seconds to the next one."""
    return min(max(DEAR * took, TICK), LONGEST_TICK)


def rounds(waiting: Iterable[Waiting]) -> list[list[Waiting]]:
    """Windows cut into runs of the model: of each stream one window to a run, in order, and one rate to a run."""
    depth: dict[VadStream, int] = {}
    runs: dict[tuple[int, Ear], list[Waiting]] = {}
    for window in waiting:
        stream = window.stream
        if stream.closed:
            continue
        number = depth[stream] = depth.get(stream, -1) + 1
        runs.setdefault((number, stream.ear), []).append(window)
    return list(runs.values())


def judge(model: Model, windows: list[Waiting]) -> Judged:
    """One run: a window of each of several streams of one rate. Their memories move on."""
    ear = windows[0].stream.ear
    samples = np.frombuffer(b"".join(window.pcm for window in windows), "<i2").astype(np.float32)
    samples = samples.reshape(len(windows), ear.width)
    states = np.concatenate([window.stream.memory.state for window in windows]).reshape(len(windows), STATE)
    speech, states = model.judge_streams(ear, samples, states)
    probabilities = speech.tolist()
    for window, state, probability in zip(windows, states, probabilities, strict=True):
        window.stream.memory.take(state.copy(), probability)
    inner = samples[:, ear.before : ear.before + ear.step]
    power = np.einsum("ij,ij->i", inner, inner) / (ear.step * FULL_SCALE**2)
    return Judged(windows, probabilities, (10.0 * np.log10(power + 1e-10)).tolist())


def tell(runs: Iterable[Judged]) -> None:
    """On the event loop: give each stream what was found, in order."""
    for run in runs:
        for window, probability, level in zip(run.windows, run.probabilities, run.levels, strict=True):
            window.stream.tell(window.at, probability, level)
