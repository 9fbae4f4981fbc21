"""Sound as the whole house passes it around: frames of 16-bit linear PCM, mono.

It lives on the ground floor because recognition, synthesis and the gateway share it and may not import one another.
"""

from __future__ import annotations

from dataclasses import dataclass

FRAME_SECONDS = 0.02
"""Telephony's packet length: 20 ms."""

SAMPLE_WIDTH = 2
"""Bytes in one sample of linear PCM."""


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
        return self.samples / self.rate

    @property
    def until(self) -> float:
        """The media time just after its last sample, in seconds."""
        return self.at + self.duration
