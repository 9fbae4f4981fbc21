"""Whether what comes in from the caller's side is our own voice: a line or a loudspeaker that gives it back.

The last second of what we sent and of what came in are compared as spectrograms: ten bands of energy every 10 ms. An
echo is delayed, quieter and coloured, and none of that changes how each band rises and falls; another voice rises and
falls otherwise. Sound is only kept as it passes; the comparison is made when voice activity fires while we speak.

Refuses: removing an echo (the carrier's affair), and deciding what follows from it.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from infra.audio import SAMPLE_WIDTH

Floats = NDArray[np.float64]

HOP: Final = 0.01
"""Seconds between two spectra; each is taken over twice that."""

COMPARED: Final = 0.6
"""Seconds of the caller's sound that are compared."""

LONGEST_DELAY: Final = 0.8
"""Seconds by which an echo may be late: our lead, the network both ways, and the far end's buffer."""

ECHO: Final = 0.75
"""Likeness from which it is our own voice. Measured with three sentences, 10 to 27 dB above the line's noise: 99 of
100 comparisons of an echo reach it; of another voice, at its first syllables, 1 to 6 in 100."""

NO_ECHO: Final = 0.6
"""Likeness under which what was taken for an echo is another voice after all."""

TELLING: Final = 0.3
"""Seconds of a voice after which it can be told from an echo for certain, however short ours has sounded."""

PAUSE: Final = 0.1
"""Seconds of our own silence after which our voice begins anew, and its echo with it."""

SOUNDED: Final = 0.12
"""Seconds for which our own sound must have been there to be compared with."""

_BANDS: Final = 10
_LOWEST, _HIGHEST = 150.0, 3400.0
_LOUD: Final = 200
"""Sample value from which a frame of ours is no silence."""
_SOUND: Final = -5.0
"""Log energy of a band from which we sound."""
_FLOOR: Final = 1e-6
"""Energy under which a band is silent: a line's own noise, so that noise does not make unlike what is alike."""


class EchoWatch:
    """One call's comparison, told frame by frame: what we send with the (monotonic) moment at which it went, what comes
    in with its media time. What one clock is against the other is asked for only when they are compared: it is learnt
    from the first frames' arrivals, and as long as it is, sound that was placed by it would be torn apart."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._sent: deque[tuple[float, bytes]] = deque()
        self._came: deque[tuple[float, bytes]] = deque()
        self._sent_until = 0.0

    def sent(self, pcm: bytes, moment: float) -> None:
        """We sent this. What is sent in one go is played one after the other."""
        begins = max(moment, self._sent_until)
        self._sent_until = begins + len(pcm) / SAMPLE_WIDTH / self._rate
        _keep(self._sent, pcm, begins, COMPARED + LONGEST_DELAY)

    def cut(self, moment: float) -> None:
        """What we sent and the far end had not played is not played."""
        self._sent_until = moment

    def came(self, pcm: bytes, at: float) -> None:
        """This came in."""
        _keep(self._came, pcm, at, COMPARED)

    def likeness(self, at: float, moment: float) -> float:
        """How much what came in until the media time ``at``, which was at ``moment``, is like what we sent before:
        -1..1, 1 is the same voice.

        0.0 when either side was silent. Takes a fraction of a millisecond.
        """
        came = self._spectra(self._came, at - COMPARED, COMPARED)
        sent = self._spectra(self._sent, moment - COMPARED - LONGEST_DELAY, COMPARED + LONGEST_DELAY)
        if came is None or sent is None:
            return 0.0
        ours = np.lib.stride_tricks.sliding_window_view(sent, len(came), axis=0).transpose(0, 2, 1)
        return float(np.max(_correlations(came, ours), initial=0.0))

    def begins(self, moment: float) -> bool:
        """Whether an echo of our voice may just be beginning: ours has begun so lately that it may only now be back."""
        until = None
        for at, pcm in self._sent:
            if at < moment - LONGEST_DELAY - PAUSE:
                continue
            if np.abs(np.frombuffer(pcm, "<i2")).max(initial=0) > _LOUD:
                if at - (until if until is not None else moment - LONGEST_DELAY - PAUSE) >= PAUSE:
                    return True
                until = at + len(pcm) / SAMPLE_WIDTH / self._rate
        return False

    def _spectra(self, frames: deque[tuple[float, bytes]], begin: float, seconds: float) -> Floats | None:
        """Log energies ``[time, band]`` of the stretch that begins at ``begin``; None when nothing sounded in it."""
        sound = np.zeros(int((seconds + HOP) * self._rate))
        for at, pcm in frames:
            samples = np.frombuffer(pcm, "<i2")
            start = round((at - begin) * self._rate)
            if start < 0:
                samples, start = samples[-start:], 0
            room = sound[start : start + len(samples)]
            room[:] = samples[: len(room)]
        if not sound.any():
            return None
        hop = int(HOP * self._rate)
        windows = np.lib.stride_tricks.sliding_window_view(sound / 32768.0, 2 * hop)[::hop]
        power = np.abs(np.fft.rfft(windows * np.hanning(2 * hop), axis=1)) ** 2 / hop
        edges = np.geomspace(_LOWEST, _HIGHEST, _BANDS + 1) * 2 * hop / self._rate
        bands = np.add.reduceat(power, np.unique(edges.astype(int)), axis=1)[:, :-1]
        logs: Floats = np.log10(bands + _FLOOR)
        return logs


def _keep(frames: deque[tuple[float, bytes]], pcm: bytes, now: float, seconds: float) -> None:
    frames.append((now, pcm))
    while frames[0][0] < now - seconds - HOP:
        frames.popleft()


def _correlations(came: Floats, ours: Floats) -> Floats:
    """Pearson's correlation of one stretch ``[time, band]`` with each of many, every band freed of its own mean.

    Only moments at which we sounded count: that both sides begin after a silence makes no voice like another.
    """
    sounded = ours.max(axis=2) > _SOUND
    enough = sounded.sum(axis=1) >= SOUNDED / HOP
    ours, weights = ours[enough], sounded[enough, :, None]
    count = np.maximum(weights.sum(axis=1, keepdims=True), 1)
    our = (ours - (ours * weights).sum(axis=1, keepdims=True) / count) * weights
    theirs = (came - (came * weights).sum(axis=1, keepdims=True) / count) * weights
    length = np.sqrt((theirs**2).sum(axis=(1, 2)) * (our**2).sum(axis=(1, 2)))
    product = (our * theirs).sum(axis=(1, 2))
    likeness: Floats = np.divide(product, length, out=np.zeros_like(product), where=length > 1e-9)
    return likeness
