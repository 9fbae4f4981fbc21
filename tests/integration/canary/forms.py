"""The forms in which a string may lie somewhere, as bytes: encodings, escapes, and as a part of something encoded.

Made without any code of the program's.
"""

from __future__ import annotations

import json
import unicodedata
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

SHORTEST = 8
"""Bytes: what is shorter stands everywhere by chance. Strings of digits alone should have ten, for so many things are
numbered."""

_DROPPED = (0, 2, 3)
"""Letters of base64 that also hold bits of what stands before, by how many bytes of a group of three that is."""


def forms(needle: str) -> frozenset[bytes]:
    """Every form of a string of which at least ``SHORTEST`` bytes are its own."""
    escaped = json.dumps(needle)[1:-1]
    texts = {
        needle,
        needle.lower(),
        unicodedata.normalize("NFD", needle),
        escaped,
        escaped.replace("\\", "\\\\"),  # JSON within JSON, and as PostgreSQL copies it out
        quote(needle, safe=""),
        quote_plus(needle, safe="@"),
        needle.encode().hex(),
    }
    found = {text.encode() for text in texts}
    found |= {needle.encode(encoding) for encoding in ("utf-16-le", "utf-16-be")}
    for encoder in (b64encode, urlsafe_b64encode):
        found |= {_within(encoder, needle.encode(), before) for before in range(3)}
    return frozenset(form for form in found if len(form) >= SHORTEST)


def _within(encoder: object, data: bytes, before: int) -> bytes:
    """What base64 makes of ``data`` wherever it stands behind ``before`` bytes of its group of three."""
    assert callable(encoder)
    encoded: bytes = encoder(bytes(before) + data)
    return encoded[_DROPPED[before] : (before + len(data)) * 8 // 6]
