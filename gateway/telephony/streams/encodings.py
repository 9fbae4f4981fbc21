"""How samples travel on a media stream: G.711 by either law, and linear PCM in either order of bytes.

Inside the house sound is linear PCM, 16 bits, little-endian; an ``Encoding`` is the way there and back.

Refuses: rates. One encoding goes with many.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from gateway.telephony.errors import ProtocolViolation, Violation
from infra.audio import SAMPLE_WIDTH, alaw_decode, alaw_encode, mulaw_decode, mulaw_encode


@dataclass(frozen=True, slots=True)
class Encoding:
    """``decode`` raises ``ProtocolViolation`` for half a sample, which is a peer's, and ``encode`` ``ValueError``."""

    name: str
    decode: Callable[[bytes], bytes]
    encode: Callable[[bytes], bytes]


def _linear(code: bytes) -> bytes:
    if len(code) % SAMPLE_WIDTH:
        raise ProtocolViolation(Violation.PARTIAL_SAMPLE, "media.payload ends with half a sample")
    return code


def _whole(pcm: bytes) -> bytes:
    if len(pcm) % SAMPLE_WIDTH:
        raise ValueError("sound must be whole samples of 16 bits")
    return pcm


def _swapped(pcm: bytes) -> bytes:
    return np.frombuffer(pcm, "<i2").byteswap().tobytes()


PCMU: Final = Encoding("PCMU", mulaw_decode, mulaw_encode)
PCMA: Final = Encoding("PCMA", alaw_decode, alaw_encode)
L16_LITTLE: Final = Encoding("L16, little-endian", _linear, _whole)
L16_BIG: Final = Encoding("L16, network order", lambda code: _swapped(_linear(code)), lambda pcm: _swapped(_whole(pcm)))
"""As on RTP (RFC 3551, section 4.5.11)."""
