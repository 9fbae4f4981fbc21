"""What every kind of suite is given to measure with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Folders of data, of the suite's own file and of work, the most cases per group (``None``: all), and whom to tell
    of progress."""

    data: Path
    suite: Path
    work: Path
    limit: int | None
    tell: Callable[[str], None]
