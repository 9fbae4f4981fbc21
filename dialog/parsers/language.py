"""The languages of the house, by code."""

from __future__ import annotations

from dialog.errors import LanguageNotSpoken
from dialog.parsers.english import ENGLISH
from dialog.parsers.korean import KOREAN
from dialog.parsers.tables import Language

LANGUAGES: dict[str, Language] = {table.code: table for table in (KOREAN, ENGLISH)}


def language(code: str) -> Language:
    """The tables of a language. Raises ``LanguageNotSpoken`` for one that has none."""
    try:
        return LANGUAGES[code]
    except KeyError:
        known = ", ".join(sorted(LANGUAGES))
        raise LanguageNotSpoken(f"the dialog has no tables for language {code!r}; it speaks {known}") from None
