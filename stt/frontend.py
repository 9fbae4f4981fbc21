"""Sound to the features that the English acoustic model was trained on, in numpy, chunk by chunk.

The recognizer has a front end of its own, but it cannot be opened between its mel bands and its cepstra, and that is
where a telephone line has to be mended (``stt.bandwidth``). So the same chain is computed here: pre-emphasis, a Hamming
window of 25.6 ms every 10 ms, 25 triangular mel bands from 130 to 6800 Hz, spectral noise removal, logarithm, cosine
transform and liftering. ``tests/stt/test_frontend.py`` holds it against the recognizer's own output.

The parameters are those of the model's ``feat.params``; the noise removal follows the published power-normalization
front end that the model was trained with (C. Kim, "Signal processing for robust speech recognition", CMU 2010).

Refuses: normalizing the mean (``stt.cepstral_mean``), because that is a matter of the call and not of the frame.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

RATE: Final = 16000
"""Hz: what the acoustic model hears."""
FRAMES_PER_SECOND: Final = 100
BANDS: Final = 25
CEPSTRA: Final = 13

_HOP: Final = RATE // FRAMES_PER_SECOND
_WINDOW: Final = 410
_FFT: Final = 512
_LOWEST, _HIGHEST = 130.0, 6800.0
_PRE_EMPHASIS: Final = 0.97
_LIFTER: Final = 22
_FLOOR: Final = 1e-4


def mel_edges() -> NDArray[np.float64]:
    """Edges of the bands in Hz, rounded to the transform's lines: band ``i`` rises from edge i, peaks at i + 1."""
    top, bottom = (2595 * np.log10(1 + hertz / 700) for hertz in (_HIGHEST, _LOWEST))
    hertz = 700 * (10 ** (np.linspace(bottom, top, BANDS + 2) / 2595) - 1)
    line = RATE / _FFT
    rounded: NDArray[np.float64] = np.floor(hertz / line + 0.5) * line
    return rounded


def _filter_bank() -> Floats:
    """[257, 25]: weights of the spectrum's lines in each band; every triangle has unit area."""
    edges = mel_edges()
    lines = np.arange(_FFT // 2 + 1) * (RATE / _FFT)
    rising = (lines[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - lines[:, None]) / (edges[2:] - edges[1:-1])
    height = 2 / (edges[2:] - edges[:-2])
    return (np.clip(np.minimum(rising, falling), 0, None) * height).astype(np.float32)


def _cosine_transform() -> Floats:
    """[25, 13]: log bands to liftered cepstra."""
    order = np.arange(CEPSTRA)[:, None]
    basis = np.cos(np.pi / BANDS * order * (np.arange(BANDS) + 0.5)) * np.sqrt(2 / BANDS)
    basis[0] = np.sqrt(1 / BANDS)
    lifter = 1 + _LIFTER / 2 * np.sin(order * np.pi / _LIFTER)
    liftered: NDArray[np.float64] = (basis * lifter).T
    return liftered.astype(np.float32)


_BANK: Final = _filter_bank()
_HAMMING: Final = (0.54 - 0.46 * np.cos(2 * np.pi * np.arange(_WINDOW) / (_WINDOW - 1))).astype(np.float32)
_COSINES: Final = _cosine_transform()


class MelAnalysis:
    """A stream of 16 kHz samples to the power in each mel band, a row every 10 ms."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, np.float32)
        self._prior = np.float32(0)

    def process(self, pcm: bytes) -> Floats:
        """16-bit little-endian samples to [n, 25]: as many rows as they complete. The first row needs 25.6 ms."""
        samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
        if len(samples) == 0:
            return np.zeros((0, BANDS), np.float32)
        emphasized = np.empty_like(samples)
        emphasized[0] = samples[0] - _PRE_EMPHASIS * self._prior
        np.multiply(samples[:-1], -_PRE_EMPHASIS, out=emphasized[1:])
        emphasized[1:] += samples[1:]
        self._prior = samples[-1]
        self._rest = np.concatenate((self._rest, emphasized))
        count = (len(self._rest) - _WINDOW) // _HOP + 1
        if count <= 0:
            return np.zeros((0, BANDS), np.float32)
        power = self._bands(self._rest, count)
        self._rest = self._rest[count * _HOP :]
        return power

    def flush(self) -> Floats:
        """The last row, filled up with silence, and a fresh start."""
        rest, self._rest, self._prior = self._rest, np.zeros(0, np.float32), np.float32(0)
        if len(rest) == 0:
            return np.zeros((0, BANDS), np.float32)
        return self._bands(np.pad(rest, (0, max(0, _WINDOW - len(rest)))), 1)

    @staticmethod
    def _bands(samples: Floats, count: int) -> Floats:
        frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[: count * _HOP : _HOP][:count]
        spectrum = np.fft.rfft(frames * _HAMMING, _FFT)
        power: Floats = (spectrum.real**2 + spectrum.imag**2).astype(np.float32) @ _BANK
        return power


class NoiseRemoval:
    """Takes steady noise out of the mel bands. Its memory is the call's: keep one for all utterances of a line.

    Three asymmetric low-pass filters track, in each band, the floor of the signal, what rises above it, and the mask
    that a loud moment throws over the next ones. The gain is smoothed over neighbouring bands.
    """

    _SMOOTH: Final = 0.7
    _RISE, _FALL = 0.995, 0.5
    _MASK_DECAY, _MASK_SHARE = 0.85, 0.2
    _MOST: Final = 20.0
    _REACH: Final = 4

    def __init__(self) -> None:
        self._power: Floats | None = None
        self._noise = self._floor = self._peak = np.zeros(BANDS, np.float32)
        first = np.maximum(np.arange(BANDS) - self._REACH, 0)
        last = np.minimum(np.arange(BANDS) + self._REACH, BANDS - 1)
        near = (np.arange(BANDS) >= first[:, None]) & (np.arange(BANDS) <= last[:, None])
        self._neighbours = (near / near.sum(axis=1, keepdims=True)).T.astype(np.float32)

    def process(self, power: Floats) -> Floats:
        """[n, 25] to [n, 25]: the same bands with the noise turned down."""
        if self._power is None and len(power):
            self._power = power[0].copy()
            self._noise = self._floor = power[0] / self._MOST
            self._peak = np.zeros(BANDS, np.float32)
        gains = np.empty_like(power)
        for index, row in enumerate(power):
            gains[index] = self._gain(row)
        cleaned: Floats = power * (gains @ self._neighbours)
        return cleaned

    def _gain(self, row: Floats) -> Floats:
        assert self._power is not None
        smooth = self._power = self._SMOOTH * self._power + (1 - self._SMOOTH) * row
        self._noise = self._track(self._noise, smooth)
        signal = np.maximum(smooth - self._noise, 1.0)
        self._floor = self._track(self._floor, signal)
        mask = self._peak * self._MASK_DECAY
        shown = np.where(signal < self._MASK_DECAY * mask, mask * self._MASK_SHARE, signal)
        self._peak = np.maximum(mask, signal)
        shown = np.maximum(shown, self._floor)
        gain: Floats = np.clip(shown / np.maximum(smooth, 1e-9), 1 / self._MOST, self._MOST)
        return gain

    def _track(self, level: Floats, value: Floats) -> Floats:
        """Rises slowly, falls fast: a lower envelope."""
        keep = np.where(value >= level, np.float32(self._RISE), np.float32(self._FALL))
        tracked: Floats = (keep * level + (1 - keep) * value).astype(np.float32, copy=False)
        return tracked


def log_bands(power: Floats) -> Floats:
    """Powers to their natural logarithms."""
    logarithm: Floats = np.log(power + np.float32(_FLOOR))
    return logarithm


def cepstra(bands: Floats) -> Floats:
    """Log bands [n, 25] to the model's features [n, 13]."""
    features: Floats = bands @ _COSINES
    return features
