"""What can go wrong in recognition, by name."""

from __future__ import annotations

from infra.errors import AiccError


class SttError(AiccError):
    """Any failure of recognition."""

    code = "stt_error"


class LanguageNotSupported(SttError):
    """No recognizer that is installed here hears this language."""

    code = "stt_language_not_supported"


class RecognizerUnavailable(SttError):
    """The recognizer cannot take a stream now: its model does not load, or its processes are lost or full."""

    code = "stt_unavailable"
