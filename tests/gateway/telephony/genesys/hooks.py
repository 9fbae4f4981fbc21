"""What Genesys says on an AudioHook socket, written by hand for tests."""

from __future__ import annotations

import json
from typing import Any

SESSION = "e160e428-53e2-487c-977d-96989bf5c99d"
ORGANIZATION = "d7934305-0972-4844-938e-9060eef73d05"
CONVERSATION = "090eaa2f-72fa-480a-83e0-8667ff89c0ec"
NOBODY = "00000000-0000-0000-0000-000000000000"

MONO = {"type": "audio", "format": "PCMU", "channels": ["external"], "rate": 8000}
STEREO = {"type": "audio", "format": "PCMU", "channels": ["external", "internal"], "rate": 8000}


class Client:
    """Numbers its messages as Genesys does."""

    def __init__(self, session: str = SESSION) -> None:
        self.session = session
        self.seq = 0
        self.server_seq = 0

    def heard(self, text: str) -> dict[str, Any]:
        """Take a message of ours; its number has to be the next."""
        message: dict[str, Any] = json.loads(text)
        assert message["seq"] == self.server_seq + 1
        assert message["id"] == self.session
        assert message["version"] == "2"
        assert message["clientseq"] <= self.seq
        self.server_seq = message["seq"]
        return message

    def says(self, kind: str, /, position: float = 0.0, **parameters: Any) -> str:
        """A message of theirs."""
        self.seq += 1
        return json.dumps(
            {
                "version": "2",
                "id": self.session,
                "type": kind,
                "seq": self.seq,
                "serverseq": self.server_seq,
                "position": f"PT{position:.6f}S",
                "parameters": parameters,
            }
        )

    def opens(self, *media: dict[str, Any], **more: Any) -> str:
        """They want a call to be heard."""
        parameters = {
            "organizationId": ORGANIZATION,
            "conversationId": CONVERSATION,
            "participant": {
                "id": "883efee8-3d6c-4537-b500-6d7ca4b92fa0",
                "ani": "tel:+821012345678",
                "aniName": "김한빛",
                "dnis": "tel:+827080001000",
            },
            "media": list(media or (MONO,)),
            **more,
        }
        return self.says("open", **parameters)
