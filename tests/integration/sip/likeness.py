"""Sound in files, and how alike two sounds are whatever the delay between them, and however it changes on the way."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from infra.audio import Resampler

RATE = 8000


def resampled(pcm: np.ndarray, rate: int, to: int) -> np.ndarray:
    """16-bit sound at another rate."""
    if rate == to:
        return pcm
    resampler = Resampler(rate, to)
    return np.frombuffer(resampler.process(pcm.tobytes()) + resampler.flush(), "<i2")


def read_sound(path: Path, rate: int | None = None) -> tuple[np.ndarray, int]:
    """A file as 16-bit mono, at its own rate or another."""
    pcm, own = soundfile.read(path, dtype="int16", always_2d=True)
    mono = pcm[:, 0] if pcm.shape[1] == 1 else pcm.mean(axis=1).astype(np.int16)
    return resampled(mono, own, rate or own), rate or own


def write_sound(path: Path, pcm: np.ndarray, rate: int, to: int, channels: int = 1, *, silence: float = 0.0) -> None:
    """Sound at the rate ``to``, followed by silence."""
    mono = np.concatenate([resampled(pcm, rate, to), np.zeros(int(silence * to), np.int16)])
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, to, 0, "NONE", ""))
        file.writeframes(np.repeat(mono, channels).astype("<i2").tobytes())


@dataclass(frozen=True, slots=True)
class Likeness:
    """``correlation`` from 0 to 1 at the best ``lag`` in seconds: how much later the second sound is."""

    correlation: float
    lag: float


def likeness(sound: np.ndarray, later: np.ndarray, rate: int = RATE) -> Likeness:
    """How much of ``sound`` is in ``later``, sample by sample, at the one delay where it is most."""
    first, second = sound.astype(float), later.astype(float)
    size = 1 << (len(first) + len(second)).bit_length()
    over = np.fft.irfft(np.fft.rfft(second, size) * np.conj(np.fft.rfft(first, size)), size)
    best = int(np.argmax(np.abs(over)))
    lag = best if best < size // 2 else best - size
    there = second[max(lag, 0) : max(lag, 0) + len(first) + min(lag, 0)]
    here = first[max(-lag, 0) : max(-lag, 0) + len(there)]
    power = float(np.linalg.norm(here) * np.linalg.norm(there))
    return Likeness(float(np.dot(here, there)) / power if power else 0.0, lag / rate)


PIECE, SLIP = 0.4, 0.3


def likeness_by_pieces(sound: np.ndarray, later: np.ndarray, rate: int = RATE) -> float:
    """The median of how alike the pieces of ``sound`` are to ``later``, each at its own best delay.

    A jitter buffer may take a frame out or put one in: what comes behind it is the same sound at another delay.
    """
    whole = int(likeness(sound, later, rate).lag * rate)
    size, slip = int(PIECE * rate), int(SLIP * rate)
    found = []
    for begin in range(0, len(sound) - size + 1, size):
        piece = sound[begin : begin + size].astype(float)
        where = later[max(0, begin + whole - slip) : begin + whole + slip + size].astype(float)
        if np.abs(piece).max() > 1000 and len(where) > size:
            found.append(_best(piece, where))
    return float(np.median(found)) if found else 0.0


def _best(piece: np.ndarray, where: np.ndarray) -> float:
    """The highest correlation of ``piece`` with any stretch of ``where``."""
    stretches = np.lib.stride_tricks.sliding_window_view(where, len(piece))
    powers = np.sqrt(np.convolve(where**2, np.ones(len(piece)), "valid"))
    return float(np.max(stretches @ piece / (powers * np.linalg.norm(piece) + 1e-9)))


def loud_part(pcm: np.ndarray, rate: int = RATE, *, quiet: int = 300, pause: float = 0.5) -> np.ndarray:
    """From the first to the last sample that can be heard, with a little beside."""
    heard = np.flatnonzero(np.abs(pcm.astype(int)) > quiet)
    if not len(heard):
        return pcm[:0]
    return pcm[max(0, heard[0] - int(pause * rate)) : heard[-1] + int(pause * rate)]
