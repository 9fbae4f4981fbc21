"""``aicc calibrate``: how far a tenant's answers may be trusted, learnt from its own labelled turns.

The turns are questions with words that a right answer has (none: nothing answers it). They are asked of the tenant's
knowledge as it is now; what the dialog would have said is right or wrong. The result is ``calibration.yaml`` in the
tenant's folder, which its next release holds. Refuses: a file of turns in which all are right, or all wrong.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from pydantic import Field, ValidationError
from rich.console import Console
from rich.markup import escape

from dialog.answers.answering import KnowledgeSearch, Question, weigh
from dialog.answers.calibration import CALIBRATION, RISKS, Labelled, calibrated, written
from dialog.answers.confidence import UNCALIBRATED, Calibration, answer_confidence
from dialog.errors import TenantDialogInvalid
from dialog.informing import AUDIENCE
from dialog.yaml_source import Shape, read_yaml
from gateway.app import open_house
from gateway.commands.evaluate.cases import HITS, holds
from gateway.commands.evaluate.scoring import calibration_error
from gateway.commands.progress import Steps
from gateway.house import Parts
from infra.errors import AiccError
from knowledge.query import Query

PRIOR = 100.0
"""Labelled turns that the shipped model counts for."""


class CalibrationRefused(AiccError):
    """The labelled turns cannot teach anything."""

    code = "calibration_refused"


class LabelledTurn(Shape):
    """A question, the words of which a right answer has at least one, and the topic that it shares with others (none:
    the document that was found)."""

    question: str = Field(min_length=1)
    language: str
    holds: tuple[str, ...] = ()
    topic: str | None = None


class _FileShape(Shape):
    turns: tuple[LabelledTurn, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Learnt:
    """What came of it: calibration, the cases it was learnt from, and the calibration errors before and after."""

    calibration: Calibration
    cases: tuple[Labelled, ...]
    before: float
    after: float


def read_turns(path: Path) -> tuple[LabelledTurn, ...]:
    """Labelled turns from YAML (``turns:``), or from CSV with the columns question, language, holds (parted by ``|``)
    and perhaps topic. Raises ``CalibrationRefused``."""
    try:
        if path.suffix.lower() == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                return tuple(_of_row(row) for row in csv.DictReader(file))
        return read_yaml(path).shaped(_FileShape).turns
    except (OSError, TenantDialogInvalid, ValidationError, KeyError) as error:
        raise CalibrationRefused(f"{path} is no file of labelled turns: {error}") from error


async def asked(turns: Sequence[LabelledTurn], tenant: str, search: KnowledgeSearch, on: date) -> list[Labelled]:
    """Ask each turn's question; turns of which nothing was found teach nothing and are left out."""
    cases = []
    for turn in turns:
        hits = await search.search(Query(tenant, turn.language, turn.question, HITS, on, audience=AUDIENCE))
        candidates = weigh(Question(turn.question, turn.language, 1.0), hits)
        if candidates:
            best = candidates[0]
            right = bool(turn.holds) and holds(best.extract.text, turn.holds)
            topic = turn.topic or best.passage.document.id
            cases.append(Labelled(best.confidence.signals, right, topic))
    return cases


def learnt(cases: Sequence[Labelled]) -> Learnt:
    """The calibration that these cases teach. Raises ``CalibrationRefused``."""
    try:
        found = calibrated(cases, RISKS, PRIOR)
    except ValueError as error:
        raise CalibrationRefused(f"{error}; label more turns, picked at random from all") from error
    return Learnt(found, tuple(cases), _error(cases, UNCALIBRATED), _error(cases, found))


async def calibrate(
    data: Path, folder: Path, tenant: str, labelled: Path, console: Console, *, on: date | None = None
) -> Path:
    """Learn from a file of labelled turns and write the tenant's calibration. Returns where it stands."""
    turns = read_turns(labelled)
    async with open_house(data, (folder,), Parts.NONE, Steps(console)) as house:
        cases = await asked(turns, tenant, house.knowledge, on or date.today())
    found = learnt(cases)
    path = folder / CALIBRATION
    path.write_text(written(found.calibration), encoding="utf-8")
    limits = found.calibration.thresholds
    assert limits is not None, "calibrated() always gives thresholds"
    console.print(
        f"{len(cases)} of {len(turns)} turns found something; {sum(case.right for case in cases)} were right. "
        f"Calibration error {found.before:.3f} before, {found.after:.3f} after (on the same turns)."
    )
    console.print(
        f"asks back from {limits.clarify:.2f}, names its source from {limits.answer:.2f}, "
        f"is sure from {limits.sure:.2f}"
    )
    console.print(escape(f"written: {path}; the next release holds it"))
    return path


def _of_row(row: dict[str, str]) -> LabelledTurn:
    words = tuple(part.strip() for part in (row["holds"] or "").split("|") if part.strip())
    return LabelledTurn(question=row["question"], language=row["language"], holds=words, topic=row.get("topic") or None)


def _error(cases: Sequence[Labelled], calibration: Calibration) -> float:
    p = np.array([answer_confidence(case.signals, calibration).value for case in cases])
    right = np.array([float(case.right) for case in cases])
    return calibration_error(p, right) or 0.0
