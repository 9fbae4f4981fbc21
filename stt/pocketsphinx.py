"""The English recognizer that needs no download: pocketsphinx with our own front end, in worker processes.

The decoder gets cepstra, not sound: the front end in numpy mends what a telephone line cuts off (``bandwidth``) and takes
the call's mean off (``cepstral_mean``). Only the first pass and the best path through its lattice are run: the second
pass would cost 150 ms after the last frame. Words come from the tenant's language model where one was built.

Refuses: Korean, and sounding surer than it is: its word confidences are lattice posteriors, not calibrated.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from infra.audio import Resampler
from infra.workers import PoolFull, WorkerLost, WorkerPool
from stt.bandwidth import BandwidthExtension
from stt.cepstral_mean import CallMean
from stt.errors import LanguageNotSupported, RecognizerUnavailable
from stt.frontend import FRAMES_PER_SECOND, RATE, MelAnalysis, NoiseRemoval, cepstra, log_bands
from stt.language_model import DICTIONARY, MODEL, build_language_model, current_model, tenant_directory
from stt.lm_trie import bundled_directory
from stt.worker_stream import WorkerStream

LANGUAGE: Final = "en"
NARROW: Final = 8000
"""Hz: sound at this rate or less came over a telephone line."""

MOST_FRAMES: Final = 5
"""Frames per call of the decoder: without the second pass more of them overrun its queue, silently."""

START_WITHIN: Final = 30.0
BUILD_WITHIN: Final = 300.0
OPEN_WITHIN: Final = 10.0

_FILLER = re.compile(r"^(<.*>|\[.*\]|\+\+.*\+\+)$")
_VARIANT = re.compile(r"\(\d+\)$")


# --- in the worker ----------------------------------------------------------------------------------------------------
class PocketsphinxHost:
    """Holds decoders in a worker process; each serves one call at a time and is kept for the next one."""

    def __init__(self, models: Path, tenants: Sequence[str]) -> None:
        self._models = models
        self._acoustic = Path(tempfile.mkdtemp(prefix="aicc-acoustic-"))
        _without_own_mean(self._acoustic)
        self._idle: dict[Path | None, list[Any]] = {}
        for tenant in tenants:
            self._give(*self._take(tenant))

    def open_session(self, emit: Callable[[Any], None], tenant: str) -> _Session:
        """For the pool: one caller's ear."""
        model, decoder = self._take(tenant)
        return _Session(emit, decoder, lambda: self._give(model, decoder))

    def close(self) -> None:
        """Remove what was laid down for the decoders."""
        shutil.rmtree(self._acoustic, ignore_errors=True)

    def _take(self, tenant: str) -> tuple[Path | None, Any]:
        model = current_model(tenant_directory(self._models, tenant))
        idle = self._idle.get(model)
        return model, idle.pop() if idle else self._decoder(model)

    def _give(self, model: Path | None, decoder: Any) -> None:
        self._idle.setdefault(model, []).append(decoder)

    def _decoder(self, model: Path | None) -> Any:
        from pocketsphinx import Decoder  # a shared library and 100 MB of model: only in the worker

        bundled = bundled_directory()
        return Decoder(
            hmm=str(self._acoustic),
            lm=str(model / MODEL if model else bundled / "en-us.lm.bin"),
            dict=str(model / DICTIONARY if model else bundled / "cmudict-en-us.dict"),
            fwdflat=False,
            bestpath=True,
            loglevel="FATAL",
        )


def _without_own_mean(folder: Path) -> None:
    """The bundled acoustic model with the decoder's own mean removal turned off: ``feat.params`` overrides options."""
    source = bundled_directory() / "en-us"
    for file in source.iterdir():
        if file.name == "feat.params":
            text = file.read_text(encoding="ascii")
            (folder / file.name).write_text(re.sub(r"-cmn \w+", "-cmn none", text), encoding="ascii")
        else:
            (folder / file.name).symlink_to(file)


class _Features:
    """Sound of one call to what the decoder takes. Noise and mean are the call's, the rest begins with each utterance."""

    def __init__(self) -> None:
        self._rate = 0
        self._noise = NoiseRemoval()
        self._mean = CallMean()
        self._analysis = MelAnalysis()
        self._up: Resampler | None = None
        self._extension: BandwidthExtension | None = None

    def process(self, pcm: bytes, rate: int) -> np.ndarray:
        """[n, 13] for the sound so far."""
        if rate != self._rate:
            self._rate = rate
            self._up = Resampler(rate, RATE) if rate != RATE else None
            self._extension = BandwidthExtension() if rate <= NARROW else None
        return self._features(self._analysis.process(self._up.process(pcm) if self._up else pcm))

    def flush(self) -> np.ndarray:
        """[n, 13] for what was held back; the next sound begins an utterance."""
        tail = [self._features(self._analysis.process(self._up.flush() if self._up else b""))]
        tail.append(self._features(self._analysis.flush()))
        if self._extension is not None:
            tail.append(self._mean.process(cepstra(self._extension.flush())))
        return np.concatenate(tail)

    def _features(self, power: np.ndarray) -> np.ndarray:
        bands = log_bands(self._noise.process(power))
        if self._extension is not None:
            bands = self._extension.process(bands)
        return self._mean.process(cepstra(bands))


class _Session:
    """One caller's ear in the worker. Emits what ``WorkerStream`` reads."""

    def __init__(self, emit: Callable[[Any], None], decoder: Any, give_back: Callable[[], None]) -> None:
        self._emit = emit
        self._decoder = decoder
        self._give_back = give_back
        self._features = _Features()
        self._open = False
        self._partial = ""

    def feed(self, pcm: bytes, rate: int) -> None:
        """Decode more of the utterance."""
        if not self._open:
            self._decoder.start_utt()
            self._open, self._partial = True, ""
        self._decode(self._features.process(pcm, rate))
        hypothesis = self._decoder.hyp()
        text = hypothesis.hypstr if hypothesis else ""
        if text != self._partial:
            self._partial = text
            self._emit(("partial", text))

    def end(self) -> None:
        """Finish the utterance and emit its words with their posteriors."""
        if not self._open:
            self._emit(("final", ()))
            return
        self._decode(self._features.flush())
        self._decoder.end_utt()
        self._open = False
        words = [
            (
                _VARIANT.sub("", segment.word),
                segment.start_frame / FRAMES_PER_SECOND,
                (segment.end_frame + 1) / FRAMES_PER_SECOND,
                min(float(segment.prob), 1.0),
            )
            for segment in (self._decoder.seg() or ())
            if not _FILLER.match(segment.word)
        ]
        self._emit(("final", tuple(words)))

    def close(self) -> None:
        """Give the decoder back."""
        if self._open:
            self._decoder.end_utt()
            self._open = False
        self._give_back()

    def _decode(self, features: np.ndarray) -> None:
        block = np.ascontiguousarray(features, np.float32)
        for start in range(0, len(block), MOST_FRAMES):
            self._decoder.process_cep(block[start : start + MOST_FRAMES].tobytes(), False, False)


class LanguageModelBuilder:
    """Hosts the building of language models in a process of its own: ten seconds of computing are nothing for a loop."""

    def build(self, texts: list[str], directory: Path) -> Path:
        """See ``build_language_model``."""
        return build_language_model(texts, directory)


# --- in the gateway ---------------------------------------------------------------------------------------------------
class PocketsphinxRecognizer:
    """The engine: a pool of workers, and each tenant's language model under ``models``."""

    name = "pocketsphinx"
    languages = frozenset({LANGUAGE})

    def __init__(self, models: Path, *, processes: int, streams: int, tenants: Sequence[str] = ()) -> None:
        self._models = models
        self._pool = WorkerPool(
            PocketsphinxHost, models, tuple(tenants), processes=processes, name="pocketsphinx", capacity=streams
        )

    async def start(self) -> None:
        """Start the workers. Raises ``RecognizerUnavailable``."""
        try:
            await self._pool.start(START_WITHIN)
        except (WorkerLost, TimeoutError) as error:
            raise RecognizerUnavailable(f"pocketsphinx does not start: {error}") from error

    async def open(self, *, language: str, tenant: str) -> WorkerStream:
        """See ``Recognizer.open``."""
        if language not in self.languages:
            raise LanguageNotSupported(f"pocketsphinx hears English only, not {language!r}; configure a Whisper model")
        try:
            async with asyncio.timeout(OPEN_WITHIN):
                return WorkerStream(await self._pool.lease(tenant), LANGUAGE)
        except (WorkerLost, PoolFull, TimeoutError) as error:
            raise RecognizerUnavailable(f"no recognizer is free: {error}") from error

    async def learn(self, tenant: str, texts: Sequence[str]) -> None:
        """Build the language model of a tenant's words, if they have changed. Calls from then on hear with it."""
        builder = WorkerPool(
            LanguageModelBuilder, processes=1, name="language-model", niceness=5, stuck_after=BUILD_WITHIN
        )
        try:
            await builder.start(START_WITHIN)
            await builder.call("build", list(texts), tenant_directory(self._models, tenant), timeout=BUILD_WITHIN)
        finally:
            await builder.close()

    async def close(self) -> None:
        """See ``Recognizer.close``."""
        await self._pool.close()
