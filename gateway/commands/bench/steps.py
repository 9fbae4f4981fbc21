"""One step of a capacity run: what was measured of it, whether it was within the limits, whether it can be believed.

Refuses: measuring. What was not measured is none here, and never passes for a zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

GAP_LIMIT = 60.0
LAG_LIMIT = 20.0
CPU_LIMIT = 8.0
RSS_LIMIT = 2.0
UNANSWERED_LIMIT = 0.02
"""Share of the utterances that may get no answer within ten seconds: a bot that is mute has no gaps either."""

GENERATOR_LATE = 8.0
"""Milliseconds (p99) by which the generator may be late for a step that can be believed."""

FOREIGN_LIMIT = 0.10
STOLEN_LIMIT = 0.05
"""Shares of the measured core that other processes may use, and that the machine's host may take."""


@dataclass(frozen=True, slots=True)
class Step:
    """N calls at once, measured. Times in milliseconds, memory in MiB, CPU in milliseconds per call and second."""

    offered: int
    carried: int
    refused: int
    failed: int
    turns: int
    unanswered: int
    p50_gap_ms: float | None
    p99_gap_ms: float | None
    loop_lag_p99_ms: float | None
    cpu_ms_per_call_s: float | None
    rss_mb_per_call: float | None
    first_audio_p50_ms: float | None
    first_audio_p95_ms: float | None
    workers_cpu_ms_per_call_s: float | None
    database_cpu_ms_per_call_s: float | None
    core_busy: float | None
    """The measured process's share of its core."""
    generator_late_p99_ms: float | None
    generator_busy: float
    foreign: float | None
    stolen: float | None
    failures: tuple[str, ...] = ()
    floor_cpu_ms_per_call_s: float | None = None
    """What as many calls cost a bare echo in the same minute: a core that is slow today is slow for it as well."""

    @property
    def times_the_floor(self) -> float | None:
        """How many times as much as the bare echo it cost; none where either was not measured."""
        if self.cpu_ms_per_call_s is None or not self.floor_cpu_ms_per_call_s:
            return None
        return round(self.cpu_ms_per_call_s / self.floor_cpu_ms_per_call_s, 1)

    def faults(self) -> list[str]:
        """The limits that were not kept; empty: it held. What was not measured breaks none, but for the gaps."""
        return self.breaks() + self.excesses()

    def breaks(self) -> list[str]:
        """The limits that were not kept and that more calls would not keep either: what callers feel."""
        found = []
        if self.failed:
            found.append(f"{self.failed} calls failed ({'; '.join(self.failures) or 'no reason told'})")
        if self.p99_gap_ms is None:
            found.append("nothing was heard")
        limited = (
            (self.p99_gap_ms, GAP_LIMIT, "gap p99 {:.1f} ms"),
            (self.loop_lag_p99_ms, LAG_LIMIT, "loop lag p99 {:.1f} ms"),
        )
        found += [text.format(value) for value, limit, text in limited if value is not None and value >= limit]
        if self.unanswered > self.turns * UNANSWERED_LIMIT:
            found.append(f"{self.unanswered} of {self.turns} utterances were not answered")
        return found

    def excesses(self) -> list[str]:
        """The limits of what each call costs that were not kept; it costs less where more calls share what is fixed."""
        bounded = (
            (self.cpu_ms_per_call_s, CPU_LIMIT, "CPU {:.1f} ms per call and second"),
            (self.rss_mb_per_call, RSS_LIMIT, "memory {:.2f} MB per call"),
        )
        return [text.format(value) for value, limit, text in bounded if value is not None and value > limit]

    def doubts(self) -> list[str]:
        """Why the figures cannot be believed; empty: they can."""
        found = []
        if self.generator_late_p99_ms is None or self.generator_late_p99_ms > GENERATOR_LATE:
            found.append(f"the generator was late (p99 {shown(self.generator_late_p99_ms)} ms)")
        if self.foreign is not None and self.foreign > FOREIGN_LIMIT:
            found.append(f"other processes used {self.foreign:.0%} of the core")
        if self.stolen is not None and self.stolen > STOLEN_LIMIT:
            found.append(f"the host took {self.stolen:.0%} of the core")
        return found


COLUMNS = (
    *("calls", "gap p99", "loop lag p99", "CPU/call·s", "× floor", "RSS/call", "first audio p50/p95", "workers"),
    "verdict",
)
_WIDTHS = (9, 9, 14, 12, 9, 10, 21, 9, 0)


def header() -> str:
    """The head of the table of steps."""
    return "".join(f"{name:<{width}}" for name, width in zip(COLUMNS, _WIDTHS, strict=True))


def row(step: Step) -> str:
    """One line of the table."""
    return "".join(f"{cell:<{width}}" for cell, width in zip(cells(step), _WIDTHS, strict=True))


def cells(step: Step) -> tuple[str, ...]:
    """What stands in each of ``COLUMNS``."""
    faults, doubts = step.faults(), step.doubts()
    verdict = "; ".join(faults) if faults else "held"
    return (
        f"{step.carried}" if step.carried == step.offered else f"{step.carried}/{step.offered}",
        shown(step.p99_gap_ms),
        shown(step.loop_lag_p99_ms),
        shown(step.cpu_ms_per_call_s, 2),
        shown(step.times_the_floor),
        shown(step.rss_mb_per_call, 2),
        f"{shown(step.first_audio_p50_ms, 0)}/{shown(step.first_audio_p95_ms, 0)}",
        shown(step.workers_cpu_ms_per_call_s, 2),
        verdict + (f" (not valid: {'; '.join(doubts)})" if doubts else ""),
    )


def shown(value: float | None, digits: int = 1) -> str:
    """A figure for people; a dash for what was not measured."""
    return "-" if value is None else f"{value:.{digits}f}"


def verdict(steps: list[Step], best: int) -> dict[str, Any]:
    """The figures of the step that carried ``best`` calls; null where they were not measured, or nothing held."""
    held = next((step for step in reversed(steps) if step.carried == best and not step.faults()), None)
    names = ("p99_gap_ms", "loop_lag_p99_ms", "cpu_ms_per_call_s", "rss_mb_per_call", "times_the_floor")
    figures: dict[str, Any] = {"calls": best}
    figures.update({name: getattr(held, name) if held is not None else None for name in names})
    figures["valid"] = held is not None and not held.doubts()
    return figures
