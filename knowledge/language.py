"""Which of the house's languages a text is written in.

Refuses: telling apart languages that nobody here speaks; a text without Hangul is read as English.
"""

from __future__ import annotations

import re
from typing import Final

LANGUAGES: Final = ("ko", "en")

HANGUL_SHARE: Final = 0.25
"""A Korean page about electronics may be half Latin letters by count, and one Hangul syllable weighs two or three of
them; an English page hardly ever has one letter in four in Hangul."""

_HANGUL = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")
_LETTER = re.compile(r"[^\W\d_]")


def detect(text: str) -> str:
    """``ko`` or ``en``."""
    letters = len(_LETTER.findall(text))
    return "ko" if letters and len(_HANGUL.findall(text)) / letters >= HANGUL_SHARE else "en"
