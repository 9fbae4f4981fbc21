"""What is really asked: the caller's words without hesitations, and what they lean on. Pure.

"그럼 주말에는요?" asks nothing by itself; it is searched for together with the question before it.
"""

from __future__ import annotations

from dialog.evidence import content_words
from dialog.parsers.language import language
from dialog.parsers.text import tokens


def search_words(text: str, code: str, *, before: str = "") -> str:
    """What to search for when the caller says ``text`` after having asked ``before``. Raises ``LanguageNotSpoken``."""
    table = language(code)
    words = tokens(text)
    first = 0
    while first < len(words) and words[first].text in table.following.hesitations:
        first += 1
    asked = text[words[first].start :] if first < len(words) else text
    if before and leans_back(asked, code):
        return f"{before} {asked}"
    return asked


def leans_back(text: str, code: str) -> bool:
    """Whether ``text`` follows up on what was asked before: it says so, or has no topic of its own."""
    table = language(code)
    words = tokens(text)
    if not words or len(words) > table.following.longest:
        return False
    opened = table.following.opener.search(text.lower()) is not None
    return opened or not content_words(text, table.prose)
