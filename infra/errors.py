"""The root of every error that this house raises on purpose.

Refuses: anything that a caller of ours cannot act upon. A programming mistake stays a plain Python exception.
"""

from __future__ import annotations

from typing import ClassVar


class AiccError(Exception):
    """Something went wrong that has a name.

    ``code`` is stable and machine readable (it appears in logs, metrics, HTTP answers and exit messages);
    the message says what happened and what to do next.
    """

    code: ClassVar[str] = "aicc_error"


class ConfigError(AiccError):
    """A setting is missing, malformed or contradicts another."""

    code = "config_error"
