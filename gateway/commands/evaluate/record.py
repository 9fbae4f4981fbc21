"""A run on file: all figures with the verdict, as JSON, so that a later run has a baseline to stand beside.

Refuses: reading a run of another suite as if it were this one's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from gateway.commands.evaluate.errors import SuiteInvalid
from gateway.commands.evaluate.figures import Findings
from gateway.commands.evaluate.suite import Suite
from gateway.commands.evaluate.verdict import Earlier, Judged, Verdict


@dataclass(frozen=True, slots=True)
class Run:
    """One evaluation: what was measured, what came of it, when, on how many cases at most per group."""

    suite: Suite
    findings: Findings
    judged: tuple[Judged, ...]
    verdict: Verdict
    when: datetime
    limit: int | None
    seconds: float
    earlier: Earlier | None = None


class _Value(BaseModel):
    model_config = ConfigDict(extra="ignore")
    value: float | None


class _Recorded(BaseModel):
    model_config = ConfigDict(extra="ignore")
    suite: str
    figures: Mapping[str, Mapping[str, _Value]]


def recorded(run: Run) -> str:
    """A run as JSON."""
    content = {
        "suite": run.suite.name,
        "verdict": run.verdict.value,
        "when": run.when.isoformat(timespec="seconds"),
        "seconds": round(run.seconds, 1),
        "limit": run.limit,
        "gates": [
            {"figure": one.gate.figure, "limit": one.gate.limit, "value": one.value, "verdict": one.verdict.value}
            for one in run.judged
        ],
        "figures": {
            group: {name: asdict(figure) for name, figure in of.items()} for group, of in run.findings.figures.items()
        },
        "notes": list(run.findings.notes),
        "problems": list(run.findings.problems),
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def read_earlier(path: Path, suite: str) -> Earlier:
    """The figures of an earlier run of ``suite``. Raises ``SuiteInvalid`` when the file is not such a run's."""
    try:
        found = _Recorded.model_validate_json(path.read_bytes())
    except OSError as error:
        raise SuiteInvalid(f"{path} cannot be read ({error.strerror}); --baseline wants a run's JSON file") from error
    except ValidationError as error:
        raise SuiteInvalid(f"{path} is not a run's JSON file; aicc eval --report DIR writes one") from error
    if found.suite != suite:
        raise SuiteInvalid(f"{path} is a run of the suite {found.suite!r}, not of {suite!r}")
    return {group: {name: one.value for name, one in of.items()} for group, of in found.figures.items()}
