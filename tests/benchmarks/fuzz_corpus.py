"""What the far end of each codec says when all is well: what ``fuzz_codecs`` takes apart and puts together wrongly.

A codec is registered in ``CODECS`` by one entry: how to make it, the messages that open its leg, and some of every kind
that may come then. Written by hand, not by the project's own writers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol, cast

from gateway.telephony.asterisk.audiosocket import AudioSocketCodec
from gateway.telephony.asterisk.channel import ChannelCodec
from gateway.telephony.codec import CodecEvent
from gateway.telephony.genesys.connector import ConnectorCodec
from gateway.telephony.genesys.messages import Channel, Media, Opened
from gateway.telephony.genesys.monitor import MonitorCodec
from gateway.telephony.raw.codec import RawCodec
from gateway.telephony.softphone import SoftphoneCodec
from gateway.telephony.streams.codec import MediaStreamCodec
from gateway.telephony.streams.dialects import DIALECTS
from tests.gateway.telephony.asterisk import asterisk_wire
from tests.gateway.telephony.genesys import hooks
from tests.gateway.telephony.raw.raw_wire import PLATFORMS
from tests.gateway.telephony.streams.carrier_words import SAMPLES, texts

Heard = str | bytes


class Receiver(Protocol):
    """Anything that is told what came from a far end, and may only ever raise ``ProtocolViolation``."""

    def receive(self, message: Heard) -> Sequence[CodecEvent]:
        """See ``MediaCodec``."""


@dataclass(frozen=True)
class Fuzzed:
    """A codec as it is fuzzed. ``opened`` is done to it when its opening has come, such as letting somebody in."""

    make: Callable[[], Receiver]
    opening: Sequence[Heard]
    messages: Sequence[Heard]
    opened: Callable[[Any], object] = lambda codec: None


def _text(kind: str, **fields: object) -> str:
    return json.dumps({"type": kind, **fields})


def _audiohook(codec: type[ConnectorCodec] | type[MonitorCodec], media: dict[str, Any]) -> Fuzzed:
    opening = hooks.Client().opens(media)
    gap = {"start": "PT0.1S", "discarded": "PT0.5S"}
    told: list[tuple[str, dict[str, Any]]] = [
        ("ping", {"rtt": "PT0.01S"}),
        ("dtmf", {"digit": "5"}),
        ("playback_started", {}),
        ("playback_completed", {}),
        ("paused", {}),
        ("resumed", gap),
        ("discarded", gap),
        ("update", {"language": "ko-KR"}),
        ("error", {"code": 429, "message": "slow down"}),
        ("close", {"reason": "end"}),
    ]
    chosen = Media(tuple(map(Channel, media["channels"])))

    class Counting(codec):  # type: ignore[valid-type,misc]
        """Messages follow each other in any order, so those that are second get the number that is due."""

        def receive(self, message: Heard) -> Sequence[CodecEvent]:
            if isinstance(message, str):
                message = message.replace(SECOND, f'"seq": {self.hook._client_seq + 1},', 1)
            events: Sequence[CodecEvent] = super().receive(message)
            return events

    return Fuzzed(
        lambda: Counting(hooks.SESSION),
        [opening],
        [bytes(1600), *(_second(kind, **parameters) for kind, parameters in told)],
        opened=lambda codec: codec.hook.say(Opened(chosen)),
    )


SECOND: Final = '"seq": 2,'
"""In a message of Genesys': the number of the second one."""


def _second(kind: str, **parameters: Any) -> str:
    client = hooks.Client()
    client.seq = client.server_seq = 1
    return client.says(kind, **parameters)


def _stream(name: str) -> Fuzzed:
    sample = SAMPLES[name]
    said = [*sample.media, sample.key, sample.mark, sample.stop, *([sample.cleared] if sample.cleared else [])]
    return Fuzzed(partial(MediaStreamCodec, DIALECTS[name]), texts(*sample.opening), texts(*said))


CODECS: Final[Mapping[str, Fuzzed]] = {
    **{name: _stream(name) for name in SAMPLES},
    "softphone": Fuzzed(
        cast("Callable[[], Receiver]", SoftphoneCodec),
        [_text("hello", ticket="t")],
        [bytes(644), _text("dtmf", digit="5"), _text("mark", name="m"), _text("alive"), _text("bye")],
        opened=lambda codec: codec.encode_ready("call"),
    ),
    "asterisk-websocket": Fuzzed(
        ChannelCodec,
        [asterisk_wire.start("ulaw", 160, AICC_FROM="010")],
        [
            bytes(160),
            asterisk_wire.event("DTMF_END", digit="5"),
            asterisk_wire.event("MEDIA_MARK_PROCESSED", correlation_id="1"),
            asterisk_wire.event("MEDIA_XOFF"),
            asterisk_wire.event("STATUS", queue_length=3),
        ],
    ),
    "asterisk-websocket-plain": Fuzzed(
        ChannelCodec,
        [asterisk_wire.plain_start()],
        [bytes(640), "DTMF_END digit:4 channel_id:1.2", "MEDIA_MARK_PROCESSED 1", "MEDIA_XON", "QUEUE_DRAINED"],
    ),
    "audiosocket": Fuzzed(
        AudioSocketCodec,
        [b"\x01" + bytes(16)],
        [b"\x10" + bytes(320), b"\x035", b"\x00", b"\xff\x02"],
        opened=lambda codec: codec.begin("slin"),
    ),
    "genesys-connector": _audiohook(ConnectorCodec, hooks.MONO),
    "genesys-monitor": _audiohook(MonitorCodec, hooks.STEREO),
    **{
        name: Fuzzed(partial(RawCodec, far_end.dialect), [json.dumps(far_end.opening)], far_end.messages)
        for name, far_end in PLATFORMS.items()
    },
}
"""Every codec, by the name under which it is fuzzed."""
