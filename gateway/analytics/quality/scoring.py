"""A contact's score by a rubric: each criterion with its verdict and evidence, and the weighted share of what was met.

Pure. A criterion that does not apply counts neither for nor against; where none applies there is no score, which is not
nought. A critical criterion that was missed fails the contact whatever the score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.analytics.quality.checks import Finding, Verdict, check, turns_of
from gateway.analytics.quality.contact import Contact
from gateway.analytics.quality.rubric import Rubric, Side


@dataclass(frozen=True, slots=True)
class Judged:
    """One criterion of a scored contact, as the record has it."""

    id: str
    check: str
    verdict: Verdict
    weight: float
    critical: bool
    turns: tuple[int, ...] = ()
    events: tuple[int, ...] = ()
    """The numbers of the events that show it."""
    note: str = ""


def applies(rubric: Rubric, contact: Contact) -> bool:
    """Whether a rubric judges this contact at all."""
    if contact.erased or contact.record.channel not in rubric.applies.channels:
        return False
    match rubric.applies.served_by:
        case None:
            return contact.with_bot or contact.with_person
        case Side.BOT:
            return contact.with_bot
        case Side.PERSON:
            return contact.with_person


def judge(rubric: Rubric, contact: Contact) -> tuple[Judged, ...]:
    """Every criterion's verdict."""
    return tuple(_judged(criterion, check(criterion, contact)) for criterion in rubric.criteria)


def _judged(criterion: Any, finding: Finding) -> Judged:
    return Judged(
        criterion.id,
        criterion.check,
        finding.verdict,
        criterion.weight,
        criterion.critical,
        tuple(turns_of(finding)),
        tuple(event.seq for event in finding.evidence),
        finding.note,
    )


def total(judged: Iterable[Judged]) -> float | None:
    """The score of 0 to 100, to one place; None where nothing applied."""
    counted = [one for one in judged if one.verdict is not Verdict.NOT_APPLICABLE]
    weight = sum(one.weight for one in counted)
    if not weight:
        return None
    return round(100 * sum(one.weight for one in counted if one.verdict is Verdict.MET) / weight, 1)


def passes(judged: Iterable[Judged], passes_at: float) -> bool | None:
    """Whether that is good enough; None where nothing applied."""
    every = tuple(judged)
    score = total(every)
    if any(one.critical and one.verdict is Verdict.MISSED for one in every):
        return False
    return None if score is None else score >= passes_at


def scored(rubric: Rubric, contact: Contact) -> Mapping[str, Any]:
    """The payload of ``quality.scored``."""
    judged = judge(rubric, contact)
    return {
        "rubric": rubric.id,
        "version": rubric.version,
        "score": total(judged),
        "passed": passes(judged, rubric.passes_at),
        "passes_at": rubric.passes_at,
        "agents": contact.agents,
        "criteria": judged,
    }
