"""The registry of languages."""

from __future__ import annotations

import pytest

from dialog.errors import LanguageNotSpoken
from dialog.parsers.language import LANGUAGES, language


def test_korean_and_english_are_spoken() -> None:
    assert set(LANGUAGES) == {"ko", "en"}
    assert language("ko").code == "ko"


def test_an_unknown_language_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(LanguageNotSpoken, match="it speaks en, ko"):
        language("ja")
