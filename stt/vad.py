"""Voice activity: when does somebody speak on the line.

Two parts. ``VoiceActivity`` runs the Silero model (v6, from faster-whisper's assets) for all calls in one thread and
gives each call the probability of speech for every 32 ms. ``Segmenter`` is a pure machine that makes "started" and
"stopped" of these, with hysteresis, so that neither a click starts an utterance nor a short breath ends one.

Refuses: knowing what the speech is for. The media loop only queues; the model never runs on it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from infra.audio import SAMPLE_WIDTH, AudioFrame, Resampler
from infra.telemetry.metrics import metrics

RATE = 16_000
WINDOW = 512
"""Samples that the model judges at once: 32 ms."""

WINDOW_SECONDS = WINDOW / RATE
CONTEXT = 64
"""Samples before a window that the model wants to see as well."""

STATE = 128
NOISE_AT_FIRST = -45.0
"""dBFS that a line's noise is taken for at most before anything is known of it."""

NOISE_RISE = 4.0
"""dB per second by which the estimate of the noise follows a louder line."""

NOISE_FALL = 0.3
"""Share of the way by which it follows a quieter window."""

FORGET_AFTER = 1.5
"""Seconds without speech after which the model's memory is emptied: after long silence it wakes late, or never."""

SURELY_SILENT = 0.15
"""Probability under which a window counts towards that."""

MOST_WAITING = 4_096
"""Windows of all calls that may wait for the model, some 130 s of one call; over that the oldest is dropped."""

CLOSE_WITHIN = 5.0

_DROPPED = metrics.counter(
    "aicc_vad_dropped_windows", "Windows of 32 ms that the voice activity model could not judge in time"
)

log = logging.getLogger(__name__)

Vector = npt.NDArray[np.float32]

OnWindow = Callable[[float, float, float], None]
"""Called with a window's media time in seconds, the probability that it is speech, and its level in dBFS."""


# --- segments ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Somebody began to speak at the media time ``at`` (seconds), noticed a little later."""

    at: float


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """They fell silent at the media time ``at`` (seconds), noticed a little later."""

    at: float


class Segmenter:
    """Makes segments of probabilities and levels.

    Speech begins when ``min_speech`` seconds of windows reach the probability ``start`` and are ``margin`` dB above
    the line's own noise, and ends when ``min_silence`` seconds stay below ``stop``. In between nothing changes. The
    level is the second witness: the model takes a café's babble for speech, which is hardly louder than the café.
    """

    def __init__(
        self,
        *,
        start: float = 0.4,
        stop: float = 0.25,
        min_speech: float = 0.096,
        min_silence: float = 0.25,
        margin: float = 9.0,
    ) -> None:
        if not 0.0 <= stop <= start <= 1.0:
            raise ValueError(f"thresholds must be 0 <= stop <= start <= 1, not stop={stop}, start={start}")
        self._start = start
        self._stop = stop
        self._min_speech = min_speech
        self._min_silence = min_silence
        self._margin = margin
        self._noise: float | None = None
        self.speaking = False
        self._loud_since: float | None = None
        self._loud = 0.0
        self._voice_until = 0.0

    def handle(self, at: float, probability: float, level: float) -> SpeechStarted | SpeechStopped | None:
        """Take the probability and the level (dBFS) of the window that begins at ``at``; windows come in order."""
        end = at + WINDOW_SECONDS
        loud = self._above_noise(level)
        if self.speaking:
            if probability >= self._stop:
                self._voice_until = end
            elif end - self._voice_until >= self._min_silence:
                self.speaking = False
                self._loud_since, self._loud = None, 0.0
                return SpeechStopped(self._voice_until)
            return None
        if probability < self._stop:
            self._loud_since, self._loud = None, 0.0
            return None
        if probability >= self._start and loud:
            self._loud_since = at if self._loud_since is None else self._loud_since
            self._loud += WINDOW_SECONDS
        if self._loud_since is not None and self._loud >= self._min_speech - 1e-9:
            self.speaking = True
            self._voice_until = end
            return SpeechStarted(self._loud_since)
        return None

    def _above_noise(self, level: float) -> bool:
        """Follow the noise down at once and up slowly; whether this window stands out of it."""
        if self._noise is None:
            self._noise = min(level, NOISE_AT_FIRST)
        loud = level >= self._noise + self._margin
        if level < self._noise:
            self._noise += (level - self._noise) * NOISE_FALL
        else:
            self._noise += min(level - self._noise, NOISE_RISE * WINDOW_SECONDS)
        return loud


# --- the model --------------------------------------------------------------------------------------------------------
class SileroModel:
    """The model itself; one session serves any number of streams, one after the other."""

    def __init__(self, path: Path | None = None) -> None:
        import onnxruntime  # 0.1 s to load: only where voice activity is really wanted

        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(path or bundled_model()), options, providers=["CPUExecutionProvider"]
        )

    def judge(self, windows: Vector, h: Vector, c: Vector) -> tuple[Vector, Vector, Vector]:
        """Windows of one stream in order, ``[n, 64 + 512]``; the probabilities ``[n]`` and the stream's new state."""
        probabilities, h, c = self._session.run(None, {"input": windows, "h": h, "c": c})
        return probabilities.reshape(-1), h, c


def bundled_model() -> Path:
    """Where faster-whisper keeps its Silero model; found without importing it."""
    from importlib.util import find_spec

    spec = find_spec("faster_whisper")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the voice activity model comes with faster-whisper, which is not installed")
    return Path(spec.origin).parent / "assets" / "silero_vad_v6.onnx"


class VadStream:
    """One call's voice activity. Made by ``VoiceActivity.open``."""

    def __init__(self, activity: VoiceActivity, rate: int, on_window: OnWindow) -> None:
        self._activity = activity
        self._resampler = Resampler(rate, RATE) if rate != RATE else None
        self._on_window = on_window
        self._tail = b""
        self._context: Vector = np.zeros(CONTEXT, np.float32)
        self._next_at: float | None = None
        self.state = fresh_state()
        """The model's memory of this stream; the model's thread alone touches it."""
        self.silent = 0.0
        """Seconds of silence so far, likewise."""
        self.closed = False

    def feed(self, frame: AudioFrame) -> None:
        """Queue a frame; never blocks. What is found comes to ``on_window(at, probability, level)`` on the loop."""
        if self.closed:
            return
        if self._next_at is None:
            self._next_at = frame.at
        self._tail += self._resampler.process(frame.pcm) if self._resampler else frame.pcm
        size = WINDOW * SAMPLE_WIDTH
        while len(self._tail) >= size:
            samples = np.frombuffer(self._tail[:size], "<i2").astype(np.float32) / 32768.0
            self._tail = self._tail[size:]
            self._activity.put(self, self._next_at, np.concatenate((self._context, samples)))
            self._context = samples[-CONTEXT:]
            self._next_at += WINDOW_SECONDS

    def tell(self, judged: list[tuple[float, float, float]]) -> None:
        """For ``VoiceActivity``: what the model found, in order, on the event loop."""
        for at, probability, level in judged:
            if not self.closed:
                self._on_window(at, probability, level)

    def close(self) -> None:
        """Judge nothing more of this call."""
        self.closed = True


class VoiceActivity:
    """Voice activity for all calls of a process: one model, one thread, one bounded queue.

    Belongs to the event loop on which it is made.
    """

    def __init__(self, model: SileroModel, most_waiting: int = MOST_WAITING) -> None:
        self._model = model
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[VadStream, float, Vector]] = deque()
        self._most_waiting = most_waiting
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="voice-activity", daemon=True)
        self._thread.start()

    def open(self, rate: int, on_window: OnWindow) -> VadStream:
        """A stream for one call at ``rate`` Hz; the model hears it at 16 kHz."""
        return VadStream(self, rate, on_window)

    def put(self, stream: VadStream, at: float, window: Vector) -> None:
        """For streams: queue a window. When the queue is full the oldest of all windows is dropped and counted."""
        with self._changed:
            if len(self._waiting) >= self._most_waiting:
                self._waiting.popleft()
                _DROPPED.inc()
            self._waiting.append((stream, at, window))
            self._changed.notify()

    async def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        await asyncio.to_thread(self._thread.join, CLOSE_WITHIN)

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closing:
                    self._changed.wait()
                if self._closing:
                    return
                taken = list(self._waiting)
                self._waiting.clear()
            self._judge(taken)

    def _judge(self, taken: list[tuple[VadStream, float, Vector]]) -> None:
        of_stream: dict[VadStream, list[tuple[float, Vector]]] = {}
        for stream, at, window in taken:
            of_stream.setdefault(stream, []).append((at, window))
        results: list[tuple[VadStream, list[tuple[float, float, float]]]] = []
        for stream, windows in of_stream.items():
            if stream.closed:
                continue
            stacked = np.stack([window for _, window in windows])
            probabilities, h, c = self._model.judge(stacked, *stream.state)
            stream.state = (h, c)
            for probability in probabilities:
                stream.silent = stream.silent + WINDOW_SECONDS if probability < SURELY_SILENT else 0.0
            if stream.silent >= FORGET_AFTER:
                stream.state, stream.silent = fresh_state(), 0.0
            levels = 10.0 * np.log10(np.mean(stacked[:, CONTEXT:] ** 2, axis=1) + 1e-10)
            judged = [
                (at, float(probability), float(level))
                for (at, _), probability, level in zip(windows, probabilities, levels, strict=True)
            ]
            results.append((stream, judged))
        if results and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(_tell, results)


def fresh_state() -> tuple[Vector, Vector]:
    """The model's memory at the beginning of a stream: ``h`` and ``c``."""
    return np.zeros((1, 1, STATE), np.float32), np.zeros((1, 1, STATE), np.float32)


def _tell(results: list[tuple[VadStream, list[tuple[float, float, float]]]]) -> None:
    for stream, judged in results:
        stream.tell(judged)
