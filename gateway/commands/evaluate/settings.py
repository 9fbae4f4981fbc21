"""Settings of evaluations."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from infra.config import Section, state_directory


class EvaluateSettings(Section):
    """Where evaluations find their data, and where they keep what takes long to compute."""

    section: ClassVar[str] = "evaluate"

    data: Path | None = Field(
        default=None,
        description="folder of the data sets that suites name; none: `shared/data` beside the repository",
    )
    work: Path | None = Field(
        default=None,
        description="folder that keeps the indexes of data sets between runs; none: `evaluation` in the data directory",
    )

    @property
    def workplace(self) -> Path:
        """The folder for indexes."""
        return self.work.expanduser().resolve() if self.work is not None else state_directory() / "evaluation"
