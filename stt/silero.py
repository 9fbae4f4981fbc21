"""The voice activity model: Silero v6, from faster-whisper's assets.

``judge`` takes the windows of one stream in order; ``judge_streams`` takes one window of each of many streams in one
run of the network of ``stt.batched_silero``. That network is made of the weights in the file and held against the
original on its first use. Where the two differ, or the file is another one, every stream goes through the original, one
after the other: dearer, and never wrong.

Refuses: threads and queues (``stt.vad``).
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from stt.batched_silero import CELLS, STATE, Ear, Floats, UnknownNetwork, batched, to_wide
from stt.onnx_wire import MalformedModel, weights

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_ALIKE: Final = 1e-3
"""Probabilities and states that differ by less are the same: sums in another order differ by up to 5e-5."""
_TRIAL_WINDOWS: Final = 4
_QUIET: Final = 3
"""Severity from which the runtime itself logs: errors."""

log = logging.getLogger(__name__)


class SileroModel:
    """The model itself; one instance serves any number of streams. Not for several threads at once."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or bundled_model()
        self._original = _session(self._path.read_bytes())
        self._batches: dict[Ear, InferenceSession | None] = {}

    def judge(self, windows: Floats, h: Floats, c: Floats) -> tuple[Floats, Floats, Floats]:
        """Windows of one stream in order, ``[n, 64 + 512]``; the probabilities ``[n]`` and the stream's new state."""
        probabilities, h, c = self._original.run(None, {"input": windows, "h": h, "c": c})
        return probabilities.reshape(-1), h, c

    def judge_streams(self, ear: Ear, samples: Floats, states: Floats) -> tuple[Floats, Floats]:
        """One window of each of n streams, 16-bit samples ``[n, ear.width]``, and each one's state ``[n, 256]``.

        The probabilities ``[n]`` and the states after it. A stream's first state is nought.
        """
        if ear not in self._batches:
            self._batches[ear] = self._batch(ear)
        batch = self._batches[ear]
        if batch is None:
            return self._one_by_one(ear, samples, states)
        speech, after = batch.run(None, {"samples": samples, "state": states})
        return speech, after

    def batches(self, ear: Ear) -> bool:
        """Whether many streams go through one run. Loads and tries the network when that was not done yet."""
        self.judge_streams(ear, np.zeros((1, ear.width), np.float32), np.zeros((1, STATE), np.float32))
        return self._batches[ear] is not None

    def _one_by_one(self, ear: Ear, samples: Floats, states: Floats) -> tuple[Floats, Floats]:
        judged = [
            self.judge(window[None], state[None, None, :CELLS], state[None, None, CELLS:])
            for window, state in zip(samples @ to_wide(ear), states, strict=True)
        ]
        speech, said, held = zip(*judged, strict=True)
        return np.concatenate(speech), np.concatenate((np.concatenate(said, 1), np.concatenate(held, 1)), 2)[0]

    def _batch(self, ear: Ear) -> InferenceSession | None:
        """The network for many streams when it says what the original says, else ``None`` and a warning."""
        try:
            session = _session(batched(weights(self._path.read_bytes()), ear))
        except (UnknownNetwork, MalformedModel) as error:
            log.warning("%s: %s; calls are judged one after the other, which costs more", self._path, error)
            return None
        noise = np.random.default_rng(0)
        states = np.zeros((2, STATE), np.float32)
        for loudness in np.geomspace(10, 8000, _TRIAL_WINDOWS):
            samples = noise.normal(0, loudness, (2, ear.width)).astype(np.float32)
            expected = self._one_by_one(ear, samples, states)
            found = session.run(None, {"samples": samples, "state": states})
            if any(np.abs(one - other).max() > _ALIKE for one, other in zip(found, expected, strict=True)):
                log.warning(
                    "%s: judged together, calls get other results than alone; they are judged one after the other, "
                    "which costs more",
                    self._path,
                )
                return None
            _, states = expected
        return session


def _session(model: bytes) -> InferenceSession:
    import onnxruntime  # 0.1 s to load: only where voice activity is really wanted

    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.enable_mem_pattern = False  # it keeps a plan for every size of batch that ever came
    options.log_severity_level = _QUIET
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def bundled_model() -> Path:
    """Where faster-whisper keeps its Silero model; found without importing it."""
    from importlib.util import find_spec

    spec = find_spec("faster_whisper")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the voice activity model comes with faster-whisper, which is not installed")
    return Path(spec.origin).parent / "assets" / "silero_vad_v6.onnx"


def fresh_state() -> tuple[Floats, Floats]:
    """The model's memory at the beginning of a stream: ``h`` and ``c``."""
    return np.zeros((1, 1, CELLS), np.float32), np.zeros((1, 1, CELLS), np.float32)
