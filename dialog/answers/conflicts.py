"""Passages that contradict one another: the same question, other figures. Pure.

Two sentences contradict one another when they say nearly the same once their figures are left out, are about the same
thing by the words that stand over them, and have figures of one kind that share no value. Which of both is right nobody
here can know: the caller is asked, or a human goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from dialog.answers.evidence import alike, content_words
from dialog.answers.facts import Fact, Kind, facts, numeric, same
from dialog.answers.grounding import Backing, support, without_facts
from dialog.parsers.language import language
from knowledge.document import Passage

SAME_STATEMENT = 0.55
"""Sentences that share less than this (0..1) without their figures are not about the same thing."""
_BEARS = 0.4
"""A sentence with less of the question's words is not what was asked about."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sentences, by the numbers of their evidence, that differ in a figure of one ``kind``."""

    kind: Kind
    first: int
    second: int
    sentences: tuple[str, str]


def conflicts(asked: str, evidence: Sequence[Backing], code: str, today: date | None = None) -> tuple[Conflict, ...]:
    """The contradictions among ``evidence`` as far as they bear on what was ``asked``. Raises ``LanguageNotSpoken``."""
    words = content_words(asked, language(code).prose)
    spoken = [
        (backing, sentence, facts(sentence, code, today))
        for backing in evidence
        if backing.language == code
        for sentence in backing.sentences
        if support(words, f"{backing.around} {sentence}") >= _BEARS
    ]
    found = []
    for (one, says, stated), (other, contradicts, counted) in combinations(spoken, 2):
        if one.number == other.number or _plain(one, says, stated, other, contradicts, counted) < SAME_STATEMENT:
            continue
        kind = _apart(stated, counted)
        if kind is not None:
            found.append(Conflict(kind, one.number, other.number, (says, contradicts)))
    return tuple(found)


def contradicting(asked: str, passages: Sequence[Passage], code: str, today: date) -> int | None:
    """The place of the first of ``passages`` that contradicts the one at place 0 on what was ``asked``; None where none
    does. Raises ``LanguageNotSpoken``."""
    evidence = [Backing.of_passage(number, passage) for number, passage in enumerate(passages)]
    against = [found.second for found in conflicts(asked, evidence, code, today) if found.first == 0]
    return min(against, default=None)


def _plain(
    one: Backing, says: str, stated: Sequence[Fact], other: Backing, contradicts: str, counted: Sequence[Fact]
) -> float:
    """How much two sentences share without their figures, as far as what stands over them allows."""
    statements = alike(without_facts(says, stated), without_facts(contradicts, counted))
    above = alike(one.around, other.around) if one.around and other.around else 1.0
    return statements if above >= SAME_STATEMENT or statements == 1.0 else min(statements, above)


def _apart(stated: Sequence[Fact], counted: Sequence[Fact]) -> Kind | None:
    """The first kind of which both have figures, and none the same."""
    for kind in dict.fromkeys(fact.kind for fact in stated if numeric(fact)):
        ours = [fact for fact in stated if fact.kind is kind]
        theirs = [fact for fact in counted if fact.kind is kind]
        if theirs and not any(same(fact, other) for fact in ours for other in theirs):
            return kind
    return None
