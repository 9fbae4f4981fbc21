"""The gateway's side of Asterisk's AudioSocket, without I/O: frames out of a stream of bytes, events out of frames.

A frame is a kind (one byte), a length (two, big-endian) and as much payload, on a bare TCP connection:

====  ===============================================================================================================
0x00  hang up, either way
0x01  the call's UUID (16 bytes), first of all
0x03  a key, as an ASCII character
0x10  sound at 8 kHz, linear PCM, 16 bits, little-endian; 0x11 12, 0x12 16, 0x13 24, 0x14 32, 0x15 44.1, 0x16 48 kHz
0xff  Asterisk could not go on
====  ===============================================================================================================

The UUID is all that Asterisk says of a call, and the rate is not said before the first sound; both are announced before
(``announcement.py``). There are no marks, and no word that takes sound back: the leg keeps the time (``PacedLeg``).

Source: ``res/res_audiosocket.c`` and ``apps/app_audiosocket.c`` of Asterisk, and what a running one sent. Refuses:
sockets and secrets.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from typing import Final

from gateway.telephony.codec import CodecEvent, Introduced, Message, WireCounts
from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.json_fields import KEYS
from gateway.telephony.leg import DtmfReceived, HangUpCause, HungUp, MediaReceived
from gateway.telephony.media_clock import GapCounts
from infra.audio import SAMPLE_WIDTH, AudioFrame

PROTOCOL: Final = "audiosocket"

HEADER_BYTES: Final = 3
LONGEST_PAYLOAD: Final = 0xFFFF

HANG_UP: Final = 0x00
UUID: Final = 0x01
KEY: Final = 0x03
ERROR: Final = 0xFF

RATES: Final[Mapping[str, tuple[int, int]]] = {
    "slin": (0x10, 8000),
    "slin12": (0x11, 12_000),
    "slin16": (0x12, 16_000),
    "slin24": (0x13, 24_000),
    "slin32": (0x14, 32_000),
    "slin44": (0x15, 44_100),
    "slin48": (0x16, 48_000),
}
"""Kind of frame and rate in Hz, by Asterisk's name of the format."""

_SOUND: Final = range(0x10, 0x19)


class Deframer:
    """Frames out of a stream that is cut anywhere. A frame is handed on as its kind and its payload, in one."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The frames that are whole with ``data``. What is kept is never more than one frame."""
        self._buffer += data
        frames, at = [], 0
        while len(self._buffer) - at >= HEADER_BYTES:
            end = at + HEADER_BYTES + int.from_bytes(self._buffer[at + 1 : at + HEADER_BYTES], "big")
            if end > len(self._buffer):
                break
            frames.append(bytes(self._buffer[at : at + 1] + self._buffer[at + HEADER_BYTES : end]))
            at = end
        del self._buffer[:at]
        return frames


def frame(kind: int, payload: bytes = b"") -> bytes:
    """A frame as it is sent."""
    return bytes((kind,)) + len(payload).to_bytes(2, "big") + payload


class AudioSocketState(Enum):
    """How far the connection has come."""

    OPENED = auto()
    INTRODUCED = auto()
    """The UUID is being looked up; ``begin`` ends it."""
    STREAMING = auto()
    OVER = auto()


class AudioSocketCodec:
    """One connection; see ``MediaCodec``. A message is a frame as ``Deframer`` hands it on."""

    protocol: Final = PROTOCOL
    is_text: Final = False

    def __init__(self) -> None:
        self.state = AudioSocketState.OPENED
        self.counts = WireCounts()
        self.gaps = GapCounts()
        self._kind, self._rate = RATES["slin"]
        self._samples = 0

    def begin(self, sound: str) -> int:
        """The call is known: from now on sound is of that format; its rate in Hz."""
        if self.state is not AudioSocketState.INTRODUCED:
            raise RuntimeError("only who was introduced may begin")
        self.state = AudioSocketState.STREAMING
        self._kind, self._rate = RATES[sound]
        return self._rate

    def receive(self, message: str | bytes) -> Sequence[CodecEvent]:
        """What a frame means; see ``MediaCodec``."""
        try:
            return self._understand(message)
        except ProtocolViolation:
            self.state = AudioSocketState.OVER
            raise

    def _understand(self, message: str | bytes) -> Sequence[CodecEvent]:
        if isinstance(message, str) or not message:
            raise ProtocolViolation(Violation.BAD_FRAME, "a frame is bytes, of which the first is its kind")
        kind, payload = message[0], message[1:]
        if kind == UUID:
            return self._introduce(payload)
        if kind == HANG_UP:
            return self._end("Asterisk hung up", HangUpCause.FAR_END)
        if kind == ERROR:
            return self._end("Asterisk reported an error", HangUpCause.CONNECTION_LOST)
        if self.state is not AudioSocketState.STREAMING:
            raise self._out_of_order("a frame")
        if kind in _SOUND:
            return self._sound(kind, payload)
        if kind == KEY:
            return [DtmfReceived(_key(payload), at=self._samples / self._rate)]
        self.counts.unknown_events += 1
        return []

    def _introduce(self, payload: bytes) -> Sequence[CodecEvent]:
        if self.state is not AudioSocketState.OPENED:
            raise self._out_of_order("a UUID")
        if len(payload) != 16:
            raise ProtocolViolation(Violation.BAD_FRAME, "a UUID has 16 bytes")
        self.state = AudioSocketState.INTRODUCED
        return [Introduced(str(uuid.UUID(bytes=payload)))]

    def _end(self, reason: str, cause: HangUpCause) -> Sequence[CodecEvent]:
        if self.state in (AudioSocketState.OPENED, AudioSocketState.OVER):
            raise self._out_of_order("a hang-up")
        self.state = AudioSocketState.OVER
        return [HungUp(reason, cause)]

    def _sound(self, kind: int, payload: bytes) -> Sequence[CodecEvent]:
        if kind != self._kind:
            reason = f"sound is of kind {kind:#x}, and kind {self._kind:#x} was announced"
            raise ProtocolViolation(Violation.UNSUPPORTED_MEDIA, reason)
        if len(payload) % SAMPLE_WIDTH:
            raise ProtocolViolation(Violation.PARTIAL_SAMPLE, "sound must be whole samples")
        if not payload:
            return []
        sound = AudioFrame(payload, self._rate, self._samples / self._rate)
        self._samples += sound.samples
        return [MediaReceived(sound)]

    # --- what we say --------------------------------------------------------------------------------------------------
    def encode_media(self, pcm: bytes) -> Message:
        """Sound for the caller; see ``MediaCodec``."""
        if self.state in (AudioSocketState.OPENED, AudioSocketState.INTRODUCED):
            raise RuntimeError("the call is not known: there is nobody to speak to yet")
        if len(pcm) % SAMPLE_WIDTH:
            raise ValueError("sound must be whole samples of 16 bits")
        if len(pcm) <= LONGEST_PAYLOAD:
            return frame(self._kind, pcm)
        step = LONGEST_PAYLOAD - 1
        return tuple(frame(self._kind, pcm[start : start + step]) for start in range(0, len(pcm), step))

    def encode_mark(self, name: str) -> None:
        """There are none."""

    def encode_clear(self) -> None:
        """What was sent is played."""

    def encode_end(self, reason: str) -> bytes | None:
        """Hang up: the dial plan goes on behind its ``AudioSocket``."""
        return None if self.state is AudioSocketState.OPENED else frame(HANG_UP)

    def _out_of_order(self, what: str) -> ProtocolViolation:
        when = "after the end" if self.state is AudioSocketState.OVER else "before its time"
        return ProtocolViolation(Violation.OUT_OF_ORDER, f"{what} {when}")


def _key(payload: bytes) -> str:
    key = payload.decode("latin-1")
    if key not in KEYS:
        raise ProtocolViolation(Violation.BAD_FRAME, "a key must be one of 0-9 * # A-D")
    return key
