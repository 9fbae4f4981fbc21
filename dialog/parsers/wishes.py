"""Set phrases: a human, again please, goodbye, stop, I do not have it.

They win over any model: a caller who asks for a person is never argued with.
"""

from __future__ import annotations

from dataclasses import dataclass

from dialog.parsers.language import language
from dialog.parsers.tables import Wish
from dialog.parsers.text import plain, tokens


@dataclass(frozen=True, slots=True)
class Spotted:
    """A set phrase, and the characters ``start:end`` of the text that say it."""

    wish: Wish
    start: int
    end: int


def spot(text: str, code: str) -> tuple[Spotted, ...]:
    """The set phrases in ``text``, in the order of ``Wish``. Raises ``LanguageNotSpoken``."""
    phrases = language(code).phrases
    words = len(tokens(text))
    form = plain(text, spaced=phrases.spaced)
    found: list[Spotted] = []
    for wish, pattern in phrases.wishes.items():
        if words > phrases.longest[wish]:
            continue
        match = pattern.search(form.text)
        if match is None:
            continue
        barred = phrases.unless.get(wish)
        if barred is not None and barred.search(form.text):
            continue
        found.append(Spotted(wish, *form.original(match.start(), match.end())))
    return tuple(found)


def wants_person(text: str, code: str) -> bool:
    """Whether ``text`` asks for a human, whatever else it says. Raises ``LanguageNotSpoken``."""
    return any(spotted.wish is Wish.HUMAN for spotted in spot(text, code))
