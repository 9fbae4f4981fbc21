"""A legal hold: nothing of a contact goes while one stands. Pure.

Refuses: judging who may place one; the roles at the door do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold on one contact; times in UTC. It stands until it is released, and is never deleted."""

    hold: str
    contact: str
    why: str
    placed_by: str
    placed_at: datetime
    released_by: str | None = None
    released_at: datetime | None = None

    @property
    def stands(self) -> bool:
        """Whether it still keeps its contact."""
        return self.released_at is None
