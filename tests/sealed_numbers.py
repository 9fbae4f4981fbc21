"""What people's numbers are sealed with in tests: the same for every tenant and in every process."""

from __future__ import annotations

from infra.storage.sealed_words import SealedWords

WORDS = SealedWords(bytes(range(32)), "numbers")


def numbers(_tenant: str) -> SealedWords:
    """See ``gateway.session.numbers.Numbers``."""
    return WORDS
