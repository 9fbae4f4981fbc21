"""Documents whose titles differ by a word or two ("Standard delivery", "Overseas delivery"; 일반 배송, 해외 배송), and
which of them a question names. Pure.

What searches by meaning finds siblings equally near, and a sentence of the wrong one is a perfect answer to another
question. Where the caller has said the word that tells them apart, it is no longer a matter of likeness.

Refuses: judging documents whose titles have nothing in common.
"""

from __future__ import annotations

from collections.abc import Iterable

from dialog.answers.evidence import content_words, pairs_of
from dialog.parsers.language import language
from knowledge.document import Passage

SAME_WORD = 0.8
"""From this share of its character pairs in another word a word is taken to be in it: endings and compounds differ."""


def meant(asked: str, code: str, passages: Iterable[Passage]) -> frozenset[str]:
    """The ids of those passages that may answer: all but the ones of a document whose sibling is named by the question,
    unless they speak of what the sibling is named for. Raises ``LanguageNotSpoken``."""
    prose = language(code).prose
    found = tuple(passages)
    said = content_words(asked, prose)
    titles = {one.document.id: content_words(one.document.title, prose) for one in found}
    kept = []
    for passage in found:
        own = titles[passage.document.id]
        named = [_told_apart(own, other, said) for id_, other in titles.items() if id_ != passage.document.id]
        text = content_words(" ".join((*passage.headings, passage.question or "", passage.text)), prose)
        if all(_all_in(words, text) for words in named):
            kept.append(passage.id)
    return frozenset(kept)


def _told_apart(own: tuple[str, ...], other: tuple[str, ...], said: tuple[str, ...]) -> tuple[str, ...]:
    """The words that tell ``other`` from ``own``, where both are of a kind and only the other's are said; else none."""
    only_other = tuple(word for word in other if not _is_in(word, own))
    of_a_kind = len(only_other) < len(other)
    only_own = [word for word in own if not _is_in(word, other)]
    if not (of_a_kind and only_other and _all_in(only_other, said)) or any(_is_in(word, said) for word in only_own):
        return ()
    return only_other


def _all_in(words: tuple[str, ...], text: tuple[str, ...]) -> bool:
    return all(_is_in(word, text) for word in words)


def _is_in(word: str, text: tuple[str, ...]) -> bool:
    own = pairs_of(word)
    return any(len(own & pairs_of(other)) >= SAME_WORD * len(own) for other in text)
