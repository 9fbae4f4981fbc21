"""Sound as the whole house passes it around: frames of 16-bit linear PCM, mono; G.711; resampling; WAV files.

It lives on the ground floor because recognition, synthesis and the gateway share it and may not import one another.
Everything but the file functions is cheap enough for the media loop (microseconds for 20 ms) and never waits.

Refuses: stereo in memory, floating point between packages, and resamplers that hand audio over in lumps.
"""

from __future__ import annotations

import math
import wave
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from infra.errors import AiccError

FRAME_SECONDS = 0.02
"""Telephony's packet length: 20 ms."""

SAMPLE_WIDTH = 2
"""Bytes in one sample of linear PCM."""


class AudioUnreadable(AiccError):
    """A sound file is missing or is not a format that can be read."""

    code = "audio_unreadable"


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """A stretch of sound.

    ``pcm`` is signed 16-bit little-endian mono, ``rate`` in Hz, ``at`` the media time of its first sample
    in seconds since the leg's audio began (never the wall clock).
    """

    pcm: bytes
    rate: int
    at: float

    @property
    def samples(self) -> int:
        """How many samples it holds."""
        return len(self.pcm) // SAMPLE_WIDTH

    @property
    def duration(self) -> float:
        """Its length in seconds."""
        return len(self.pcm) // SAMPLE_WIDTH / self.rate

    @property
    def until(self) -> float:
        """The media time just after its last sample, in seconds."""
        return self.at + len(self.pcm) // SAMPLE_WIDTH / self.rate


def silence(rate: int, seconds: float) -> bytes:
    """Digital silence: PCM zeros for ``seconds`` (rounded to whole samples) at ``rate`` Hz."""
    return bytes(SAMPLE_WIDTH * max(0, round(rate * seconds)))


def amplified(pcm: bytes, gain: float) -> bytes:
    """Linear PCM made louder by ``gain`` dB (quieter below 0). What would exceed the scale is bent, not cut."""
    if gain == 0.0:
        return pcm
    samples = np.frombuffer(pcm, "<i2").astype(np.float32) * (10 ** (gain / 20) / 32768.0)
    # Straight up to the knee, then ever flatter towards full scale: a cut wave crackles.
    over = np.abs(samples) - _KNEE
    bent = np.sign(samples) * (_KNEE + (1 - _KNEE) * np.tanh(over / (1 - _KNEE)))
    return (np.where(over > 0, bent, samples) * 32767.0).astype("<i2").tobytes()


_KNEE: Final = 0.7


# --- G.711 -------------------------------------------------------------------------------------------------------
# Both laws are tables: 65536 entries from linear to the code, 256 back. The codes are those of ITU-T G.711 (11/88),
# tables 1 and 2, on 16-bit samples whose lowest bits (2 for mu-law, 3 for A-law) carry nothing.


def _mulaw_code_table() -> NDArray[np.uint8]:
    """The mu-law code of each 16-bit word: inverted sign, segment and step of the magnitude plus the bias 33."""
    linear = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32) >> 2
    magnitude = np.minimum(np.abs(linear), 8158) + 33
    segment = np.floor(np.log2(magnitude)).astype(np.int32) - 5
    code = (segment << 4) | ((magnitude >> (segment + 1)) & 0x0F)
    table: NDArray[np.uint8] = (np.where(linear < 0, 0x7F, 0xFF) ^ code).astype(np.uint8)
    return table


def _mulaw_value_table() -> NDArray[np.int16]:
    """The 16-bit sample of each mu-law code."""
    code = ~np.arange(256, dtype=np.uint8)
    segment, step = (code >> 4).astype(np.int32) & 7, (code & 0x0F).astype(np.int32)
    magnitude = (((2 * step + 33) << segment) - 33) << 2
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _alaw_code_table() -> NDArray[np.uint8]:
    """The A-law code of each 16-bit word: even bits inverted; the two lowest segments share one step size."""
    linear = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32) >> 3
    magnitude = np.where(linear < 0, -linear - 1, linear)
    segment = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int32) - 4, 0)
    code = (segment << 4) | ((magnitude >> np.maximum(segment, 1)) & 0x0F)
    table: NDArray[np.uint8] = (np.where(linear < 0, 0x55, 0xD5) ^ code).astype(np.uint8)
    return table


def _alaw_value_table() -> NDArray[np.int16]:
    """The 16-bit sample of each A-law code."""
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    segment, step = (code >> 4).astype(np.int32) & 7, (code & 0x0F).astype(np.int32)
    magnitude = np.where(segment == 0, 2 * step + 1, (2 * step + 33) << np.maximum(segment - 1, 0)) << 3
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _bytes_of(values: NDArray[np.int16]) -> tuple[bytes, bytes]:
    """The lower and the higher byte of each value."""
    halves = values.astype("<i2").view(np.uint8).reshape(-1, SAMPLE_WIDTH)
    return halves[:, 0].tobytes(), halves[:, 1].tobytes()


_MULAW_CODES: Final[NDArray[np.uint8]] = _mulaw_code_table()
_MULAW_LOW, _MULAW_HIGH = _bytes_of(_mulaw_value_table())
_ALAW_CODES: Final[NDArray[np.uint8]] = _alaw_code_table()
_ALAW_LOW, _ALAW_HIGH = _bytes_of(_alaw_value_table())
_WORD: Final = np.dtype("<u2")
_LOW_BYTES: Final = slice(0, None, SAMPLE_WIDTH)
_HIGH_BYTES: Final = slice(1, None, SAMPLE_WIDTH)


def mulaw_encode(pcm: bytes) -> bytes:
    """Linear PCM to G.711 mu-law, one byte a sample. Raises ``ValueError`` for half a sample."""
    return _MULAW_CODES.take(np.frombuffer(pcm, _WORD)).tobytes()


def mulaw_decode(code: bytes) -> bytes:
    """G.711 mu-law to linear PCM."""
    return _decoded(code, _MULAW_LOW, _MULAW_HIGH)


def alaw_encode(pcm: bytes) -> bytes:
    """Linear PCM to G.711 A-law, one byte a sample. Raises ``ValueError`` for half a sample."""
    return _ALAW_CODES.take(np.frombuffer(pcm, _WORD)).tobytes()


def alaw_decode(code: bytes) -> bytes:
    """G.711 A-law to linear PCM."""
    return _decoded(code, _ALAW_LOW, _ALAW_HIGH)


def _decoded(code: bytes, low: bytes, high: bytes) -> bytes:
    """Two translations of bytes: for the 160 codes of a packet twice as fast as a look-up by numpy."""
    pcm = bytearray(SAMPLE_WIDTH * len(code))
    pcm[_LOW_BYTES] = code.translate(low)
    pcm[_HIGH_BYTES] = code.translate(high)
    return bytes(pcm)


# --- Resampling --------------------------------------------------------------------------------------------------

_STOP_DB: Final = 58.0
_TRANSITION: Final = 0.15
"""Width of the filter's slope, as a share of the lower Nyquist frequency: 3.4 to 4 kHz on an 8 kHz line."""
_UNIT: Final = float(1 << 20)
_MAX_PHASES: Final = 2048
_SHARED_UP_TO: Final = 8
_PCM: Final = np.dtype("<i2")
_LOWEST: Final = -32768.0
_HIGHEST: Final = 32767.0


@dataclass(frozen=True, slots=True)
class _Filter:
    """A windowed sinc cut into phases, laid out so that many outputs are one strided product.

    One *period* is ``phases`` outputs made from ``period`` inputs. Outputs come in groups of ``group``; the window of
    a group begins ``hop`` inputs after the window of the group before. ``table[g, i]`` are the weights of output ``i``
    of group ``g`` over that window, zero where the output does not reach. Where one group is a whole period all groups
    share their weights, and ``table[0]`` has them transposed: by place in the window, by output. All weights are
    multiples of 2**-20, so products with 16-bit samples and their sums are exact in float64 whatever their order:
    chunked equals whole, bit for bit.
    """

    phases: int
    period: int
    delay: int
    group: int
    hop: int
    table: NDArray[np.float64]


@lru_cache(maxsize=32)
def _design(from_rate: int, to_rate: int) -> _Filter:
    divisor = math.gcd(from_rate, to_rate)
    phases, period = to_rate // divisor, from_rate // divisor
    if phases > _MAX_PHASES:
        raise ValueError(
            f"no resampling from {from_rate} to {to_rate} Hz: the ratio has more than {_MAX_PHASES} phases"
        )
    lower = min(from_rate, to_rate) / from_rate / 2  # the lower Nyquist frequency, in cycles per input sample
    slope = _TRANSITION * lower
    # Down: nothing from above the new Nyquist may fold back, so the slope ends there. Up: the slope is centred on the
    # old Nyquist, which for 1:2 makes a half-band filter that passes the given samples through as they are.
    cutoff = lower - slope / 2 if to_rate < from_rate else lower
    delay = math.ceil((_STOP_DB - 7.95) / (2.285 * 2 * math.pi * slope) / 2)  # Kaiser's estimate of the length
    if phases <= _SHARED_UP_TO:  # several periods make one group, and all groups share their weights
        repeat = -(-16 // phases)
        phases, period = phases * repeat, period * repeat
        group = phases
    else:
        group = next((size for size in (8, 10, 9, 7, 6, 5, 4, 3, 2) if phases % size == 0), 1)
    start, weights = _weights(phases, period, cutoff, delay)

    hop = group * period // phases
    offset = start - np.arange(phases) // group * hop
    taps = weights.shape[1]
    table = np.zeros((phases, taps + int(offset.max())))
    for phase in range(phases):
        table[phase, offset[phase] : offset[phase] + taps] = weights[phase]
    grouped = table.reshape(phases // group, group, -1)
    if group == phases:  # one matrix, ready for a product with rows of windows
        grouped = np.ascontiguousarray(grouped.transpose(0, 2, 1))
    return _Filter(phases, period, delay, group, hop, grouped)


def _weights(phases: int, period: int, cutoff: float, delay: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each output of a period: the input its window starts at, and its weights, which add up to one."""
    position = np.arange(phases) * period
    time = (position % phases)[:, None] / phases + delay - np.arange(2 * delay + 1)[None, :]
    beta = 0.1102 * (_STOP_DB - 8.7)  # Kaiser's estimate of the window's shape
    window = np.i0(beta * np.sqrt(np.clip(1 - (time / (delay + 1)) ** 2, 0, None)))
    weights = np.sinc(2 * cutoff * time) * window
    weights = np.rint(weights / weights.sum(axis=1, keepdims=True) * _UNIT)
    weights[np.arange(phases), np.abs(time).argmin(axis=1)] += _UNIT - weights.sum(axis=1)
    return position // phases, weights / _UNIT


class Resampler:
    """Changes the rate of a stream of PCM, chunk by chunk, with a short linear-phase FIR of our own design.

    Every chunk gives at once what it is worth (20 ms in, 20 ms out), late by ``delay`` seconds: 3.0 ms where the
    lower of the two rates is 8 kHz, 1.5 ms at 16 kHz. Flat up to 0.85 of the lower Nyquist frequency. Going down,
    whatever would alias is at least 55 dB down; going up, so are the images of everything up to 0.925 of the old
    Nyquist frequency. However the stream is cut, the result is the same bit for bit. One instance serves one stream;
    it is not for several threads at once.
    """

    __slots__ = ("_done", "_filter", "_held", "_torn", "from_rate", "to_rate")

    def __init__(self, from_rate: int, to_rate: int) -> None:
        if from_rate <= 0 or to_rate <= 0:
            raise ValueError(f"rates are positive numbers of Hz, not {from_rate} and {to_rate}")
        self.from_rate, self.to_rate = from_rate, to_rate
        self._filter = None if from_rate == to_rate else _design(from_rate, to_rate)
        self._held = np.zeros(2 * self._filter.delay if self._filter else 0)
        self._torn = b""  # half a sample, when a chunk ended within one
        self._done = 0  # outputs of the current period that are already out

    @property
    def delay(self) -> float:
        """How late the output is, in seconds."""
        return self._filter.delay / self.from_rate if self._filter else 0.0

    def process(self, pcm: bytes) -> bytes:
        """The next stretch of the stream at the new rate: all of it that ``pcm`` completes."""
        fir = self._filter
        if fir is None:
            return pcm
        if self._torn or len(pcm) % SAMPLE_WIDTH:
            pcm = self._torn + pcm
            whole = len(pcm) - len(pcm) % SAMPLE_WIDTH
            pcm, self._torn = pcm[:whole], pcm[whole:]
        self._held = np.concatenate((self._held, np.frombuffer(pcm, dtype=_PCM)))
        output = self._outputs_in_one(fir) if fir.group == fir.phases else self._outputs_by_period(fir)
        if output is None:
            return b""
        np.rint(output, out=output)
        np.minimum(output, _HIGHEST, out=output)
        np.maximum(output, _LOWEST, out=output)
        return output.astype(_PCM).tobytes()

    def flush(self) -> bytes:
        """The last ``delay`` seconds of the stream, and a fresh start: what follows is another stream."""
        if self._filter is None:
            return b""
        tail = self.process(bytes(SAMPLE_WIDTH * self._filter.delay))
        self._held, self._torn, self._done = np.zeros(2 * self._filter.delay), b"", 0
        return tail

    def _outputs_in_one(self, fir: _Filter) -> NDArray[np.float64] | None:
        """All outputs that the held input allows, where all groups share their weights; None when it allows none."""
        ready = -(-(len(self._held) - 2 * fir.delay) * fir.phases // fir.period)
        if ready <= self._done:
            return None
        groups, width = -(-ready // fir.group), fir.table.shape[1]
        held = self._padded((groups - 1) * fir.hop + width)
        windows = np.ndarray((groups, width), np.float64, held, 0, (fir.hop * 8, 8))
        outputs: NDArray[np.float64] = (windows @ fir.table[0]).reshape(-1)[self._done : ready]
        self._forget(fir, ready)
        return outputs

    def _outputs_by_period(self, fir: _Filter) -> NDArray[np.float64] | None:
        """All outputs that the held input allows, a run of the table at a time; None when it allows none."""
        pieces = []
        while (ready := min(-(-(len(self._held) - 2 * fir.delay) * fir.phases // fir.period), fir.phases)) > self._done:
            first, groups, width = self._done // fir.group, -(-ready // fir.group), fir.table.shape[2]
            held = self._padded((groups - 1) * fir.hop + width)
            windows = np.ndarray((groups - first, 1, width), np.float64, held, first * fir.hop * 8, (fir.hop * 8, 0, 8))
            skipped = first * fir.group
            made = np.vecdot(windows, fir.table[first:groups]).reshape(-1)
            pieces.append(made[self._done - skipped : ready - skipped])
            self._forget(fir, ready)
        if len(pieces) < 2:
            return pieces[0] if pieces else None
        return np.concatenate(pieces)

    def _padded(self, length: int) -> NDArray[np.float64]:
        """The held input, with zeros behind it where the weights are zero, too."""
        missing = length - len(self._held)
        return np.concatenate((self._held, np.zeros(missing))) if missing > 0 else self._held

    def _forget(self, fir: _Filter, ready: int) -> None:
        """``ready`` outputs of the period are out: drop the input of the periods that are complete."""
        periods = ready // fir.phases
        self._done = ready - periods * fir.phases
        self._held = self._held[periods * fir.period :]


# --- Files (blocking: never on the event loop) -------------------------------------------------------------------


def read_wav(path: Path | str) -> tuple[bytes, int]:
    """A sound file (WAV of any encoding, FLAC, OGG …) as mono PCM and its rate; several channels are averaged.

    Raises ``AudioUnreadable``.
    """
    import soundfile  # loads libsndfile: only those who read files pay for it

    try:
        samples, rate = soundfile.read(str(path), dtype="int16", always_2d=True)
    except (OSError, RuntimeError) as error:
        raise AudioUnreadable(f"{path} cannot be read as sound: {error}; give a WAV, FLAC or OGG file") from error
    mono = samples[:, 0] if samples.shape[1] == 1 else np.rint(samples.mean(axis=1))
    return mono.astype("<i2").tobytes(), int(rate)


def write_wav(path: Path | str, pcm: bytes, rate: int) -> None:
    """Write mono PCM as a 16-bit WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(SAMPLE_WIDTH)
        file.setframerate(rate)
        file.writeframes(pcm)
