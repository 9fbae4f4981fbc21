"""The default English recognizer: needs no download, hears the tenant's own words, and knows its limits.

It runs in worker processes (``stt.pocketsphinx_host``), several streams to a process. It is fast (a tenth of real time)
and small, and far from what a production recognizer understands of free conversation; its figures are in the package's
README.

Refuses: any language but English.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from infra.errors import AiccError
from infra.workers import WorkerPool
from stt.confidence import read
from stt.errors import LanguageNotSupported, RecognizerUnavailable
from stt.language_model import build_language_model
from stt.languages import primary
from stt.model_folder import tenant_directory
from stt.pocketsphinx_host import CONFIDENCE, LANGUAGE, PocketsphinxHost
from stt.worker_stream import WorkerStream, open_worker_stream

START_WITHIN: Final = 180.0
BUILD_WITHIN: Final = 300.0
NICENESS: Final = 2
"""Recognition gives way to the media loop where both want the same core."""
BUILDER_NICENESS: Final = 10
WINDOW: Final = 50
"""Chunks of 0.1 s that may be on their way to a session."""


class LanguageModelBuilder:
    """Hosts the building of language models in a process of its own: computing for seconds is nothing for a loop."""

    def build(self, texts: list[str], directory: Path) -> Path:
        """See ``stt.language_model.build_language_model``."""
        return build_language_model(texts, directory)


class PocketsphinxRecognizer:
    """``stt.recognizer.Recognizer`` for English. ``models`` is where each tenant's language models lie."""

    name = "pocketsphinx"
    languages = frozenset({LANGUAGE})

    def __init__(self, models: Path, *, processes: int = 1, streams: int = 64, tenants: Sequence[str] = ()) -> None:
        """``processes`` children with ``streams`` callers each. The models of ``tenants`` are loaded at the start."""
        self._models = models
        self._pool = WorkerPool(
            PocketsphinxHost,
            str(models),
            tuple(tenants),
            read(CONFIDENCE),
            processes=processes,
            capacity=streams,
            window=WINDOW,
            niceness=NICENESS,
            name=self.name,
        )

    @property
    def free(self) -> int:
        """How many more streams could be opened now."""
        return self._pool.free

    @property
    def waiting(self) -> float:
        """Seconds that sound waits at present before a process takes it up."""
        return self._pool.waiting

    @property
    def spent(self) -> float:
        """Processor seconds that its processes have spent in all."""
        return self._pool.spent

    @property
    def cores(self) -> int:
        """How many cores it can keep busy."""
        return self._pool.cores

    async def start(self) -> None:
        """Start the processes. Raises ``RecognizerUnavailable`` that says what is missing."""
        try:
            await self._pool.start(START_WITHIN)
        except RecognizerUnavailable:
            raise
        except AiccError as error:
            raise RecognizerUnavailable(f"pocketsphinx does not start: {error}") from error

    async def open(self, *, language: str, tenant: str, languages: tuple[str, ...] = ()) -> WorkerStream:
        """See the contract."""
        if primary(language) not in self.languages:
            raise LanguageNotSupported(f"pocketsphinx hears English only, not {language!r}; configure a Whisper model")
        return await open_worker_stream(self._pool, tenant, language=LANGUAGE)

    async def learn(self, tenant: str, texts: Sequence[str]) -> Path:
        """Build the language model of a tenant's texts, if they have changed. Calls from then on hear with it.

        It takes some ten seconds in a process of its own. Gives the model's folder.
        """
        directory = tenant_directory(self._models, tenant)
        builder = WorkerPool(
            LanguageModelBuilder,
            processes=1,
            name="language-model",
            niceness=BUILDER_NICENESS,
            stuck_after=BUILD_WITHIN,
        )
        try:
            await builder.start(START_WITHIN)
            built: Path = await builder.call("build", list(texts), directory, timeout=BUILD_WITHIN)
        finally:
            await builder.close()
        return built

    async def close(self) -> None:
        """See the contract."""
        await self._pool.close()
