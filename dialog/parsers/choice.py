"""Which of the offered topics the caller means: by order ("the second one", 두 번째요) or by its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dialog.answers.evidence import content_words, pairs
from dialog.parsers.language import language
from dialog.parsers.text import plain

_LEAST_SHARE = 0.6
"""At least this share of one of its own words must be said to choose a name."""
_LEAST_LEAD = 0.2
"""And so much more than of any other name."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The index of the chosen name, how surely (0..1), and the characters ``start:end`` that say so."""

    index: int
    confidence: float
    start: int
    end: int


def read_choice(text: str, code: str, names: Sequence[str]) -> Chosen | None:
    """The name of ``names`` that ``text`` picks, or None when it picks none or several. Raises
    ``LanguageNotSpoken``."""
    table = language(code)
    form = plain(text, spaced=table.phrases.spaced)
    by_order = [
        (index, match)
        for index, pattern in enumerate(table.following.ordinals[: len(names)])
        if (match := pattern.search(form.text)) is not None
    ]
    if len(by_order) == 1:
        index, match = by_order[0]
        return Chosen(index, 0.95, *form.original(match.start(), match.end()))
    shares = [_share(name, names, text, code) for name in names]
    if not shares:
        return None
    order = sorted(range(len(names)), key=lambda index: -shares[index])
    lead = shares[order[0]] - (shares[order[1]] if len(order) > 1 else 0.0)
    if shares[order[0]] >= _LEAST_SHARE and lead >= _LEAST_LEAD:
        return Chosen(order[0], min(0.95, 0.6 + lead / 2), 0, len(text))
    return None


def _share(name: str, names: Sequence[str], text: str, code: str) -> float:
    """How much is said of the word of ``name`` that is said most, words that other names have left aside."""
    prose = language(code).prose
    common = {word for other in names if other != name for word in content_words(other, prose)}
    said = pairs(text)
    return max(
        (len(pairs(word) & said) / len(pairs(word)) for word in content_words(name, prose) if word not in common),
        default=0.0,
    )
