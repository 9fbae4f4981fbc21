"""What every codec keeps to, whatever its wire."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from gateway.telephony.codec import Introduced, LegStarted, MediaCodec
from gateway.telephony.errors import ProtocolViolation
from gateway.telephony.leg import DtmfReceived, HungUp, MarkPlayed
from gateway.telephony.softphone import SoftphoneCodec
from gateway.telephony.streams.codec import MediaStreamCodec
from tests.gateway.telephony import wire


@dataclass(frozen=True)
class Wire:
    """How the far end of a codec says what all far ends can say."""

    make: Callable[[], MediaCodec]
    opening: tuple[str, ...]
    key: str
    mark: str
    end: str


def softphone() -> MediaCodec:
    return SoftphoneCodec()


MEDIA_STREAM = Wire(
    MediaStreamCodec,
    (wire.text(wire.connected()), wire.text(wire.start())),
    key=wire.text(wire.dtmf("5")),
    mark=wire.text(wire.mark("m", sequence=3)),
    end=wire.text(wire.stop(sequence=4)),
)
SOFTPHONE = Wire(
    softphone,
    (json.dumps({"type": "hello", "ticket": "t"}),),
    key=json.dumps({"type": "dtmf", "digit": "5"}),
    mark=json.dumps({"type": "mark", "name": "m"}),
    end=json.dumps({"type": "bye"}),
)

both = pytest.mark.parametrize("far_end", [MEDIA_STREAM, SOFTPHONE], ids=["twilio", "softphone"])


def opened(far_end: Wire) -> MediaCodec:
    codec = far_end.make()
    events = [event for message in far_end.opening for event in codec.receive(message)]
    assert len(events) == 1
    assert isinstance(events[0], LegStarted | Introduced)
    if isinstance(codec, SoftphoneCodec):
        codec.encode_ready("call")
    return codec


@both
def test_the_first_event_is_the_opening_and_then_come_those_of_a_leg(far_end: Wire) -> None:
    codec = opened(far_end)
    said = [event for message in (far_end.key, far_end.mark, far_end.end) for event in codec.receive(message)]
    assert [type(event) for event in said] == [DtmfReceived, MarkPlayed, HungUp]


@both
def test_nobody_is_spoken_to_before_the_opening(far_end: Wire) -> None:
    codec = far_end.make()
    for encode in (lambda: codec.encode_media(bytes(320)), lambda: codec.encode_mark("m"), codec.encode_clear):
        with pytest.raises(RuntimeError, match="nobody to speak to"):
            encode()


@both
def test_after_the_end_nothing_is_taken(far_end: Wire) -> None:
    codec = opened(far_end)
    codec.receive(far_end.end)
    with pytest.raises(ProtocolViolation):
        codec.receive(far_end.key)


@both
def test_half_a_sample_is_no_sound(far_end: Wire) -> None:
    codec = opened(far_end)
    with pytest.raises(ValueError, match=r"multiple|whole"):
        codec.encode_media(b"\x00" * 3)


@both
def test_what_is_all_text_is_said_so(far_end: Wire) -> None:
    codec = opened(far_end)
    said = (codec.encode_media(bytes(320)), codec.encode_mark("m"), codec.encode_clear())
    texts = [message.decode() if isinstance(message, bytes) else message for message in said[not codec.is_text :]]
    assert all(isinstance(json.loads(text), dict) for text in texts)
