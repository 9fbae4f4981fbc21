"""The terms of what callers say, each with the word that shows it: stems in English, content morphemes in Korean.

The same analysis as the knowledge is searched with, without the words that only ask and those of good manners.
"""

from __future__ import annotations

import re
from functools import lru_cache

from knowledge.lexical import Term, analyzer

_WORD = re.compile(r"[A-Za-z0-9]+(?:['’-][A-Za-z0-9]+)*")
_MASKED = re.compile(r"\[[a-z_ ]+\]|\S*[*•█]\S*")
"""What stands where something personal was said."""


_MANNERS = frozenset(
    "언제 부탁 드리 알리 말씀 아직 지금 혹시 여보세요 감사 죄송 안내 확인 문의 상담 다시 빨리 그냥"
    " pleas help question ask speak call hear say realli actual just like".split()
)
"""Terms by which callers ask, and not what they ask about."""


def terms_of(text: str, language: str) -> dict[str, str]:
    """Term -> word, of a text of that language. Raises ``KnowledgeError`` for a language that we do not speak.

    >>> terms_of("When will the deliveries arrive?", "en")
    {'deliveri': 'deliveries', 'arriv': 'arrive'}
    """
    said = _MASKED.sub(" ", text)
    if language == "en":
        return {term: word for word in _WORD.findall(said) for term in _english(word.lower())}
    asked = analyzer(language).question(said)
    return {term.text: _shown(term) for term in asked.terms if _tells(term)}


@lru_cache(maxsize=20_000)
def _english(word: str) -> tuple[str, ...]:
    asked = analyzer("en").question(word)
    return tuple(term.text for term in asked.terms if _tells(term))


def _shown(term: Term) -> str:
    """A Korean morpheme as a dictionary has it: of verbs and adjectives only the stem was said."""
    return f"{term.text}다" if term.tag.startswith("V") else term.text


def _tells(term: Term) -> bool:
    """Whether a term says what a caller's turn is about."""
    return term.content and not term.text.isdigit() and term.text not in _MANNERS
