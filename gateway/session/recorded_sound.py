"""A recording as whoever plays it takes it: a WAV file that lies on no disk, made of the sealed one as it is read.

Its header says what the law wants to be known of such sound: that speech in its second channel was made by a machine.
It does so in ``INFO`` of RIFF (Multimedia Programming Interface and Data Specifications 1.0, 1991), where players and
archives look: ``ICMT`` for people, ``IKEY`` for programs.

Refuses: writing; knowing where recordings lie and whose keys open them.
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway.session.errors import RecordingError
from gateway.session.tracks import CHANNELS, FRAME_BYTES
from infra.audio import SAMPLE_WIDTH
from infra.storage.sealed_file import Owner, SealedReader

SYNTHETIC = "synthetic-speech:channel-2"
"""``IKEY``, and what a recording's own head says of itself."""

COMMENT = (
    "Channel 1: the caller. Channel 2: what the caller heard; the automatic agent's speech in it is synthetic "
    "(made by a machine)."
)

PLAIN_HEADER = 44
LARGEST_DATA = 0xFFFF_FFFF - 1_024
"""Bytes of sound that the format can tell of, header included."""

AT_ONCE = 1 << 18
"""Bytes that are read at once when all of it is."""


def about(rate: int) -> dict[str, Any]:
    """What the head of a sealed recording says: 16-bit samples, interleaved, little end first."""
    return {"rate": rate, "channels": CHANNELS, "width": SAMPLE_WIDTH, "synthetic": SYNTHETIC}


class RecordedSound(io.RawIOBase):
    """A recording, open, as the bytes of a WAV file. Blocks. Reading raises ``SealBroken`` where it was changed."""

    def __init__(self, path: Path, owner: Owner) -> None:
        """Open it. Raises ``RecordingError`` for what is none, ``SealBroken``, and ``OSError``."""
        super().__init__()
        self.path = path
        self._sealed = SealedReader(path, owner)
        try:
            self.rate = int(self._sealed.about["rate"])
        except (KeyError, ValueError) as error:
            self._sealed.close()
            raise RecordingError(f"{path.name} is sealed, but no recording") from error
        self._data = min(self._sealed.size // FRAME_BYTES * FRAME_BYTES, LARGEST_DATA)
        self._header = header(self.rate, self._data)
        self._at = 0

    @property
    def size(self) -> int:
        """Bytes of the whole WAV file."""
        return len(self._header) + self._data

    @property
    def seconds(self) -> float:
        """How long it plays."""
        return self._data / FRAME_BYTES / self.rate

    def part(self, start: int, size: int) -> bytes:
        """Bytes from ``start`` on, at most ``size``, none behind the end."""
        size = max(0, min(size, self.size - start))
        head = self._header[start : start + size]
        return head + self._sealed.read(max(0, start - len(self._header)), size - len(head))

    def parts(self) -> Iterator[bytes]:
        """All of it, piece by piece."""
        for start in range(0, self.size, AT_ONCE):
            yield self.part(start, AT_ONCE)

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """See ``io.RawIOBase``."""
        found = self.part(self._at, len(buffer))
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """See ``io.IOBase``."""
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence])
        return self._at

    def tell(self) -> int:
        """See ``io.IOBase``."""
        return self._at

    def close(self) -> None:
        """Close the file."""
        if not self.closed:
            self._sealed.close()
        super().close()


def header(rate: int, size: int) -> bytes:
    """What stands before ``size`` bytes of sound: RIFF with ``fmt `` (PCM), ``LIST`` of ``INFO``, and ``data``."""
    told = _chunk(b"LIST", b"INFO" + _text(b"ISFT", "AICC") + _text(b"ICMT", COMMENT) + _text(b"IKEY", SYNTHETIC))
    shape = struct.pack("<HHIIHH", 1, CHANNELS, rate, rate * FRAME_BYTES, FRAME_BYTES, 8 * SAMPLE_WIDTH)
    before = b"WAVE" + _chunk(b"fmt ", shape) + told
    return struct.pack("<4sI", b"RIFF", len(before) + 8 + size) + before + struct.pack("<4sI", b"data", size)


def _text(name: bytes, text: str) -> bytes:
    return _chunk(name, text.encode("ascii") + b"\0")


def _chunk(name: bytes, content: bytes) -> bytes:
    """A chunk: its content begins and ends on a whole word, and its size does not count what fills it up."""
    return struct.pack("<4sI", name, len(content)) + content + bytes(len(content) % 2)
