"""The production recognizer: faster-whisper, in worker processes, Korean and English.

A turn's sound is gathered and transcribed when it ends. Whisper invents sentences where nobody spoke; its own figures give
most of these away, and what they give away is not passed on (``_believable``).

Refuses: other languages than Korean and English, and a model that is not there: nothing is fetched in mid-call, the model is
loaded when the worker starts, and the error says what to do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from infra.audio import Resampler
from infra.workers import PoolFull, RemoteError, WorkerLost, WorkerPool, WorkerTimeout
from stt.errors import LanguageNotSupported, RecognizerUnavailable
from stt.settings import SttSettings
from stt.worker_stream import WorkerStream

RATE: Final = 16_000
LEAST_SECONDS: Final = 0.25
"""Less sound than that is no utterance."""

NO_SPEECH: Final = 0.6
LEAST_LOG_PROBABILITY: Final = -1.0
MOST_COMPRESSION: Final = 2.4
"""Above it a text repeats itself: a loop of the decoder."""

START_WITHIN: Final = 300.0
OPEN_WITHIN: Final = 10.0


class WhisperHost:
    """Holds the model in a worker process."""

    def __init__(self, model: str, models: Path, device: str, compute_type: str) -> None:
        from faster_whisper import WhisperModel

        try:
            self._model = WhisperModel(
                model, device=device, compute_type=compute_type, cpu_threads=1, download_root=str(models)
            )
        except (OSError, ValueError, RuntimeError) as error:
            # A size is fetched from the hub on first use: the hub's own errors are OSErrors.
            raise RecognizerUnavailable(
                f"the Whisper model {model!r} does not load ({type(error).__name__}: {error}); "
                "give a folder with a CTranslate2 model, or fetch one where the hub can be reached: aicc models list"
            ) from error

    def open_session(self, emit: Callable[[Any], None], language: str) -> _Session:
        """For the pool: one caller's ear."""
        return _Session(emit, self._model, language)


class _Session:
    """One caller's ear in the worker. Emits what ``WorkerStream`` reads."""

    def __init__(self, emit: Callable[[Any], None], model: Any, language: str) -> None:
        self._emit = emit
        self._model = model
        self._language = language
        self._sound = bytearray()
        self._resampler: Resampler | None = None
        self._rate = RATE

    def feed(self, pcm: bytes, rate: int) -> None:
        """Gather more of the utterance."""
        if rate != self._rate:
            self._rate = rate
            self._resampler = Resampler(rate, RATE) if rate != RATE else None
        self._sound += self._resampler.process(pcm) if self._resampler else pcm

    def end(self) -> None:
        """Transcribe the utterance and emit its words."""
        if self._resampler is not None:
            self._sound += self._resampler.flush()
        samples = np.frombuffer(bytes(self._sound), "<i2").astype(np.float32) / 32768.0
        self._sound.clear()
        if len(samples) < LEAST_SECONDS * RATE:
            self._emit(("final", ()))
            return
        segments, _ = self._model.transcribe(
            samples,
            language=self._language,
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            without_timestamps=False,
            vad_filter=False,
        )
        words = [
            (word.word.strip(), float(word.start), float(word.end), float(word.probability))
            for segment in segments
            if _believable(segment)
            for word in (segment.words or ())
            if word.word.strip()
        ]
        self._emit(("final", tuple(words)))

    def close(self) -> None:
        """Forget the sound."""
        self._sound.clear()


def _believable(segment: Any) -> bool:
    """Whether somebody said this, by the model's own figures."""
    if segment.no_speech_prob > NO_SPEECH and segment.avg_logprob < LEAST_LOG_PROBABILITY:
        return False
    return bool(segment.compression_ratio <= MOST_COMPRESSION)


class WhisperRecognizer:
    """The engine: a pool of workers with one model each."""

    name = "whisper"
    languages = frozenset({"ko", "en"})

    def __init__(self, settings: SttSettings, models: Path) -> None:
        if not settings.model:
            raise RecognizerUnavailable("no Whisper model is configured: set AICC_STT_MODEL to a size or a folder")
        self._pool = WorkerPool(
            WhisperHost,
            settings.model,
            models,
            settings.device,
            settings.compute_type,
            processes=settings.processes,
            name="whisper",
            capacity=settings.streams,
        )

    async def start(self) -> None:
        """Load the model in every worker. Raises ``RecognizerUnavailable``."""
        try:
            await self._pool.start(START_WITHIN)
        except (WorkerLost, WorkerTimeout, RemoteError, TimeoutError) as error:
            raise RecognizerUnavailable(f"Whisper does not start: {error}") from error

    async def open(self, *, language: str, tenant: str) -> WorkerStream:
        """See ``Recognizer.open``."""
        if language not in self.languages:
            raise LanguageNotSupported(f"{language!r} is not offered; we hear {', '.join(sorted(self.languages))}")
        try:
            async with asyncio.timeout(OPEN_WITHIN):
                return WorkerStream(await self._pool.lease(language), language)
        except (WorkerLost, PoolFull, TimeoutError) as error:
            raise RecognizerUnavailable(f"no recognizer is free: {error}") from error

    async def close(self) -> None:
        """See ``Recognizer.close``."""
        await self._pool.close()
