"""From a question to an answer that may be said: searched, extracted, verified, weighed.

It decides how sure an answer is and which others compete with it; what to do about that is the manager's affair.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from dialog.answers.confidence import UNCALIBRATED, Calibration, Estimate, Thresholds, answer_confidence, known
from dialog.answers.evidence import alike
from dialog.answers.extractive import Extract, extract
from dialog.answers.query import without_unknown
from dialog.answers.reading import read
from dialog.answers.siblings import meant
from dialog.answers.signals import Survey
from dialog.answers.verifier import numbers, restrictions
from dialog.parsers.language import language
from dialog.reply import Confidence
from dialog.understanding.classifier import Judgement
from knowledge.document import Hit, Passage
from knowledge.errors import KnowledgeUnavailable
from knowledge.query import Query

SAME_ANSWER = 0.5
"""Two answers that share less than this (0..1) say different things."""
THERE = 0.1
"""A topic that is less probably known than this is not in the documents. To say so of one that is would be worse than
to call a human without it: of questions that go to one, 8 in 100 (Korean) and none (English) are wrongly told so."""
OURS = 0.3
"""A question that is less probably in scope than this is none of the tenant's business."""
_CLOSE = 0.25
"""A rival of an unsure answer is at most this much less probable."""
_EQUAL = 0.1
"""A rival of a sure one at most this much."""


class KnowledgeSearch(Protocol):
    """What the dialog needs of the knowledge: passages for a question."""

    async def search(self, query: Query) -> list[Hit]:
        """The passages that bear on a question and may be told to whoever asks, best first.

        Raises a ``KnowledgeError``.
        """


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible answer: what would be said, where it is from, and how probably it is right."""

    extract: Extract
    confidence: Confidence
    score: float

    @property
    def passage(self) -> Passage:
        """The passage that it is taken from."""
        return self.extract.passage


@dataclass(frozen=True, slots=True)
class Finding:
    """What a search yielded: answers, best first, the passages, and the seconds that each stage took."""

    query: str
    candidates: tuple[Candidate, ...]
    hits: tuple[Hit, ...]
    timings: dict[str, float]

    @property
    def best(self) -> Candidate | None:
        """The best candidate, if there is any."""
        return self.candidates[0] if self.candidates else None

    @property
    def related(self) -> bool:
        """Whether our documents probably say something of the topic, and the question is the tenant's business: then
        an answer is only not sure enough, else there is none."""
        if self.best is None:
            return False
        signals = self.best.confidence.signals
        return known(signals, Estimate.TOPIC) >= THERE and signals.get("in_scope", 1.0) >= OURS


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the words to search for, how surely they were heard (0..1), what the intent head makes of them,
    the ``topic`` that a follow-up will lean on, and the ``context`` that this one leans on: earlier questions as they
    were heard, oldest first."""

    words: str
    language: str
    recognition: float
    judgement: Judgement | None = None
    topic: str = ""
    context: tuple[str, ...] = ()


async def find(search: KnowledgeSearch, question: Question, query: Query, *, timeout: float) -> tuple[Hit, ...]:
    """The passages for a question, which ``query`` asks the knowledge; where none of them names what the caller bought,
    those for any product.

    Raises a ``KnowledgeError``, also when there is no answer in ``timeout`` seconds.
    """
    try:
        async with asyncio.timeout(timeout):
            hits = await search.search(query)
            plainer = _plainer(question, hits)
            if plainer is not question:
                hits = await search.search(replace(query, text=plainer.words))
    except TimeoutError as error:
        raise KnowledgeUnavailable(f"the knowledge did not answer within {timeout:.1f} s") from error
    return tuple(hit for hit in hits if query.permits(hit.passage.document))


def weigh(question: Question, hits: Sequence[Hit], calibration: Calibration = UNCALIBRATED) -> tuple[Candidate, ...]:
    """An answer from each hit that has one and may be meant, with its probability; most probable first. Pure."""
    candidates = []
    may_answer = meant(question.words, question.language, [hit.passage for hit in hits])
    question = _plainer(question, hits)
    readings = read(question.words, hits, question.language)
    survey = Survey(question.words, question.language, hits, readings)
    turn = _of_turn(question)
    for index, hit in enumerate(hits):
        order = [reading.sentence for reading in readings if reading.hit == index]
        if not order or hit.passage.id not in may_answer:
            continue
        extracted = extract(hit, question.language, asked=question.words, order=order)
        if extracted is not None:
            confidence = answer_confidence(turn | survey.signals(index, extracted), calibration)
            candidates.append(Candidate(extracted, confidence, hit.score))
    return tuple(sorted(candidates, key=lambda candidate: -candidate.confidence.value))


def _of_turn(question: Question) -> dict[str, float]:
    """What the turn itself says, whatever was found: how surely it was heard, and whose business it is."""
    judgement = question.judgement
    if judgement is None:
        return {"recognition": question.recognition}
    return {"recognition": question.recognition, "in_scope": judgement.in_scope, "intent": judgement.probability}


def _plainer(question: Question, hits: Sequence[Hit]) -> Question:
    """The question itself, or one about a product where no hit knows what the caller says to have bought."""
    words = without_unknown(question.words, question.language, [hit.passage.text for hit in hits])
    return question if words == question.words else replace(question, words=words)


def rivals(candidates: Sequence[Candidate], thresholds: Thresholds) -> tuple[Candidate, ...]:
    """The candidates that compete with the best: nearly as probable, about another topic, saying something else. Pure.

    Beside a sure answer only another document that is as good as equal competes.
    """
    if not candidates:
        return ()
    best = candidates[0]
    sure = best.confidence.value >= thresholds.sure
    return tuple(
        other
        for other in candidates[1:]
        if other.confidence.value >= thresholds.clarify
        and best.confidence.value - other.confidence.value <= (_EQUAL if sure else _CLOSE)
        and abs(best.score - other.score) <= thresholds.rival
        and not (sure and other.passage.document.id == best.passage.document.id)
        and topic(other.passage, best.passage) != topic(best.passage, other.passage)
        and not _says_the_same(other.extract, best.extract)
    )


def _says_the_same(one: Extract, other: Extract) -> bool:
    """Whether two answers may stand for each other: much alike, with the same numbers and the same restrictions."""
    prose = language(one.passage.document.language).prose
    return (
        alike(one.text, other.text) >= SAME_ANSWER
        and numbers(one.text, prose) == numbers(other.text, prose)
        and restrictions(one.text, prose) == restrictions(other.text, prose)
    )


def topic(passage: Passage, beside: Passage | None = None) -> str:
    """What a passage is about, in few words: the question that it answers, else its document's title, or its last
    heading where ``beside`` has the same title."""
    if passage.question is not None:
        return passage.question.rstrip(" ?？.")
    title = passage.document.title
    if beside is not None and beside.document.title == title and passage.headings:
        return passage.headings[-1]
    return title
