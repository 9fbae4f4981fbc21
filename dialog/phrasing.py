"""Replies put together from approved texts and found answers. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dialog.answers.answering import Candidate
from dialog.answers.confidence import Verdict
from dialog.reply import Confidence, Decision, Expectation, Reply, Sentence
from dialog.templates import Templates
from dialog.turn import CallerTurn

CERTAIN = Confidence(1.0)


def say(
    texts: Templates,
    *keys: str,
    decision: Decision = Decision.CONVERSE,
    expects: Expectation = Expectation.SPEAKING,
    confidence: Confidence = CERTAIN,
    timings: Mapping[str, float] | None = None,
    values: Mapping[str, object] | None = None,
) -> Reply:
    """The texts under ``keys``, one sentence each, filled with ``values``. Raises ``TenantDialogInvalid``."""
    sentences = tuple(Sentence(texts.render(key, **(values or {}))) for key in keys)
    return Reply(decision, texts.language, sentences, confidence, expects, timings=dict(timings or {}))


def answered(
    texts: Templates,
    candidate: Candidate,
    sentences: Sequence[Sentence],
    how: Verdict,
    timings: Mapping[str, float],
) -> Reply:
    """An answer that was found, in these ``sentences`` (at least one); with its source named when it is not beyond
    doubt."""
    first, *others = sentences
    if how is not Verdict.SAY:
        passage = candidate.passage
        key = "answer.with_source" if passage.question is None else "answer.from_questions"
        named = texts.render(key, title=passage.document.title, sentence=first.text)
        first = Sentence(named, first.citation)
    return Reply(
        Decision.ANSWER,
        texts.language,
        (first, *others),
        candidate.confidence,
        Expectation.SPEAKING,
        timings=dict(timings),
    )


def told(texts: Templates, key: str, action: str, confidence: Confidence, values: Mapping[str, object]) -> Reply:
    """An action's result, and whether there is anything else."""
    sentences = (Sentence(texts.render(key, **values), action=action), Sentence(texts.render("more")))
    return Reply(Decision.ACT, texts.language, sentences, confidence)


def hearing(turn: CallerTurn, value: float | None = None) -> Confidence:
    """The confidence of a reply that is right if the turn was heard right: ``value``, or the recognizer's."""
    recognition = 1.0 if turn.silent else turn.confidence
    return Confidence(recognition if value is None else value, {"recognition": recognition})
