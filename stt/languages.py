"""Language tags as callers of recognizers give them.

Refuses: guessing a language.
"""

from __future__ import annotations


def primary(language: str) -> str:
    """The primary subtag of a tag (RFC 5646), lower-case: "en" of "en-US"."""
    return language.replace("_", "-").partition("-")[0].lower()
