"""``aicc bench turns``: how long callers wait for an answer's first sound, stage by stage, with the real recognizer.

Calls as ``aicc call`` makes them, one caller or many at once, each asking what the example's callers ask, until enough
turns were answered. Stages are what the gateway recorded of each reply; "at the ear" is what the callers measured
themselves. The floor in the same run is what endpointing alone waits: no gateway could be quicker.

Refuses: the scripted recognizer. What people wait for includes being understood.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.commands.bench.measured_tenant import MeasuredTenant, measured_tenant
from gateway.commands.bench.meter import Distribution
from gateway.commands.bench.steps import shown
from gateway.commands.gateway_process import gateway_process
from gateway.commands.place_call import place_call
from gateway.commands.server import RunningGateway
from gateway.telephony.errors import CallRefused

STAGES = ("endpointing", "dialog", "synthesis", "playback", "total")
STAGGER = 0.7
"""Seconds between the first calls of two callers who talk at once."""

FRUITLESS = 3
"""Calls in a row without one answered turn after which a caller gives up."""


@dataclass(slots=True)
class TurnFindings:
    """How long each stage of the answers took, in milliseconds; ``ear`` at the caller's."""

    stages: dict[str, Distribution] = field(default_factory=lambda: {stage: Distribution() for stage in STAGES})
    ear: Distribution = field(default_factory=Distribution)
    calls: int = 0
    refused: int = 0

    @property
    def turns(self) -> int:
        """Answered turns."""
        return self.stages["total"].count

    def note(self, event: dict[str, Any]) -> None:
        """Take an event of a call; those of an answer's first sound count."""
        if event["kind"] == "reply.started":
            for stage, seconds in (event["payload"].get("stages") or {}).items():
                self.stages.setdefault(stage, Distribution()).add(seconds * 1000)

    def verdict(self) -> dict[str, Any]:
        """The line of JSON: the whole wait's median and p95, each stage's median; null where nothing was measured."""
        total = self.stages["total"]
        figures: dict[str, Any] = {"p50_ms": total.percentile(0.5), "p95_ms": total.percentile(0.95)}
        figures.update({f"{stage}_ms": self.stages[stage].percentile(0.5) for stage in STAGES if stage != "total"})
        figures.update(ear_p50_ms=self.ear.percentile(0.5), ear_p95_ms=self.ear.percentile(0.95))
        return figures | {"turns": self.turns, "calls": self.calls, "refused": self.refused}

    def table(self) -> list[str]:
        """The stages for people."""
        lines = [f"{'stage':<14}{'median ms':>12}{'p95 ms':>10}{'of total':>10}"]
        whole = self.stages["total"].percentile(0.5)
        for stage, seen in self.stages.items():
            middle = seen.percentile(0.5)
            share = f"{middle / whole:.0%}" if middle is not None and whole else "-"
            lines.append(f"{stage:<14}{shown(middle, 0):>12}{shown(seen.percentile(0.95), 0):>10}{share:>10}")
        ear = f"{shown(self.ear.percentile(0.5), 0):>12}{shown(self.ear.percentile(0.95), 0):>10}"
        return [*lines, f"{'at the ear':<14}{ear}", f"{self.turns} turns; {self.calls} calls, {self.refused} refused"]


async def measure_turns(
    callers: int, turns: int, example: Path, place: Path | None, tell: Callable[[str], None]
) -> TurnFindings:
    """Let so many callers talk at once until so many turns were answered; ``place`` as in ``capacity``."""
    found = TurnFindings()
    with nullcontext(str(place)) if place else tempfile.TemporaryDirectory(prefix="aicc-bench-") as folder:
        tenant = measured_tenant(example, Path(folder))
        settings = {"AICC_GATEWAY_NODE": "bench"}
        async with (
            gateway_process(Path(folder) / "data", [tenant.folder], settings) as house,
            asyncio.TaskGroup() as talking,
        ):
            for number in range(callers):
                talking.create_task(_caller(house.gateway, tenant, found, turns, number, tell))
    for line in found.table():
        tell(line)
    return found


async def _caller(
    gateway: RunningGateway,
    tenant: MeasuredTenant,
    found: TurnFindings,
    turns: int,
    number: int,
    tell: Callable[[str], None],
) -> None:
    """Call again and again, each caller beginning with another question."""
    await asyncio.sleep(number * STAGGER)
    first = number % len(tenant.recordings)
    asked = [*tenant.recordings[first:], *tenant.recordings[:first]]
    fruitless = 0
    while found.turns < turns and fruitless < FRUITLESS:
        before = found.turns
        try:
            placed = await place_call(
                gateway, tenant=tenant.id, number=tenant.number, audio=asked, on_event=found.note, save=None
            )
        except CallRefused:
            found.refused += 1
            return  # not admitted: this caller is not among those who talk
        found.calls += 1
        for seconds in placed.response_times:
            found.ear.add(seconds * 1000)
        fruitless = fruitless + 1 if found.turns == before else 0
        tell(f"  {found.turns} of {turns} turns")
