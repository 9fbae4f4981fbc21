"""Which of the offered topics the caller means: by order ("the second one", 두 번째요) or by its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dialog.parsers.language import language
from dialog.parsers.text import plain

_LEAST_SHARE = 0.5
"""At least this share of a name's character pairs must be said to choose it."""
_LEAST_LEAD = 0.2
"""And so much more of it than of any other name."""


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
    said = _pairs(text)
    shares = []
    for index, name in enumerate(names):
        others = {pair for other, rival in enumerate(names) if other != index for pair in _pairs(rival)}
        own = _pairs(name) - others or _pairs(name)
        shares.append(len(own & said) / len(own) if own else 0.0)
    if not shares:
        return None
    order = sorted(range(len(names)), key=lambda index: -shares[index])
    lead = shares[order[0]] - (shares[order[1]] if len(order) > 1 else 0.0)
    if shares[order[0]] >= _LEAST_SHARE and lead >= _LEAST_LEAD:
        return Chosen(order[0], min(0.95, 0.6 + lead / 2), 0, len(text))
    return None


def _pairs(text: str) -> set[str]:
    joined = plain(text, spaced=False).text
    return {joined[index : index + 2] for index in range(len(joined) - 1)}
