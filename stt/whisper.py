"""The production recognizer: Whisper in worker processes, Korean and English (``stt.whisper_host``).

Refuses: other languages than Korean and English; a model that is not there: it is loaded when the processes start,
never in mid-call, and the error says what to do.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from infra.errors import AiccError
from infra.workers import WorkerPool
from stt.errors import LanguageNotSupported, RecognizerUnavailable
from stt.languages import primary
from stt.queue_wait import QueueWait
from stt.settings import SttSettings
from stt.whisper_host import WhisperHost, WhisperOptions
from stt.worker_stream import WorkerStream, open_worker_stream

START_WITHIN: Final = 900.0
"""Seconds for loading, the first time with a download of up to 1.6 GB."""
NICENESS: Final = 2
MOST_OF_THEM: Final = 0.95
"""The share of turns whose wait for the model counts; the longest of all are chance."""


class WhisperRecognizer:
    """``stt.recognizer.Recognizer`` for Korean and English. ``models`` is where pulled models lie."""

    name = "whisper"
    languages = frozenset({"ko", "en"})

    def __init__(self, settings: SttSettings, models: Path) -> None:
        """Raises ``RecognizerUnavailable`` when no model is configured."""
        if not settings.model:
            raise RecognizerUnavailable("no Whisper model is configured: set AICC_STT_MODEL to a size or a folder")
        self._pool = WorkerPool(
            WhisperHost,
            WhisperOptions(
                model=settings.model,
                models=str(models),
                device=settings.device,
                compute_type=settings.compute_type,
                threads=settings.threads,
                floors={"en": settings.window_en, "ko": settings.window_ko},
                period=settings.partial_period,
                retry_below=settings.retry_below,
                batch=settings.batch,
            ),
            processes=settings.processes,
            capacity=settings.streams,
            threads=settings.threads,
            niceness=NICENESS,
            stuck_after=START_WITHIN,
            name=self.name,
        )
        self._waits = QueueWait()

    @property
    def free(self) -> int:
        """How many more streams could be opened now."""
        return self._pool.free

    @property
    def waiting(self) -> float:
        """Seconds that sound waits at present before a process takes it up, or that turns lately waited for a model."""
        return max(self._pool.waiting, self._waits.quantile(MOST_OF_THEM, asyncio.get_running_loop().time()))

    @property
    def spent(self) -> float:
        """Processor seconds that its processes have spent in all."""
        return self._pool.spent

    @property
    def cores(self) -> int:
        """How many cores it can keep busy."""
        return self._pool.cores

    async def start(self) -> None:
        """Load the model in every process. Raises ``RecognizerUnavailable`` that says what to do."""
        try:
            await self._pool.start(START_WITHIN)
        except RecognizerUnavailable:
            raise
        except AiccError as error:
            raise RecognizerUnavailable(f"Whisper does not start: {error}") from error

    async def open(self, *, language: str, tenant: str, languages: tuple[str, ...] = ()) -> WorkerStream:
        """See the contract."""
        spoken = primary(language)
        if spoken not in self.languages:
            raise LanguageNotSupported(f"{language!r} is not offered; we hear {', '.join(sorted(self.languages))}")
        others = tuple(other for other in map(primary, languages) if other in self.languages)
        return await open_worker_stream(
            self._pool, spoken, others, language=spoken, speculative=True, waits=self._waits
        )

    async def close(self) -> None:
        """See the contract."""
        await self._pool.close()
