"""Rubrics: by which criteria contacts are judged, as the tenant's ``quality.yaml`` has them.

A criterion names one of the checks of this house and its parameters; there is nothing in it that a model would have to
guess. Everything is read strictly: a key that no check knows is a slip of the pen, and is refused with its line.

Refuses: judging (``checks.py``); criteria that only a feeling decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from dialog.parsers.language import LANGUAGES
from dialog.yaml_source import Shape, read_yaml

FILE = "quality.yaml"
"""Of a tenant's folder; without one its contacts are not judged."""

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
Seconds = Annotated[float, Field(gt=0, le=3600)]
Names = dict[str, str]


class Side(StrEnum):
    """Who serves the caller."""

    BOT = "bot"
    PERSON = "person"


class Where(StrEnum):
    """In which part of what a side says."""

    ANYWHERE = "anywhere"
    BEGINNING = "beginning"
    END = "end"


class _Check(Shape):
    """What every criterion has. ``weight`` is its share of the score; a ``critical`` one that is missed fails all."""

    id: Id
    name: Names = Field(default_factory=dict)
    weight: float = Field(default=1.0, ge=0, le=100)
    critical: bool = False


class Disclosed(_Check):
    """The caller had heard that a machine speaks before it answered anything."""

    check: Literal["disclosed"]


class Consented(_Check):
    """Nothing was recorded, or understood by a machine, without the consent for it."""

    check: Literal["consented"]
    purpose: Literal["recording", "processing"]


class Identified(_Check):
    """The caller had shown who they are before these ``actions`` were begun."""

    check: Literal["identified"]
    actions: tuple[str, ...] = Field(min_length=1)


class Confirmed(_Check):
    """What changed something was agreed to by the caller before it was begun."""

    check: Literal["confirmed"]


class Cited(_Check):
    """Every answer of the machine names its source."""

    check: Literal["cited"]


class NoDeadAir(_Check):
    """Nobody waited for a reply for longer than so many seconds; holding and queueing do not count."""

    check: Literal["no_dead_air"]
    seconds: Seconds


class PersonOnRequest(_Check):
    """Whoever asked for a person was offered one, within so many ``turns``."""

    check: Literal["person_on_request"]
    turns: int = Field(default=1, ge=1, le=20)


class PersonWithin(_Check):
    """Whoever waited for a person got one within so many seconds."""

    check: Literal["person_within"]
    seconds: Seconds


class UnderstoodWithin(_Check):
    """The machine asked back what was meant at most so often."""

    check: Literal["understood"]
    asked_back_at_most: int = Field(ge=0, le=100)


class Said(_Check):
    """One of these wordings was said, or one so like it that it means the same; ``turns`` bounds beginning and end."""

    check: Literal["said"]
    by: Side
    any_of: dict[str, tuple[str, ...]] = Field(min_length=1)
    where: Where = Where.ANYWHERE
    turns: int = Field(default=2, ge=1, le=20)


class NotSaid(_Check):
    """None of these words was said."""

    check: Literal["not_said"]
    by: Side
    none_of: dict[str, tuple[str, ...]] = Field(min_length=1)


class Closed(_Check):
    """A contact that the machine alone served ended with its goodbye."""

    check: Literal["closed"]


class WrappedUp(_Check):
    """Whoever took the contact filed it within so many seconds, with how it ended."""

    check: Literal["wrapped_up"]
    seconds: Seconds


Criterion = Annotated[
    Disclosed
    | Consented
    | Identified
    | Confirmed
    | Cited
    | NoDeadAir
    | PersonOnRequest
    | PersonWithin
    | UnderstoodWithin
    | Said
    | NotSaid
    | Closed
    | WrappedUp,
    Field(discriminator="check"),
]


class Applies(Shape):
    """Which contacts a rubric judges: of these channels, and ``served_by`` a side (none: whoever served it)."""

    channels: tuple[str, ...] = Field(default=("voice", "chat"), min_length=1)
    served_by: Side | None = None


class Rubric(Shape):
    """One rubric. ``version`` is the tenant's name for its criteria as they stand, ``passes_at`` a score (0 to 100)."""

    id: Id
    version: str = Field(min_length=1, max_length=40)
    name: Names = Field(default_factory=dict)
    applies: Applies = Applies()
    passes_at: float = Field(default=80.0, ge=0, le=100)
    criteria: tuple[Criterion, ...] = Field(min_length=1, max_length=60)

    @model_validator(mode="after")
    def _told_apart(self) -> Rubric:
        ids = [criterion.id for criterion in self.criteria]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"rubric {self.id}: several criteria are called {', '.join(twice)}")
        if not any(criterion.weight for criterion in self.criteria):
            raise ValueError(f"rubric {self.id}: no criterion has a weight, so that nothing can be scored")
        for criterion in self.criteria:
            words = criterion.any_of if isinstance(criterion, Said) else getattr(criterion, "none_of", {})
            unknown = sorted(set(words) - set(LANGUAGES))
            if unknown:
                raise ValueError(f"criterion {criterion.id}: nobody here speaks {', '.join(unknown)}")
        return self

    def criterion(self, name: str) -> Criterion | None:
        """The criterion of that id."""
        return next((one for one in self.criteria if one.id == name), None)


class Rubrics(Shape):
    """``quality.yaml``. ``after_seconds``: how long after its end a contact is judged, so that its case is filed."""

    after_seconds: float = Field(default=300.0, ge=60, le=86_400)
    rubrics: tuple[Rubric, ...] = Field(min_length=1, max_length=20)

    @model_validator(mode="after")
    def _told_apart(self) -> Rubrics:
        ids = [rubric.id for rubric in self.rubrics]
        if len(set(ids)) != len(ids):
            raise ValueError("two rubrics have the same id")
        return self


def read_rubrics(folder: Path) -> Rubrics | None:
    """The rubrics of a tenant's folder; None where it judges nothing. Raises ``TenantDialogInvalid``."""
    path = folder / FILE
    return read_yaml(path).shaped(Rubrics) if path.is_file() else None


def rubrics_of(folders: Mapping[str, Path]) -> dict[str, Rubrics]:
    """The rubrics of those tenants, by id, that judge anything. Raises ``TenantDialogInvalid``."""
    found = {tenant: read_rubrics(folder) for tenant, folder in folders.items()}
    return {tenant: rubrics for tenant, rubrics in found.items() if rubrics is not None}
