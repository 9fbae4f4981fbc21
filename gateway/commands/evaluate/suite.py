"""A suite: a YAML file that says what is measured, on which data, and what must hold.

Data lies outside the project; a suite names it relative to a data folder. Refuses: measuring (the kinds do), guessing
where data might be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError, model_validator

from dialog.errors import TenantDialogInvalid
from dialog.yaml_source import Shape, YamlFile, read_yaml
from gateway.commands.evaluate.errors import DataAbsent, SuiteInvalid

SUITES = Path(__file__).parents[3] / "examples" / "suites"
BESIDE = Path(__file__).parents[4] / "shared" / "data"
"""Where data sets may lie beside the repository."""

M = TypeVar("M", bound=BaseModel)


class Kind(StrEnum):
    """What a suite measures."""

    RETRIEVAL = "retrieval"
    READING = "reading"
    CONFIDENCE = "confidence"
    INTENTS = "intents"
    LATENCY = "latency"
    DIALOGS = "dialogs"
    FLOWS = "flows"
    ACTIONS = "actions"
    INJECTION = "injection"
    PRIVACY = "privacy"
    TOPICS = "topics"


class Gate(Shape):
    """What a figure (``group.name``) must be for the suite to pass.

    ``loses_at_most`` is how much it may be below an earlier run's, where one is given.
    """

    figure: str = Field(pattern=r"^[^.]+\..+$")
    at_least: float | None = None
    at_most: float | None = None
    loses_at_most: float | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _limits(self) -> Gate:
        if self.at_least is None and self.at_most is None and self.loses_at_most is None:
            raise ValueError("a gate needs at_least, at_most or loses_at_most")
        return self

    def holds(self, value: float) -> bool:
        """Whether ``value`` is within the limits."""
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    @property
    def limit(self) -> str:
        """The limits in words; empty when there are none."""
        parts = (("at least", self.at_least), ("at most", self.at_most))
        return " and ".join(f"{word} {limit:g}" for word, limit in parts if limit is not None)


class _SuiteShape(Shape):
    title: str
    about: str
    kind: Kind
    line: tuple[str, ...] = ()
    gates: tuple[Gate, ...] = ()
    measure: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite as read. ``line`` names the figures of the last line of JSON (none: all)."""

    name: str
    title: str
    about: str
    kind: Kind
    line: tuple[str, ...]
    gates: tuple[Gate, ...]
    file: YamlFile

    def options(self, model: type[M]) -> M:
        """What its kind wants to know. Raises ``SuiteInvalid`` that names file, line and key."""
        try:
            return self.file.shaped(model, under="measure")
        except TenantDialogInvalid as error:
            raise SuiteInvalid(str(error)) from error


def names(folder: Path = SUITES) -> tuple[str, ...]:
    """The suites that there are."""
    return tuple(sorted(file.stem for file in folder.glob("*.yaml")))


def read_suite(named: str, folder: Path = SUITES) -> Suite:
    """The suite of a name (a file in ``folder``), or at a path. Raises ``SuiteInvalid``."""
    path = Path(named) if named.endswith((".yaml", ".yml")) else folder / f"{named}.yaml"
    if not path.is_file():
        known = ", ".join(names(folder)) or "none"
        raise SuiteInvalid(f"there is no suite {named!r} (there are: {known}); name one of them, or a YAML file's path")
    try:
        file = read_yaml(path)
        shape = file.shaped(_SuiteShape)
    except TenantDialogInvalid as error:
        raise SuiteInvalid(str(error)) from error
    return Suite(path.stem, shape.title, shape.about, shape.kind, shape.line, shape.gates, file)


def data_folder(chosen: Path | None, configured: Path | None, beside: Path = BESIDE) -> Path:
    """The folder of data sets: as ``chosen``, else as ``configured``, else ``beside`` the repository.

    Raises ``DataAbsent`` when one that was named is not there; not every suite needs any.
    """
    named = next((path.expanduser().resolve() for path in (chosen, configured) if path is not None), None)
    folder = named or beside
    if named is not None and not folder.is_dir():
        raise DataAbsent(
            f"there is no folder of data sets at {folder}; name one with --data or AICC_EVALUATE_DATA "
            "(which sets it must hold: see examples/suites/README.md)"
        )
    return folder


def data_file(folder: Path, named: str) -> Path:
    """A file of the data folder. Raises ``DataAbsent`` when it is not there, or leads out of the folder."""
    path = (folder / named).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise SuiteInvalid(f"the data file {named!r} leads out of the data folder; name it relative to that")
    if not path.is_file():
        raise DataAbsent(
            f"{path} is not there: put that data set there, or name another folder with --data "
            "(where it comes from: see examples/suites/README.md)"
        )
    return path


def shaped_part(model: type[M], content: Mapping[str, Any], where: str) -> M:
    """A part of a data file as ``model``. Raises ``DataAbsent`` that says where it differs."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise DataAbsent(f"{where}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
