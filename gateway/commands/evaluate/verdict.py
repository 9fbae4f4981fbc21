"""From figures to a verdict: each gate holds, fails, or could not be judged. Pure.

Refuses: a verdict on what was not measured. A gate whose figure is missing makes the whole run an ERROR, which is
neither PASS nor FAIL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.commands.evaluate.figures import Findings
from gateway.commands.evaluate.suite import Gate

Earlier = Mapping[str, Mapping[str, float | None]]
"""The values of an earlier run, by group and name."""


class Verdict(StrEnum):
    """How a run ended."""

    PASS = "pass"
    FAIL = "fail"
    ERROR = "error"

    @property
    def exit_code(self) -> int:
        """What the process ends with."""
        return {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.ERROR: 2}[self]


@dataclass(frozen=True, slots=True)
class Judged:
    """A gate with the value that it was held against. ``reason`` says in words what came of it."""

    gate: Gate
    value: float | None
    verdict: Verdict
    reason: str


def judge(findings: Findings, gates: Sequence[Gate], earlier: Earlier | None = None) -> tuple[Judged, ...]:
    """Every gate's own verdict. With an ``earlier`` run, gates that allow only a certain loss are held against it."""
    return tuple(_judged(findings, gate, earlier) for gate in gates)


def overall(judged: Sequence[Judged]) -> Verdict:
    """ERROR outweighs FAIL, which outweighs PASS; no gate at all is a PASS."""
    found = {one.verdict for one in judged}
    return next((verdict for verdict in (Verdict.ERROR, Verdict.FAIL) if verdict in found), Verdict.PASS)


def _judged(findings: Findings, gate: Gate, earlier: Earlier | None) -> Judged:
    figure = findings.find(gate.figure)
    if figure is None or figure.value is None:
        return Judged(gate, None, Verdict.ERROR, "was not measured")
    if not gate.holds(figure.value):
        return Judged(gate, figure.value, Verdict.FAIL, f"is not {gate.limit}")
    if gate.loses_at_most is not None and earlier is not None:
        group, _, name = gate.figure.partition(".")
        before = earlier.get(group, {}).get(name)
        if before is None:
            return Judged(gate, figure.value, Verdict.ERROR, "was not measured in the earlier run")
        if figure.value < before - gate.loses_at_most:
            return Judged(gate, figure.value, Verdict.FAIL, f"was {before:.4g}: lost more than {gate.loses_at_most:g}")
    return Judged(gate, figure.value, Verdict.PASS, f"is {gate.limit}" if gate.limit else "has not lost")
