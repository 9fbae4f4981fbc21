"""What a tenant's figures are counted by: goals, days, thresholds and prices, out of ``tenant.yaml``. Pure.

The views read these from the database (``kpi.rules``), so that the page, downloads and a program with SQL count alike.
A rule that is changed counts for the past as well: two halves of a year are only compared by one rule.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.analytics.errors import RulesInvalid
from gateway.session.tenant import Tenant

ANSWER_WITHIN: Final = 20.0
"""Seconds in which a queue is to answer that says nothing about it."""


class Prices(BaseModel):
    """What a contact costs, in ``currency`` (ISO 4217). What is left out costs nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    per_contact: float = Field(default=0.0, ge=0)
    per_line_minute: float = Field(default=0.0, ge=0)
    """Of the whole call: what the carrier takes."""
    per_bot_minute: float = Field(default=0.0, ge=0)
    per_agent_minute: float = Field(default=0.0, ge=0)
    """Of talk, hold and wrap-up."""


class Rules(BaseModel):
    """The rules of a tenant, as ``reports:`` in ``tenant.yaml`` has them; and the goals of its queues."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repeat_days: int = Field(default=7, ge=1, le=90)
    """A customer who is back within so many days had not been helped the first time."""
    silence_seconds: float = Field(default=5.0, gt=0, le=60)
    """A shorter pause is none."""
    satisfied_from: int = Field(default=4, ge=1, le=5)
    """The lowest score of a survey that says satisfied."""
    prices: Prices | None = None
    time_zone: str = "UTC"
    answer_within: dict[str, float] = {}
    """Seconds, by queue."""


def rules_of(tenant: Tenant) -> Rules:
    """The rules of a tenant. Raises ``RulesInvalid``, which names the key."""
    written: dict[str, Any] = tenant.reports
    taken = {"time_zone", "answer_within"} & written.keys()
    if taken:
        raise RulesInvalid(f"tenant.yaml: reports.{min(taken)} is no key: it stands elsewhere in the file")
    try:
        return Rules.model_validate({**written, "time_zone": tenant.time_zone, "answer_within": _goals(tenant)})
    except ValidationError as error:
        problems = "; ".join(f"reports.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise RulesInvalid(f"tenant.yaml: {problems}") from error


def _goals(tenant: Tenant) -> dict[str, Any]:
    queues = tenant.hand_over.get("queues") or ()
    return {
        str(queue["id"]): queue["answer_within_seconds"]
        for queue in queues
        if isinstance(queue, dict) and "id" in queue and "answer_within_seconds" in queue
    }
