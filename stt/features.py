"""One caller's sound to normalized features, whatever the line: the chain before the English acoustic model.

Resampling to 16 kHz, mel bands, noise removal, bandwidth extension where the line has no upper bands, cepstra, and the
call's mean. Noise and mean are remembered over the whole call; everything else starts anew with each utterance.

Refuses: deciding where an utterance begins and ends.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from infra.audio import Resampler
from stt.bandwidth import BandwidthExtension
from stt.cepstral_mean import CepstralMean
from stt.frontend import RATE, Floats, MelAnalysis, NoiseRemoval, cepstra, log_bands

WIDE_FROM: Final = 13_600
"""Hz: a sampling rate from which on the model's highest band (6.8 kHz) can be there."""


class CallFeatures:
    """One per call. ``extend`` turns the bandwidth extension off for measurements."""

    def __init__(self, *, extend: bool = True) -> None:
        self._noise = NoiseRemoval()
        self._mean = CepstralMean()
        self._analysis = MelAnalysis()
        self._extend = extend
        self._rate = 0
        self._resampler: Resampler | None = None
        self._extension: BandwidthExtension | None = None

    def process(self, pcm: bytes, rate: int) -> Floats:
        """The next 16-bit samples of the utterance at ``rate`` Hz to as many rows [n, 13] as they complete."""
        if rate != self._rate:
            self._change(rate)
        if self._resampler is not None:
            pcm = self._resampler.process(pcm)
        return self._normalized(self._analysis.process(pcm))

    def end_utterance(self) -> Floats:
        """The rows that waited for their context, and a fresh start."""
        tail = self._resampler.flush() if self._resampler is not None else b""
        rows = [self._normalized(self._analysis.process(tail)), self._normalized(self._analysis.flush())]
        if self._extension is not None:
            rows.append(self._mean.process(cepstra(self._extension.flush())))
        rows.append(self._mean.flush())
        return np.concatenate(rows)

    def _normalized(self, power: Floats) -> Floats:
        bands = log_bands(self._noise.process(power))
        if self._extension is not None:
            bands = self._extension.process(bands)
        return self._mean.process(cepstra(bands))

    def _change(self, rate: int) -> None:
        self._rate = rate
        self._resampler = None if rate == RATE else Resampler(rate, RATE)
        self._extension = BandwidthExtension() if self._extend and rate < WIDE_FROM else None
