"""The sound of a caller's calls: silence is said, and of what is heard the moments are kept (RFC 3550)."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import defaultdict
from contextlib import suppress
from itertools import pairwise

from tests.integration.kamailio.sip import Message

FRAME = 0.02
SILENCE = b"\xff" * 160
"""20 ms in mu-law."""

SO_TIMESTAMPNS = SCM_TIMESTAMPNS = 35  # Linux; Python has no name for it


class Sound(threading.Thread):
    """One port for all calls of a caller. Moments are the kernel's, so that our own reading does not count."""

    def __init__(self, host: str) -> None:
        super().__init__(name="sound", daemon=True)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.bind((host, 0))
        self._far_ends: tuple[tuple[str, int], ...] = ()
        self._going = True
        self.port: int = self._socket.getsockname()[1]
        self.arrivals: dict[int, list[float]] = defaultdict(list)
        """By the source (SSRC) that the far end has chosen for a call."""

    def speak_to(self, answers: list[Message]) -> None:
        """Say silence in the calls that were answered so, and in no others."""
        self._far_ends = tuple(sound_address(answer) for answer in answers)

    def run(self) -> None:
        due, sequence = time.monotonic(), 0
        while self._going:
            if (left := due - time.monotonic()) <= 0:
                sequence += 1
                due += FRAME
                for number, far_end in enumerate(self._far_ends):
                    self._socket.sendto(rtp(sequence, number), far_end)
                continue
            self._socket.settimeout(left)
            with suppress(TimeoutError, ConnectionError):
                data, more, _, _ = self._socket.recvmsg(2048, 64)
                stamp = next(value for _, kind, value in more if kind == SCM_TIMESTAMPNS)
                seconds, nanoseconds = struct.unpack("qq", stamp[:16])
                self.arrivals[int.from_bytes(data[8:12])].append(seconds + nanoseconds / 1e9)
        self._socket.close()

    def end(self) -> None:
        """Hear and say nothing more."""
        self._going = False
        self.join()

    def gaps(self, sources: set[int], since: float, until: float) -> list[float]:
        """Seconds between packets of the same source, between two moments."""
        gaps: list[float] = []
        for source in sources:
            heard = [moment for moment in list(self.arrivals[source]) if since <= moment < until]
            gaps += [later - earlier for earlier, later in pairwise(heard)]
        return gaps


def rtp(sequence: int, source: int) -> bytes:
    """A packet of silence."""
    return struct.pack("!BBHII", 0x80, 0, sequence & 0xFFFF, sequence * 160 & 0xFFFFFFFF, source) + SILENCE


def sound_address(message: Message) -> tuple[str, int]:
    """Where the sender of an SDP wants to hear."""
    lines = message.body.decode().splitlines()
    host = next(line.split()[-1] for line in lines if line.startswith("c="))
    return host, int(next(line.split()[1] for line in lines if line.startswith("m=audio")))
