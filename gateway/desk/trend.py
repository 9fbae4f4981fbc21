"""How sure the bot was of its last answers in a call, and whether that falls. Pure.

Refuses: deciding a hand-over; it is for a supervisor's eyes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LATEST: Final = 12
"""Answers that are remembered."""

FALL: Final = 0.2
"""By how much the last answers lie below the ones before when confidence falls."""

LOW: Final = 0.5
"""A last answer below it is a warning by itself."""

_RECENT: Final = 2


@dataclass(frozen=True, slots=True)
class Trend:
    """The probabilities of a call's answers, the latest last."""

    values: tuple[float, ...] = ()

    def after(self, confidence: float) -> Trend:
        """The same with one more answer."""
        return Trend((*self.values, confidence)[-LATEST:])

    @property
    def falling(self) -> bool:
        """Whether the last answer was more likely wrong, or the last two lie clearly below those before."""
        if not self.values:
            return False
        before, recent = self.values[:-_RECENT], self.values[-_RECENT:]
        if self.values[-1] < LOW:
            return True
        return bool(before) and sum(before) / len(before) - sum(recent) / len(recent) >= FALL
