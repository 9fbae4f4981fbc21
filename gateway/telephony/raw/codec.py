"""The gateway's side of a raw stream, without I/O: one codec for all dialects (``dialects.py``).

The far end's first message says whose call it is, and every binary one after it is sound, without number or stamp: a
socket loses nothing, so each piece follows the one before.

Refuses: sockets, clocks and secrets. What the opening shows by way of a secret is among the leg's parameters until the
door takes it out.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, Final, assert_never

import numpy as np
import orjson

from gateway.telephony.codec import CodecEvent, LegStarted, Message, WireCounts
from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.introduction import read_introduction
from gateway.telephony.json_fields import Fields, object_in
from gateway.telephony.leg import DUE_PARAMETER, DtmfReceived, LegInfo, MarkPlayed, MediaReceived
from gateway.telephony.media_clock import GapCounts
from gateway.telephony.raw.dialects import Dialect, RateIn, Said, Sound
from gateway.telephony.streams.marks import AwaitedMarks
from gateway.telephony.transfer import TransferOrder
from gateway.telephony.whole_frames import WholeFrames
from infra.audio import FRAME_SECONDS, SAMPLE_WIDTH, AudioFrame

MESSAGE_LIMIT: Final = 64 * 1024
"""Bytes of the longest text message."""
SOUND_LIMIT: Final = 64 * 1024
"""Bytes of sound in one message: two seconds at 16 kHz."""

RATES: Final = frozenset({8000, 16_000, 24_000, 32_000, 48_000})

MOST_PARAMETERS: Final = 32
LONGEST_PARAMETER: Final = 1024

_CONTENT_TYPE: Final = re.compile(r"audio/l16;\s*rate=(\d{4,5})")


class RawState(Enum):
    """How far the stream has come."""

    OPENED = auto()
    STREAMING = auto()
    OVER = auto()


class RawCodec:
    """One stream; see ``MediaCodec``. ``said``: what the socket's address says of the call."""

    is_text: Final = False

    def __init__(self, dialect: Dialect, said: Sequence[tuple[str, str]] = ()) -> None:
        self.dialect = dialect
        self.protocol = dialect.name
        self.state = RawState.OPENED
        self.counts = WireCounts()
        self.gaps = GapCounts()
        self._said = said
        self._rate = 0
        self._samples = 0
        self._marks = AwaitedMarks()
        self._frames: WholeFrames | None = None

    def receive(self, message: str | bytes) -> Sequence[CodecEvent]:
        """What a message means; see ``MediaCodec``."""
        try:
            if self.state is RawState.OVER:
                raise ProtocolViolation(Violation.OUT_OF_ORDER, "a message after the end")
            if isinstance(message, bytes):
                return self._sound(message)
            fields = object_in(message, MESSAGE_LIMIT)
            return self._open(fields) if self.state is RawState.OPENED else self._understand(fields)
        except ProtocolViolation:
            self.state = RawState.OVER
            raise

    # --- the opening --------------------------------------------------------------------------------------------------
    def _open(self, fields: Fields) -> Sequence[CodecEvent]:
        dialect = self.dialect
        if dialect.opens and _kind(fields) != dialect.opens:
            raise ProtocolViolation(Violation.OUT_OF_ORDER, f"the first message must be {dialect.opens}")
        if fields.values.get("mixType", "mono") != "mono":
            raise ProtocolViolation(Violation.UNSUPPORTED_MEDIA, "mixType must be mono: the caller's sound alone")
        self._rate = _rate(fields, dialect.rate_in)
        if self._rate not in RATES:
            raise ProtocolViolation(Violation.UNSUPPORTED_MEDIA, f"the rate must be one of {sorted(RATES)} Hz")
        self._frames = WholeFrames(round(self._rate * FRAME_SECONDS) * SAMPLE_WIDTH)
        self.state = RawState.STREAMING
        return [LegStarted(self._info(fields.values))]

    def _info(self, values: Mapping[str, Any]) -> LegInfo:
        told = [*self._said, *_texts(values, self.dialect.names)]
        who = read_introduction([*told, *_texts(values.get("headers"))])
        parameters: dict[str, str] = {}
        for name, value in told:
            if len(value) <= LONGEST_PARAMETER and name != DUE_PARAMETER:
                parameters.setdefault(name, value)
        return LegInfo(
            leg_id=who.call,
            call_sid=who.call,
            ani=who.ani,
            dnis=who.dnis,
            protocol=self.protocol,
            rate=self._rate,
            parameters=MappingProxyType(dict([*parameters.items()][:MOST_PARAMETERS])),
            headers=who.headers,
        )

    # --- what comes then ----------------------------------------------------------------------------------------------
    def _sound(self, pcm: bytes) -> Sequence[CodecEvent]:
        if self.state is RawState.OPENED:
            raise ProtocolViolation(Violation.OUT_OF_ORDER, "sound before the opening: send the call's metadata first")
        if len(pcm) > SOUND_LIMIT:
            raise ProtocolViolation(Violation.TOO_LARGE, f"a message may have {SOUND_LIMIT} bytes of sound")
        if len(pcm) % SAMPLE_WIDTH:
            raise ProtocolViolation(Violation.PARTIAL_SAMPLE, "sound must be whole samples")
        if not pcm:
            return []
        frame = AudioFrame(pcm, self._rate, self._samples / self._rate)
        self._samples += frame.samples
        return [MediaReceived(frame)]

    def _understand(self, fields: Fields) -> Sequence[CodecEvent]:
        dialect, kind = self.dialect, _kind(fields)
        if kind == dialect.key.kind:
            place, name = _place(fields, dialect.key)
            return [DtmfReceived(place.key(name), at=self._samples / self._rate)]
        if dialect.marked is not None and kind == dialect.marked.kind:
            place, name = _place(fields, dialect.marked)
            mark = place.text(name)
            if self._marks.came_back(mark):
                return [MarkPlayed(mark)]
        elif dialect.cleared and kind == dialect.cleared:
            return list(map(MarkPlayed, self._marks.cleared()))
        self.counts.unknown_events += 1
        return []

    # --- what we say --------------------------------------------------------------------------------------------------
    def encode_media(self, pcm: bytes) -> Message:
        """Sound for the far end; see ``MediaCodec``."""
        frames = self._require_stream()
        if len(pcm) % SAMPLE_WIDTH:
            raise ValueError("sound must be whole samples of 16 bits")
        if self.dialect.uses_minus_one:
            pcm = _without_minus_one(pcm)
        match self.dialect.sound:
            case Sound.FRAMES:
                whole = frames.add(pcm)
                return whole if len(whole) == frames.size else frames.cut(whole, frames.size)
            case Sound.BINARY:
                return pcm
            case Sound.PLAY_AUDIO:
                content = {"audioContentType": "raw", "sampleRate": self._rate, "audioContent": _base64(pcm)}
                return _json({"type": "playAudio", "data": content})
            case Sound.STREAM_AUDIO:
                content = {"audioDataType": "raw", "sampleRate": self._rate, "audioData": _base64(pcm)}
                return _json({"type": "streamAudio", "data": content})
            case _:
                assert_never(self.dialect.sound)

    def encode_mark(self, name: str) -> Message | None:
        """A mark, where there are marks; before it what waited for more sound."""
        frames, word = self._require_stream(), self.dialect.words.mark
        if word is None:
            return None
        self._marks.sent(name)
        mark = _json(word(name))
        last = frames.fill_up()
        return (last, mark) if last else mark

    def encode_clear(self) -> Message | None:
        """Throw sound away, where there is a word for it."""
        self._require_stream().clear()
        self._marks.clear_sent()
        word = self.dialect.words.clear
        return None if word is None else _json(word)

    def encode_end(self, reason: str) -> str | None:
        """Say that we leave, where closing does not say it."""
        word = self.dialect.words.end
        return None if word is None or self._frames is None else _json(word)

    def encode_transfer(self, order: TransferOrder) -> str:
        """Ask the application at the far end to move the call (mod_audio_fork's ``transfer``)."""
        self._require_stream()
        data = {"target": order.target, "handoff": order.handoff, **order.context}
        return _json({"type": "transfer", "data": data})

    def _require_stream(self) -> WholeFrames:
        if self._frames is None:
            raise RuntimeError("the stream has not opened: there is nobody to speak to yet")
        return self._frames


def _kind(fields: Fields) -> str:
    """What kind a message is: platforms call it ``event`` or ``type``."""
    kind = fields.values.get("event", fields.values.get("type"))
    return kind if isinstance(kind, str) else ""


def _place(fields: Fields, said: Said) -> tuple[Fields, str]:
    """The object in which a value is, and its name there. Raises ``ProtocolViolation``."""
    *way, name = said.path
    for step in way:
        fields = fields.object(step)
    return fields, name


def _rate(fields: Fields, rate_in: RateIn) -> int:
    if rate_in is RateIn.SAMPLE_RATE:
        return fields.number("sampleRate") if "sampleRate" in fields.values else 8000
    found = _CONTENT_TYPE.fullmatch(fields.text("content-type").lower())
    if found is None:
        raise fields.wrong("content-type", "must be audio/l16;rate=8000 or another rate")
    return int(found[1])


def _texts(values: object, names: Mapping[str, str] = MappingProxyType({})) -> list[tuple[str, str]]:
    """The texts and numbers of an object, under our names for them."""
    if not isinstance(values, dict):
        return []
    return [
        (names.get(name, name), str(value))
        for name, value in values.items()
        if isinstance(value, str | int) and not isinstance(value, bool)
    ]


def _without_minus_one(pcm: bytes) -> bytes:
    """Sound in which no sample is -1: jambonz' mod_audio_fork puts 0xffff into the sound where a mark is, and takes
    each such sample of ours for one."""
    samples = np.frombuffer(pcm, "<i2")
    hit = samples == -1
    return np.where(hit, np.int16(0), samples).astype("<i2").tobytes() if hit.any() else pcm


def _base64(pcm: bytes) -> str:
    return base64.b64encode(pcm).decode()


def _json(message: Mapping[str, Any]) -> str:
    return orjson.dumps(message, default=dict).decode()  # the table's words are mappings that nobody can change
