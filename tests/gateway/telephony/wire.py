"""What a carrier sends, written down by hand: independent of the project's own writer."""

from __future__ import annotations

import base64
import json
from typing import Any

STREAM = "MZ0123456789abcdef0123456789abcdef"
CALL = "CA0123456789abcdef0123456789abcdef"
ACCOUNT = "AC00000000000000000000000000000000"


def connected() -> dict[str, Any]:
    return {"event": "connected", "protocol": "Call", "version": "1.0.0"}


def start(**parameters: str) -> dict[str, Any]:
    return {
        "event": "start",
        "sequenceNumber": "1",
        "streamSid": STREAM,
        "start": {
            "streamSid": STREAM,
            "accountSid": ACCOUNT,
            "callSid": CALL,
            "tracks": ["inbound"],
            "customParameters": parameters,
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        },
    }


def media(chunk: int = 1, payload: bytes = b"\xff" * 160, timestamp: int | None = None) -> dict[str, Any]:
    return {
        "event": "media",
        "sequenceNumber": str(chunk + 1),
        "streamSid": STREAM,
        "media": {
            "track": "inbound",
            "chunk": str(chunk),
            "timestamp": str((chunk - 1) * 20 if timestamp is None else timestamp),
            "payload": base64.b64encode(payload).decode(),
        },
    }


def dtmf(digit: str = "5", sequence: int = 2) -> dict[str, Any]:
    return {
        "event": "dtmf",
        "sequenceNumber": str(sequence),
        "streamSid": STREAM,
        "dtmf": {"track": "inbound_track", "digit": digit},
    }


def mark(name: str = "m1", sequence: int = 2) -> dict[str, Any]:
    return {"event": "mark", "sequenceNumber": str(sequence), "streamSid": STREAM, "mark": {"name": name}}


def stop(sequence: int = 2) -> dict[str, Any]:
    return {
        "event": "stop",
        "sequenceNumber": str(sequence),
        "streamSid": STREAM,
        "stop": {"accountSid": ACCOUNT, "callSid": CALL},
    }


def text(message: dict[str, Any]) -> str:
    return json.dumps(message)


def but(message: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """``message`` with another value at a dotted path; ``...`` takes the field out."""
    changed: dict[str, Any] = json.loads(json.dumps(message))
    *way, last = path.split(".")
    place = changed
    for step in way:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return changed
