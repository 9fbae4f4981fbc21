"""What each carrier says in its own words, written down by hand after its public documentation: independent of the
project's own writer. ``SAMPLES`` has one whole stream of each."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from tests.gateway.telephony import wire

ANI, DNIS = "+821012345678", "+82215880000"


@dataclass(frozen=True)
class Sample:
    """One carrier's stream. ``media`` are chunks 1 and 2; ``sound`` is what chunk 1 holds, as it travels."""

    stream: str
    call: str
    opening: list[dict[str, Any]]
    media: list[dict[str, Any]]
    key: dict[str, Any]
    mark: dict[str, Any]
    stop: dict[str, Any]
    sound: bytes
    cleared: dict[str, Any] = field(default_factory=dict)


ULAW = bytes(range(127)) + bytes(range(128, 161))
"""20 ms of mu-law; without its second zero, 127, which no encoder writes."""
LINEAR = bytes(range(100)) * 16
"""100 ms of linear sound at 8 kHz."""


def b64(sound: bytes) -> str:
    return base64.b64encode(sound).decode()


TWILIO = Sample(
    stream=wire.STREAM,
    call=wire.CALL,
    opening=[wire.connected(), wire.start(**{"from": ANI, "to": DNIS})],
    media=[wire.media(1, ULAW), wire.media(2)],
    key=wire.dtmf("5"),
    mark=wire.mark("m"),
    stop=wire.stop(),
    sound=ULAW,
)

_SW = "7d56cc11-536d-4a45-b4fb-ed3d55be843b"

SIGNALWIRE = Sample(
    stream=_SW,
    call="76ac3c36-56da-4a3e-a0d6-b5f8df6da9ad",
    opening=[
        {"event": "connected", "protocol": "Call", "version": "0.2.0"},
        {
            "event": "start",
            "sequenceNumber": "1",
            "start": {
                "streamSid": _SW,
                "accountSid": "b08dacad-2f6c-4de1-93d6-cc732e0c69c5",
                "callSid": "76ac3c36-56da-4a3e-a0d6-b5f8df6da9ad",
                "tracks": ["inbound"],
                "customParameters": {"from": ANI, "to": DNIS},
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            },
        },
    ],
    media=[
        {
            "event": "media",
            "sequenceNumber": str(chunk + 1),
            "media": {
                "track": "inbound",
                "chunk": str(chunk),
                "timestamp": str(chunk * 20),
                "payload": b64(ULAW),
            },
        }
        for chunk in (1, 2)
    ],
    key={"event": "dtmf", "streamSid": _SW, "dtmf": {"duration": 2700, "digit": "5"}},
    mark={"event": "mark", "streamSid": _SW, "mark": {"name": "m"}},
    stop={"event": "stop", "sequenceNumber": "1002"},
    sound=ULAW,
)

_TX = "32DE0DEA-53CB-4B21-89A4-9E1819C043BC"
_TX_CALL = "v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ"

TELNYX = Sample(
    stream=_TX,
    call=_TX_CALL,
    opening=[
        {"event": "connected", "version": "1.0.0"},
        {
            "event": "start",
            "sequence_number": "1",
            "stream_id": _TX,
            "start": {
                "user_id": "3E6F995F-85F7-4705-9741-53B116D28237",
                "call_control_id": _TX_CALL,
                "call_session_id": "ff55a038-6f5d-11ef-9692-02420aeffb1f",
                "from": ANI,
                "to": DNIS,
                "tags": ["TAG1"],
                "client_state": "aGF2ZSBhIG5pY2UgZGF5ID1d",
                "custom_parameters": {"customer_id": "customer_123"},
                "media_format": {"encoding": "PCMU", "sample_rate": 8000, "channels": 1},
            },
        },
    ],
    media=[
        {
            "event": "media",
            "sequence_number": str(chunk + 1),
            "media": {
                "track": "inbound",
                "chunk": str(chunk),
                "timestamp": str(chunk * 20),
                "payload": b64(ULAW),
            },
            "stream_id": _TX,
        }
        for chunk in (1, 2)
    ],
    key={
        "event": "dtmf",
        "stream_id": _TX,
        "occurred_at": "2021-10-21T12:05:03.000000Z",
        "sequence_number": "5",
        "dtmf": {"digit": "5"},
    },
    mark={"event": "mark", "sequence_number": "4", "stream_id": _TX, "mark": {"name": "m"}},
    stop={
        "event": "stop",
        "sequence_number": "9",
        "stream_id": _TX,
        "stop": {"user_id": "3E6F995F-85F7-4705-9741-53B116D28237", "call_control_id": _TX_CALL},
    },
    sound=ULAW,
)

_PV = "87654321-4321-4321-4321-cba987654321"
_PV_CALL = "12345678-1234-1234-1234-123456789abc"

PLIVO = Sample(
    stream=_PV,
    call=_PV_CALL,
    opening=[
        {
            "event": "start",
            "sequenceNumber": 1,
            "start": {
                "callId": _PV_CALL,
                "streamId": _PV,
                "accountId": "MAXXXXXXXXXXXXXXXXXX",
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000},
            },
            "extra_headers": f"from={ANI};to={DNIS}",
        }
    ],
    media=[
        {
            "sequenceNumber": chunk + 1,
            "streamId": _PV,
            "event": "media",
            "media": {
                "track": "inbound",
                "timestamp": str(1677828774405 + chunk * 20),
                "chunk": chunk,
                "payload": b64(ULAW),
            },
            "extra_headers": "{}",
        }
        for chunk in (1, 2)
    ],
    key={
        "event": "dtmf",
        "sequenceNumber": 4,
        "streamId": _PV,
        "dtmf": {"track": "inbound", "digit": "5", "timestamp": "1677828774505"},
        "extra_headers": "{}",
    },
    mark={"event": "playedStream", "streamId": _PV, "name": "m"},
    stop={"event": "stop", "streamId": _PV},
    sound=ULAW,
    cleared={"sequenceNumber": 0, "event": "clearedAudio", "streamId": _PV},
)

_EX = "MZxxxxxxxxxxxxxxxxxxxxxxxx"

EXOTEL = Sample(
    stream=_EX,
    call="CAxxxxxxxxxxxxxxxxxxxxxxxx",
    opening=[
        {"event": "connected"},
        {
            "event": "start",
            "sequence_number": "1",
            "stream_sid": _EX,
            "start": {
                "stream_sid": _EX,
                "call_sid": "CAxxxxxxxxxxxxxxxxxxxxxxxx",
                "account_sid": "ACxxxxxxxxxxxxxxxxxxxxxxxx",
                "from": ANI,
                "to": DNIS,
                "custom_parameters": {"key1": "value1"},
                "media_format": {"encoding": "audio/x-raw", "sample_rate": "8000", "bit_rate": "16"},
            },
        },
    ],
    media=[
        {
            "event": "media",
            "sequence_number": str(chunk + 1),
            "stream_sid": _EX,
            "media": {"chunk": str(chunk), "timestamp": str(chunk * 100), "payload": b64(LINEAR)},
        }
        for chunk in (1, 2)
    ],
    key={"event": "dtmf", "sequence_number": "7", "stream_sid": _EX, "dtmf": {"digit": "5", "duration": "100"}},
    mark={"event": "mark", "sequence_number": "15", "stream_sid": _EX, "mark": {"name": "m"}},
    stop={
        "event": "stop",
        "sequence_number": "20",
        "stream_sid": _EX,
        "stop": {"call_sid": "CAxxxxxxxxxxxxxxxxxxxxxxxx", "account_sid": "ACxx", "reason": "callended"},
    },
    sound=LINEAR,
)

SAMPLES = {"twilio": TWILIO, "signalwire": SIGNALWIRE, "telnyx": TELNYX, "plivo": PLIVO, "exotel": EXOTEL}


def texts(*messages: dict[str, Any]) -> list[str]:
    return [json.dumps(message) for message in messages]
