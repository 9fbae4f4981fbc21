from __future__ import annotations

from infra.errors import AiccError
from tts.errors import LanguageNotSupported, SynthesizerUnavailable, TtsError


def test_codes_are_stable() -> None:
    assert [error.code for error in (TtsError, LanguageNotSupported, SynthesizerUnavailable)] == [
        "tts_error",
        "tts_language_not_supported",
        "tts_unavailable",
    ]
    assert issubclass(TtsError, AiccError)
