"""The shape of a recording: for each channel the loudest moment of each of so many equal stretches.

Reading one takes time and is done in a thread, block by block, for one recording at once; who asks for the same
meanwhile gets the same answer. Both the answers that are kept and those that are waited for are bounded. Policy: the
answer that was not asked for longest goes; who would have to wait behind too many is refused (``TooManyWaveforms``).

Refuses: sound that is not 16-bit WAV.
"""

from __future__ import annotations

import asyncio
import wave
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np

from gateway.analytics.errors import NoWaveform, TooManyWaveforms
from gateway.session.recorded_sound import RecordedSound
from infra.storage.errors import SealBroken

BLOCK = 1 << 18
"""Samples of each channel that are read at once: 32 s of a telephone line, 1 MiB."""

MOST_KEPT = 128
"""Waveforms that are kept: some 4 MB at 2,000 points and two channels."""

MOST_WAITING = 16
"""Who waits for their file to be read."""

FULL = 32_768
"""The loudest sample."""


@dataclass(frozen=True, slots=True)
class Waveform:
    """``channels[c][i]`` is the peak (0..1) of stretch ``i`` of channel ``c``; together they last ``seconds``."""

    seconds: float
    channels: tuple[tuple[float, ...], ...]


def read_waveform(sound: IO[bytes], points: int) -> Waveform:
    """The waveform of a WAV file in at most ``points`` stretches. Blocks. Raises ``NoWaveform``."""
    try:
        with wave.open(sound, "rb") as file:
            if file.getsampwidth() != 2:
                raise NoWaveform(f"it has samples of {8 * file.getsampwidth()} bits, not 16")
            return Waveform(file.getnframes() / file.getframerate(), _peaks(file, points))
    except (OSError, EOFError, wave.Error, SealBroken) as error:
        raise NoWaveform(f"it cannot be read as a recording: {error}") from error


def _peaks(file: wave.Wave_read, points: int) -> tuple[tuple[float, ...], ...]:
    channels = file.getnchannels()
    stretch = max(1, -(-file.getnframes() // points))
    found = []
    while data := file.readframes(max(1, BLOCK // stretch) * stretch):
        samples = np.abs(np.frombuffer(data, dtype="<i2").reshape(-1, channels).astype(np.int32))
        found.append(np.maximum.reduceat(samples, np.arange(0, len(samples), stretch), axis=0))
    peaks = np.concatenate(found) if found else np.zeros((0, channels))
    return tuple(tuple(column) for column in np.round(peaks / FULL, 3).T.tolist())


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for; a file that grew or was changed is another one."""

    path: Path
    changed_ns: int
    size: int
    points: int


class Waveforms:
    """The waveforms of a node's recordings. Belongs to one event loop."""

    def __init__(self, most_kept: int = MOST_KEPT, most_waiting: int = MOST_WAITING) -> None:
        self._most_kept = most_kept
        self._most_waiting = most_waiting
        self._kept: OrderedDict[_Asked, Waveform] = OrderedDict()
        self._waiting = 0
        self._reading = asyncio.Lock()

    async def of(self, sound: RecordedSound, points: int) -> Waveform:
        """The waveform of a recording. Raises ``NoWaveform`` and ``TooManyWaveforms``."""
        asked = await asyncio.to_thread(_asked, sound.path, points)
        if asked not in self._kept:
            if self._waiting >= self._most_waiting:
                raise TooManyWaveforms(f"{self._waiting} waveforms are waited for already: ask again in a few seconds")
            self._waiting += 1
            try:
                async with self._reading:
                    if asked not in self._kept:
                        self._keep(asked, await asyncio.to_thread(read_waveform, cast(IO[bytes], sound), points))
                    return self._kept[asked]
            finally:
                self._waiting -= 1
        self._kept.move_to_end(asked)
        return self._kept[asked]

    def _keep(self, asked: _Asked, waveform: Waveform) -> None:
        self._kept[asked] = waveform
        if len(self._kept) > self._most_kept:
            self._kept.popitem(last=False)


def _asked(path: Path, points: int) -> _Asked:
    try:
        status = path.stat()
    except OSError as error:
        raise NoWaveform(f"{path.name} cannot be read as a recording: {error}") from error
    return _Asked(path, status.st_mtime_ns, status.st_size, points)
