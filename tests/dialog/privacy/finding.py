"""What the detector finds in a text, as tests like to read it."""

from __future__ import annotations

from dialog.privacy.detector import find
from dialog.privacy.kinds import PersonalKind


def said(text: str, kind: PersonalKind, language: str = "") -> list[str]:
    """The parts of the text that are found to be of that kind."""
    code = language or ("en" if text.isascii() else "ko")
    return [text[one.start : one.end] for one in find(text, code) if one.kind is kind]
