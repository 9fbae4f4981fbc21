"""The sound of the stack's calls as the gateway takes it: mono, and at one rate for as long as a call lasts.

The stack gives whatever was negotiated, Opus as 48 kHz stereo, and another codec after a re-INVITE. A leg has one rate:
that of its first codec, but 16 kHz for Opus, because all that listens here works at 8 or 16 kHz: so sound is resampled
once, away from the media loop, and a third of the bytes travel and are recorded.

Refuses: the stack itself; it is told rates and channels.
"""

from __future__ import annotations

import numpy as np

from infra.audio import SAMPLE_WIDTH, Resampler


def leg_rate(stack_rate: int) -> int:
    """The rate of a leg whose first codec runs at ``stack_rate`` Hz."""
    return 8_000 if stack_rate <= 8_000 else 16_000


class Received:
    """From the stack to the leg."""

    def __init__(self, rate: int, channels: int, leg: int) -> None:
        self._channels = channels
        self._resampler = Resampler(rate, leg) if rate != leg else None

    def convert(self, pcm: bytes) -> bytes:
        """The next stretch as the leg has it."""
        if self._channels > 1:
            frames = np.frombuffer(pcm, "<i2").reshape(-1, self._channels)
            pcm = frames.mean(axis=1).astype("<i2").tobytes()
        return pcm if self._resampler is None else self._resampler.process(pcm)


class Sent:
    """From the leg to the stack."""

    def __init__(self, rate: int, channels: int, leg: int) -> None:
        self._channels = channels
        self._resampler = Resampler(leg, rate) if rate != leg else None
        self.bytes_per_second = SAMPLE_WIDTH * rate * channels

    def convert(self, pcm: bytes) -> bytes:
        """The next stretch as the stack wants it."""
        if self._resampler is not None:
            pcm = self._resampler.process(pcm)
        if self._channels > 1:
            pcm = np.repeat(np.frombuffer(pcm, "<i2"), self._channels).tobytes()
        return pcm
