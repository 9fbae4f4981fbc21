"""What Asterisk sends, written down by hand from what a running one sent: independent of the project's own writers."""

from __future__ import annotations

import json
from typing import Any

CHANNEL = "WebSocket/gw1/0x7f00"
UNIQUE = "1732300000.7"


def event(name: str, **fields: Any) -> str:
    return json.dumps({"event": name, "channel_id": UNIQUE, **fields})


def start(kind: str = "ulaw", frame: int = 160, **variables: str) -> str:
    return event(
        "MEDIA_START",
        connection_id="gw1",
        channel=CHANNEL,
        format=kind,
        optimal_frame_size=frame,
        ptime=20,
        channel_variables=variables,
    )


def plain_start(kind: str = "slin16", frame: int = 640) -> str:
    return f"MEDIA_START connection_id:gw1 channel:{CHANNEL} format:{kind} optimal_frame_size:{frame} ptime:20"


def audiosocket(kind: int, payload: bytes = b"") -> bytes:
    return bytes([kind]) + len(payload).to_bytes(2, "big") + payload
