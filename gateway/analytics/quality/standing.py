"""How a contact's score stands after what people said to it: overrides, appeals, and the answers to appeals.

Pure: folded from the contact's own events. The first score is never changed; a person who sees a criterion otherwise
writes that down behind it, with a reason, and whoever is judged may object. An appeal is answered by a decision on its
criterion, be it that the verdict stands.

Refuses: decisions about what was not judged, and a second appeal against the same criterion while one is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.analytics.errors import AppealRefused, NoSuchCriterion
from gateway.analytics.quality.checks import Verdict
from gateway.analytics.quality.scoring import Judged, passes, total
from gateway.session.records import ContactEvent, EventKind


@dataclass(frozen=True, slots=True)
class Appeal:
    """Somebody objects to a criterion. ``answer`` is the event that decided about it; none: it is open."""

    id: str
    criterion: str
    by: str
    reason: str
    at: str
    answer: int | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """A person decided about a criterion."""

    criterion: str
    verdict: Verdict
    before: Verdict
    by: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class Standing:
    """One rubric's judgement of a contact as it stands now."""

    rubric: str
    version: str
    passes_at: float
    agents: tuple[str, ...]
    criteria: tuple[Judged, ...]
    scored_at: str
    overrides: tuple[Override, ...] = ()
    appeals: tuple[Appeal, ...] = field(default=())

    @property
    def score(self) -> float | None:
        """0 to 100; None where nothing applied."""
        return total(self.criteria)

    @property
    def passed(self) -> bool | None:
        """Whether that is good enough."""
        return passes(self.criteria, self.passes_at)

    def criterion(self, name: str) -> Judged:
        """One criterion as it stands. Raises ``NoSuchCriterion``."""
        found = next((one for one in self.criteria if one.id == name), None)
        if found is None:
            raise NoSuchCriterion(f"rubric {self.rubric} judged no criterion {name!r} in this contact")
        return found

    def open_appeal(self, criterion: str) -> Appeal | None:
        """The appeal against a criterion that nobody has answered."""
        return next((one for one in self.appeals if one.criterion == criterion and one.answer is None), None)

    def overridden(self, criterion: str, verdict: Verdict) -> Standing:
        """The same with another verdict. Raises ``NoSuchCriterion``."""
        self.criterion(criterion)
        changed = tuple(replace(one, verdict=verdict) if one.id == criterion else one for one in self.criteria)
        return replace(self, criteria=changed)

    def override(self, criterion: str, verdict: Verdict, *, by: str, reason: str) -> Mapping[str, Any]:
        """The payload of a decision; it answers the appeal that is open, if there is one. Raises
        ``NoSuchCriterion``."""
        after, appeal = self.overridden(criterion, verdict), self.open_appeal(criterion)
        return {
            "rubric": self.rubric,
            "criterion": criterion,
            "verdict": verdict,
            "before": self.criterion(criterion).verdict,
            "by": by,
            "reason": reason,
            "appeal": None if appeal is None else appeal.id,
            "score": after.score,
            "passed": after.passed,
        }

    def appeal(self, criterion: str, appeal: str, *, by: str, reason: str) -> Mapping[str, Any]:
        """The payload of an objection. Raises ``NoSuchCriterion`` and ``AppealRefused``."""
        if self.criterion(criterion).verdict is not Verdict.MISSED:
            raise AppealRefused("there is nothing to object to: the criterion was not missed")
        if self.open_appeal(criterion) is not None:
            raise AppealRefused("an appeal against this criterion is open already: wait for its answer")
        return {"rubric": self.rubric, "criterion": criterion, "by": by, "reason": reason, "appeal": appeal}


def standings(events: Sequence[ContactEvent]) -> tuple[Standing, ...]:
    """How a contact stands by each rubric that judged it, in the order in which they did."""
    found: dict[str, Standing] = {}
    for event in events:
        told, rubric = event.payload, str(event.payload.get("rubric", ""))
        if told.get("erased"):
            continue  # what decided it is gone with the contact's words
        if event.kind == EventKind.QUALITY_SCORED:
            found.setdefault(rubric, _scored(event))
        elif (standing := found.get(rubric)) is None:
            continue
        elif event.kind == EventKind.QUALITY_OVERRIDDEN:
            found[rubric] = _overridden(standing, event)
        elif event.kind == EventKind.QUALITY_APPEALED:
            appeal = Appeal(
                str(told["appeal"]), str(told["criterion"]), str(told["by"]), str(told["reason"]), event.at.isoformat()
            )
            found[rubric] = replace(standing, appeals=(*standing.appeals, appeal))
    return tuple(found.values())


def _scored(event: ContactEvent) -> Standing:
    told = event.payload
    return Standing(
        str(told["rubric"]),
        str(told["version"]),
        float(told["passes_at"]),
        tuple(map(str, told.get("agents") or ())),
        tuple(_criterion(one) for one in told.get("criteria") or ()),
        event.at.isoformat(),
    )


def _criterion(told: Mapping[str, Any]) -> Judged:
    return Judged(
        str(told["id"]),
        str(told.get("check", "")),
        Verdict(told["verdict"]),
        float(told["weight"]),
        bool(told["critical"]),
        tuple(told.get("turns") or ()),
        tuple(told.get("events") or ()),
        str(told.get("note") or ""),
    )


def _overridden(standing: Standing, event: ContactEvent) -> Standing:
    told = event.payload
    override = Override(
        str(told["criterion"]),
        Verdict(told["verdict"]),
        Verdict(told["before"]),
        str(told["by"]),
        str(told["reason"]),
        event.at.isoformat(),
    )
    answered = tuple(
        replace(one, answer=event.seq) if one.id == told.get("appeal") else one for one in standing.appeals
    )
    changed = standing.overridden(override.criterion, override.verdict)
    return replace(changed, overrides=(*standing.overrides, override), appeals=answered)
