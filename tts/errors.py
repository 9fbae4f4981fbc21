"""What can go wrong in speech synthesis, by name."""

from __future__ import annotations

from infra.errors import AiccError


class TtsError(AiccError):
    """Any failure of speech synthesis."""

    code = "tts_error"


class LanguageNotSupported(TtsError):
    """No voice that is installed here speaks this language."""

    code = "tts_language_not_supported"


class SynthesizerUnavailable(TtsError):
    """The engine exists but cannot speak now: its library or voice does not load."""

    code = "tts_unavailable"
