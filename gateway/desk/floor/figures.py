"""What became of a queue's calls in a span of time, in counts: a ratio without its denominator says nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """Calls of a queue that were ``answered`` or ``abandoned``, and how many of them within the queue's goal.

    ``handled`` contacts are over, wrap-up and all, and took ``handling_seconds`` each on average, from the first
    agent's yes. Callers who are called back are in none of these.
    """

    answered: int = 0
    answered_in_time: int = 0
    abandoned: int = 0
    abandoned_in_time: int = 0
    handled: int = 0
    handling_seconds: float | None = None

    @property
    def service_level(self) -> float | None:
        """Answered within the goal, of all but those who left within it: nobody could have helped these. None: of none.

        (The fourth of the usual four definitions; the counts allow the others.)
        """
        counted = self.answered + self.abandoned - self.abandoned_in_time
        return self.answered_in_time / counted if counted else None
