"""What a telephone line took away, guessed from what it left.

The acoustic model wants mel bands up to 6.8 kHz; a line of 8 kHz ends at 3.4 to 4 kHz, so its upper eight bands are
empty and the recognizer hears nonsense. A small network looks at nine frames of the lower 18 bands and predicts the
upper ones; nothing below is touched. The weights were trained only on voices that ``flite`` synthesized
(``python -m stt.training.bandwidth`` makes them again) and ship with the package.

Refuses: sound that came with its upper bands; knowing how the weights were trained.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np

from stt.errors import RecognizerUnavailable
from stt.frontend import BANDS, Floats

WEIGHTS: Final = Path(__file__).parent / "bandwidth.npz"
HEARD: Final = 18
"""How many bands, from the lowest, a telephone line carries at least in part."""
KEPT: Final = 17
"""How many bands stay as they are. The one between is half cut off, so it is both looked at and replaced."""
REACH: Final = 4
"""Frames of context on either side; also the delay, in frames."""
INPUTS: Final = HEARD * (2 * REACH + 1)


@dataclass(frozen=True, slots=True)
class Network:
    """Two hidden layers with rectifiers. ``layers`` are (weights [in, out], bias [out]), from the input on."""

    mean: Floats
    scale: Floats
    layers: tuple[tuple[Floats, Floats], ...]

    def predict(self, inputs: Floats) -> Floats:
        """[n, 162] to [n, 25]: log mel bands."""
        value: Floats = ((inputs - self.mean) / self.scale).astype(np.float32, copy=False)
        for weights, bias in self.layers[:-1]:
            value = np.maximum(value @ weights + bias, 0)
        weights, bias = self.layers[-1]
        prediction: Floats = value @ weights + bias
        return prediction

    def save(self, path: Path) -> None:
        """Write the weights as half-precision arrays."""
        arrays: dict[str, Any] = {"mean": self.mean, "scale": self.scale}
        for index, (weights, bias) in enumerate(self.layers):
            arrays |= {f"w{index}": weights.astype(np.float16), f"b{index}": bias.astype(np.float16)}
        np.savez(path, **arrays)


@cache
def network(path: Path = WEIGHTS) -> Network:
    """The weights, read once. Raises ``RecognizerUnavailable`` when the file is not there or not one of ours."""
    try:
        with path.open("rb") as source, np.load(source, allow_pickle=False) as file:
            count = sum(name.startswith("w") for name in file.files)
            layers = tuple(
                (file[f"w{index}"].astype(np.float32), file[f"b{index}"].astype(np.float32)) for index in range(count)
            )
            mean, scale = file["mean"], file["scale"]
    except (OSError, EOFError, KeyError, ValueError, BadZipFile) as error:
        raise RecognizerUnavailable(
            f"the weights of the bandwidth extension cannot be read from {path}: {error}; "
            "install the package again, or make them with: python -m stt.training.bandwidth"
        ) from error
    if mean.shape != (INPUTS,) or not layers or layers[-1][1].shape != (BANDS,):
        raise RecognizerUnavailable(f"{path} holds a network of other dimensions; make it again")
    return Network(mean, scale, layers)


def contexts(bands: Floats) -> Floats:
    """[n + 2 * REACH, 25] to [n, 162]: the heard bands of each frame and its neighbours, the earliest first."""
    heard = np.lib.stride_tricks.sliding_window_view(bands[:, :HEARD], 2 * REACH + 1, axis=0)
    flat: Floats = heard.transpose(0, 2, 1).reshape(len(heard), INPUTS)
    return flat


class BandwidthExtension:
    """A stream of log mel bands of a telephone line to bands as of a wide line, ``REACH`` frames late."""

    def __init__(self, weights: Network | None = None) -> None:
        self._network = weights or network()
        self._held = np.zeros((0, BANDS), np.float32)
        self._begun = False

    def process(self, bands: Floats) -> Floats:
        """[n, 25] to [m, 25]: as many frames as have their context by now."""
        if len(bands) == 0:
            return bands
        if not self._begun:
            self._begun = True
            bands = np.concatenate((np.repeat(bands[:1], REACH, axis=0), bands))
        self._held = np.concatenate((self._held, bands))
        count = len(self._held) - 2 * REACH
        if count <= 0:
            return np.zeros((0, BANDS), np.float32)
        extended = self._held[REACH : REACH + count].copy()
        extended[:, KEPT:] = self._network.predict(contexts(self._held))[:, KEPT:]
        self._held = self._held[count:]
        return extended

    def flush(self) -> Floats:
        """The last frames, and a fresh start. What comes after the end is taken to be like the last frame."""
        if not self._begun:
            return np.zeros((0, BANDS), np.float32)
        last = self.process(np.repeat(self._held[-1:], REACH, axis=0))
        self._held, self._begun = np.zeros((0, BANDS), np.float32), False
        return last
