"""What a suite has measured: figures with their intervals, pictures, and remarks.

Refuses: a number for what was not measured. Such a figure's value is ``None`` all the way to the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Figure:
    """One number over ``count`` cases, with the interval (95 %) that resampling gives it.

    ``baseline`` is the simpler method's number on the same cases in the same run.
    """

    value: float | None
    count: int = 0
    low: float | None = None
    high: float | None = None
    baseline: float | None = None


@dataclass(frozen=True, slots=True)
class Reliability:
    """Bins of what was promised against what came true: mean probability, share right, cases."""

    title: str
    bins: tuple[tuple[float, float, int], ...]


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """The share that is wrong (second) among the surest share of cases (first)."""

    title: str
    points: tuple[tuple[float, float], ...]


Picture = Reliability | RiskCoverage

Figures = Mapping[str, Mapping[str, Figure]]
"""By group (a language, a data set), then by name."""


@dataclass(frozen=True, slots=True)
class Findings:
    """All that a suite has to tell. ``problems`` are single cases that went wrong, for whoever wants to look."""

    figures: Figures
    pictures: tuple[Picture, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = field(default=())

    def find(self, path: str) -> Figure | None:
        """The figure at ``group.name``, if there is one."""
        group, _, name = path.partition(".")
        return self.figures.get(group, {}).get(name)


def plain(figures: Figures, names: tuple[str, ...] = ()) -> dict[str, dict[str, float | None]]:
    """Values only, rounded; just ``names`` where some are given (what a group lacks is ``None``)."""
    return {
        group: {name: _rounded(of[name].value if name in of else None) for name in names or of}
        for group, of in figures.items()
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
