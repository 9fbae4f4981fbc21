"""What pages are told of a judgement: the rubric's own names beside its ids.

Pure. Refuses: deciding who may see it (``api.py``, ``judgements_api.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from gateway.analytics.quality.checks import Verdict
from gateway.analytics.quality.rubric import Rubrics
from gateway.analytics.quality.standing import Standing

Names = Mapping[str, str]
"""By language; empty where the tenant's rubrics do not know the id any more."""


class RubricNames:
    """What a tenant's rubrics and their criteria are called; ``rubrics`` is None where it has none."""

    def __init__(self, rubrics: Rubrics | None) -> None:
        self._by_id = {} if rubrics is None else {rubric.id: rubric for rubric in rubrics.rubrics}

    def rubric(self, name: str) -> Names:
        """A rubric's names."""
        found = self._by_id.get(name)
        return {} if found is None else dict(found.name)

    def criterion(self, rubric: str, name: str) -> Names:
        """The names of one of its criteria."""
        found = self._by_id.get(rubric)
        criteria = () if found is None else found.criteria
        return next((dict(one.name) for one in criteria if one.id == name), {})


def shown_standing(standing: Standing, names: RubricNames) -> dict[str, Any]:
    """One rubric's judgement with all that it rests on and all that people said to it."""
    return {
        **_outcome(standing, names),
        "passes_at": standing.passes_at,
        "scored_at": standing.scored_at,
        "criteria": [{**asdict(one), "name": names.criterion(standing.rubric, one.id)} for one in standing.criteria],
        "overrides": [asdict(one) for one in standing.overrides],
        "appeals": [asdict(one) for one in standing.appeals],
    }


def outlined_standing(standing: Standing, names: RubricNames) -> dict[str, Any]:
    """The same at a glance, for a list: what was missed, and how many objections wait for an answer."""
    missed = [one for one in standing.criteria if one.verdict is Verdict.MISSED]
    return {
        **_outcome(standing, names),
        "missed": [{"id": one.id, "name": names.criterion(standing.rubric, one.id)} for one in missed],
        "open": sum(one.answer is None for one in standing.appeals),
        "decided": len(standing.overrides),
    }


def _outcome(standing: Standing, names: RubricNames) -> dict[str, Any]:
    return {
        "rubric": standing.rubric,
        "name": names.rubric(standing.rubric),
        "version": standing.version,
        "score": standing.score,
        "passed": standing.passed,
        "agents": list(standing.agents),
    }
