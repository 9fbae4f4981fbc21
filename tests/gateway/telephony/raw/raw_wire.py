"""What the far ends of raw streams send first and then, written down by hand from their documentation and sources."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.telephony.raw.dialects import (
    FREESWITCH_FORK,
    FREESWITCH_STREAM,
    FREESWITCH_STREAMING,
    JAMBONZ,
    VONAGE,
    Dialect,
)


@dataclass(frozen=True)
class FarEnd:
    """How one platform says what all of them can say; ``mark`` says that one came back."""

    dialect: Dialect
    opening: Mapping[str, Any]
    key: Mapping[str, Any]
    mark: Mapping[str, Any] | None = None

    @property
    def messages(self) -> list[str | bytes]:
        said = [self.key, *([] if self.mark is None else [self.mark])]
        return [bytes(640), *map(json.dumps, said)]


_DTMF = {"event": "dtmf", "dtmf": "5", "duration": "1600"}
_PLAYED = {"type": "mark", "data": {"name": "m", "event": "playout"}}

PLATFORMS = {
    "vonage": FarEnd(
        VONAGE,
        {
            "event": "websocket:connected",
            "content-type": "audio/l16;rate=16000",
            "call": "c-1",
            "from": "8210",
            "to": "1588",
        },
        {"event": "websocket:dtmf", "digit": "5", "duration": 260},
        {"event": "websocket:notify", "payload": {"mark": "m"}},
    ),
    "jambonz": FarEnd(
        JAMBONZ,
        {
            "sampleRate": 16000,
            "mixType": "mono",
            "callSid": "c-1",
            "direction": "inbound",
            "from": "8210",
            "to": "1588",
            "sipStatus": 200,
            "headers": {"X-Queue": "vip", "Diversion": "<sip:a@b>", "Via": "SIP/2.0/UDP"},
        },
        _DTMF,
        _PLAYED,
    ),
    "freeswitch-fork": FarEnd(
        FREESWITCH_FORK, {"callid": "c-1", "from": "8210", "to": "1588", "sampleRate": 16000}, _DTMF
    ),
    "freeswitch-streaming": FarEnd(
        FREESWITCH_STREAMING, {"uuid": "c-1", "from": "8210", "to": "1588", "sampleRate": 16000}, _DTMF, _PLAYED
    ),
    "freeswitch-stream": FarEnd(
        FREESWITCH_STREAM, {"uuid": "c-1", "from": "8210", "to": "1588", "sampleRate": 16000}, _DTMF
    ),
}
