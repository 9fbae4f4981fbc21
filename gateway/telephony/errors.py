"""What can go wrong on the telephone's side, by name.

``Violation`` is the list of everything that a peer on the wire can do wrong, each with the WebSocket close code that
answers it; a peer's mistake is a value that is counted and answered, never a traceback.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from infra.errors import AiccError

REASON_LIMIT: Final = 123
"""Bytes that a close reason may have: a control frame's 125 less the code (RFC 6455, section 5.5)."""


class Violation(Enum):
    """A breach of a wire protocol: its stable name (log, metrics) and the close code of RFC 6455, section 7.4.1."""

    NOT_TEXT = ("not_text", 1003)
    UNSUPPORTED_MEDIA = ("unsupported_media", 1003)
    NOT_JSON = ("not_json", 1007)
    NOT_AN_OBJECT = ("not_an_object", 1007)
    BAD_FIELD = ("bad_field", 1007)
    BAD_BASE64 = ("bad_base64", 1007)
    PARTIAL_SAMPLE = ("partial_sample", 1007)
    BAD_FRAME = ("bad_frame", 1007)
    OUT_OF_ORDER = ("out_of_order", 1002)
    WRONG_STREAM = ("wrong_stream", 1002)
    TOO_LARGE = ("too_large", 1009)
    NO_START = ("no_start", 1008)
    AHEAD_OF_TIME = ("ahead_of_time", 1008)
    BROKEN_FRAMING = ("broken_framing", 1002)

    def __init__(self, label: str, close_code: int) -> None:
        self.label = label
        self.close_code = close_code


class TelephonyError(AiccError):
    """Any failure on the telephone's side."""

    code = "telephony_error"


class ProtocolViolation(TelephonyError):
    """The peer broke the wire protocol. It is told ``close_code`` and ``reason``; nothing it sent is echoed."""

    code = "telephony_protocol_violation"

    def __init__(self, violation: Violation, reason: str) -> None:
        super().__init__(f"{violation.label}: {reason}")
        self.violation = violation
        self.close_code = violation.close_code
        self.reason = close_reason(reason)


class CallEnded(TelephonyError):
    """The other side ended the call while we still wanted something of it."""

    code = "telephony_call_ended"


class NoAnswer(TelephonyError):
    """The other side did not do in time what was waited for: it did not begin to speak, or did not fall silent."""

    code = "telephony_no_answer"


class CallRefused(TelephonyError):
    """The call was not taken: the webhook refused it, or the handshake of the media socket failed."""

    code = "telephony_call_refused"


def close_reason(text: str) -> str:
    """``text`` cut to what a close frame carries (123 bytes of UTF-8), never within a character."""
    return text.encode("utf-8", "replace")[:REASON_LIMIT].decode("utf-8", "ignore")
