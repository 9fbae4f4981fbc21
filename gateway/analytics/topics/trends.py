"""What rises and falls: a topic's share of contacts now, held against its share in the weeks before. Pure.

Three things make differences that mean nothing. Chance: Fisher's exact test, which is right for small counts too.
Days: what is bound to days (an outage, a mailing) scatters more than chance makes it, so counts are first divided by
how much more a topic scattered in the weeks before (the design effect; Rao and Scott, 1992, "A simple method for the
analysis of clustered binary data"). Many topics: of twenty that did not change one would pass, so the share of false
alarms among all is bounded (Benjamini and Hochberg, 1995).

Refuses: calling a difference a trend because it is certain. It has to matter, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

FALSE_ALARMS: Final = 0.05
"""The share of topics that are said to rise or fall, and do not."""

MATTERS: Final = 1.2
"""How many times its old share a topic must have, or the old its new one. Of very many contacts less is certain."""


class Trend(StrEnum):
    """What became of a topic's share of contacts."""

    RISING = "rising"
    STEADY = "steady"
    FALLING = "falling"


@dataclass(frozen=True, slots=True)
class Change:
    """A topic's share of contacts before (none: there were no contacts) and now, and how probable it is that chance
    makes as much of a difference."""

    before: float | None
    now: float
    chance: float


def change_of(counted: Mapping[date, int], everyone: Mapping[date, int], since: date) -> Change:
    """How a topic changed on the days from ``since`` on. ``counted`` are its contacts by day, ``everyone`` those of all
    days."""
    earlier = [(counted.get(day, 0), many) for day, many in everyone.items() if many and day < since]
    old, of_old = sum(of_topic for of_topic, _ in earlier), sum(many for _, many in earlier)
    new = sum(counted.get(day, 0) for day in everyone if day >= since)
    of_new = sum(many for day, many in everyone.items() if day >= since)
    if not of_old or not of_new:
        return Change(old / of_old if of_old else None, new / of_new if of_new else 0.0, 1.0)
    effect = design_effect(earlier)
    sizes = [round(count / effect) for count in (old, of_old - old, new, of_new - new)]
    return Change(old / of_old, new / of_new, _fisher(*sizes))


def trends_of(changes: Sequence[Change]) -> list[Trend]:
    """What each of some topics does, tested together."""
    if not changes:
        return []
    from scipy.stats import false_discovery_control

    sure = false_discovery_control([change.chance for change in changes], method="bh") <= FALSE_ALARMS
    return [_told(change) if certain else Trend.STEADY for change, certain in zip(changes, sure.tolist(), strict=True)]


def design_effect(days: Sequence[tuple[int, int]]) -> float:
    """How many times more a share varies from day to day than chance makes it, at least once: Pearson's statistic per
    degree of freedom. ``days`` are counts, each with what it is out of (not nought)."""
    share = sum(count for count, _ in days) / sum(of for _, of in days)
    if len(days) < 2 or not 0 < share < 1:
        return 1.0
    pearson = sum((count - of * share) ** 2 / (of * share * (1 - share)) for count, of in days)
    return max(1.0, pearson / (len(days) - 1))


def _fisher(old: int, other_old: int, new: int, other_new: int) -> float:
    """Loading the statistics takes a second, which only who tests pays."""
    from scipy.stats import fisher_exact

    return float(fisher_exact([[old, other_old], [new, other_new]]).pvalue)


def _told(change: Change) -> Trend:
    if change.before is None:
        return Trend.STEADY
    if change.now >= MATTERS * change.before:
        return Trend.RISING
    return Trend.FALLING if change.before >= MATTERS * change.now else Trend.STEADY
