"""The fields of a peer's JSON message, read one by one: whatever is wrong is a violation that names the field.

Refuses: what a message means, and any word of one wire; see the codecs.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.telephony.errors import ProtocolViolation, Violation

TEXT_LIMIT: Final = 4096
"""Characters of the longest field that is read, save for the sound itself."""

MOST_DIGITS: Final = 15
"""Of a number: what is more is no count of anything in a call."""

KEYS: Final = frozenset("0123456789*#ABCD")
"""The keys of a telephone (ITU-T Q.23)."""


@dataclass(slots=True)
class Fields:
    """A JSON object of a peer's message; ``of`` is where in it, for the reasons. All readers raise
    ``ProtocolViolation``."""

    of: str
    values: dict[str, Any]

    def object(self, name: str) -> Fields:
        """An object within the object."""
        value = self.values.get(name)
        if not isinstance(value, dict):
            raise self.wrong(name, "must be an object")
        return Fields(f"{self.of}{name}.", value)

    def text(self, name: str) -> str:
        """A string that is not empty."""
        value = self.values.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= TEXT_LIMIT:
            raise self.wrong(name, f"must be a string of 1 to {TEXT_LIMIT} characters")
        return value

    def key(self, name: str) -> str:
        """A key of a telephone."""
        value = self.text(name)
        if value not in KEYS:
            raise self.wrong(name, "must be one of 0-9 * # A-D")
        return value

    def number(self, name: str) -> int:
        """A whole number, not negative, below 10**15; as a string (as some protocols have it) or a JSON number."""
        value = self.values.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS:
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**MOST_DIGITS:
            return value
        raise self.wrong(name, f"must be a whole number, not negative, of at most {MOST_DIGITS} digits")

    def sound(self, name: str) -> bytes:
        """Sound in base64."""
        value = self.values.get(name)
        if not isinstance(value, str):
            raise self.wrong(name, "must be a base64 string")
        try:
            return binascii.a2b_base64(value, strict_mode=True)
        except ValueError as error:
            raise ProtocolViolation(Violation.BAD_BASE64, f"{self.of}{name} is not base64") from error

    def wrong(self, name: str, what: str) -> ProtocolViolation:
        """The violation that a field is."""
        return ProtocolViolation(Violation.BAD_FIELD, f"{self.of}{name} {what}")


def object_in(message: str | bytes, limit: int | None) -> Fields:
    """The JSON object that a text message holds, of at most ``limit`` bytes.

    Raises ``ProtocolViolation``, and nothing else, whatever the message holds.
    """
    if isinstance(message, bytes):
        raise ProtocolViolation(Violation.NOT_TEXT, "messages are JSON text, not binary")
    if limit is not None and _longer_than(message, limit):
        raise ProtocolViolation(Violation.TOO_LARGE, f"a message may have {limit} bytes")
    try:
        values = orjson.loads(message)
    except orjson.JSONDecodeError as error:
        raise ProtocolViolation(Violation.NOT_JSON, "the message is not JSON") from error
    if not isinstance(values, dict):
        raise ProtocolViolation(Violation.NOT_AN_OBJECT, "the message is JSON, but not an object")
    return Fields("", values)


def _longer_than(message: str, limit: int) -> bool:
    if message.isascii():
        return len(message) > limit
    return len(message) > limit or len(message.encode("utf-8", "surrogatepass")) > limit
