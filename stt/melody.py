"""Whether somebody sounds as if they had finished: an acoustic turn model's vote, where one is installed.

The model is any that keeps the contract of smart-turn v3 (BSD-2): ``[1, 80, 800]`` log-mel of the last eight seconds at
16 kHz in, one probability out. A decision costs 80 ms of a core, so it is made in a process of its own.

Refuses: deciding. It calls half a telephone number finished and silence, too; it is one vote among several.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from infra.audio import Resampler
from infra.errors import AiccError
from infra.workers import WorkerPool
from stt.errors import RecognizerUnavailable

SECONDS: Final = 8
"""Seconds of sound that are judged, the last ones."""

RATE: Final = 16_000
FRAMES: Final = 800
LEAST_SPEECH: Final = 0.25
"""Seconds of speech under which nobody is judged."""

ANSWER_WITHIN: Final = 0.6
"""Seconds: a later vote comes after the decision."""

START_WITHIN: Final = 180.0

log = logging.getLogger(__name__)


def features(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The model's input ``[1, 80, 800]`` for 16 kHz samples in -1..1: the end of them, silence before it if short."""
    from faster_whisper.feature_extractor import FeatureExtractor

    last = samples[-SECONDS * RATE :]
    whole = np.concatenate((np.zeros(SECONDS * RATE - len(last), np.float32), last))
    whole = (whole - whole.mean()) / np.sqrt(whole.var() + 1e-7)
    mel = FeatureExtractor(chunk_length=SECONDS)(whole.astype(np.float32))
    return np.ascontiguousarray(mel[None, :, :FRAMES], np.float32)


class MelodyHost:
    """What the process hosts."""

    def __init__(self, model: str) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self.finished(b"\0" * RATE, RATE)  # a file that is no turn model shall say so now

    def finished(self, pcm: bytes, rate: int) -> float:
        """The probability that who spoke this linear PCM has finished."""
        if rate != RATE:
            resampler = Resampler(rate, RATE)
            pcm = resampler.process(pcm) + resampler.flush()
        samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768.0
        (found,) = self._session.run(None, {self._input: features(samples)})
        return float(np.asarray(found, np.float32).reshape(1)[0])


class Melody:
    """The vote, for all calls of a gateway."""

    def __init__(self, model: Path) -> None:
        """``model``: the ONNX file."""
        self._model = model
        self._pool = WorkerPool(MelodyHost, str(model), processes=1, name="melody", niceness=1)

    async def start(self) -> None:
        """Load the model. Raises ``RecognizerUnavailable`` that says what is wrong with it."""
        try:
            await self._pool.start(START_WITHIN)
        except AiccError as error:
            raise RecognizerUnavailable(
                f"the turn model {self._model} does not load or is none; AICC_STT_TURN_MODEL must be an ONNX file that "
                f"takes log-mel of the shape [1, 80, {FRAMES}] and gives one probability: {error}"
            ) from error

    async def finished(self, pcm: bytes, rate: int) -> float | None:
        """The probability that who spoke this has finished; None when there is no answer in time."""
        try:
            answer: Any = await self._pool.call("finished", pcm, rate, timeout=ANSWER_WITHIN)
        except AiccError as error:
            log.info("the turn model has no vote this time: %s", error)
            return None
        return float(answer)

    async def close(self) -> None:
        """End its process."""
        await self._pool.close()
