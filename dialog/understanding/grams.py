"""A short text as a bag of pieces: words, word pairs and character n-grams, with spaces and without.

Characters make it sturdy against recognized speech (split words, particles, a wrong syllable) in both languages alike;
no model and no dictionary is loaded for it.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from dialog.parsers.text import canonical, tokens

_WITH_SPACES = (2, 3, 4)
_WITHOUT_SPACES = (2, 3)
_LONGEST_TEXT = 400
"""Characters looked at; a caller who says more repeats himself."""


def pieces(text: str) -> Counter[str]:
    """How often each piece occurs in ``text``."""
    words = [token.text for token in tokens(canonical(text)[:_LONGEST_TEXT])]
    counts: Counter[str] = Counter(f"w:{word}" for word in words)
    counts.update(f"p:{first} {second}" for first, second in pairwise(words))
    padded = f" {' '.join(words)} "
    for size in _WITH_SPACES:
        counts.update(padded[index : index + size] for index in range(len(padded) - size + 1))
    joined = "".join(words)
    for size in _WITHOUT_SPACES:
        counts.update(f"j:{joined[index : index + size]}" for index in range(len(joined) - size + 1))
    return counts
