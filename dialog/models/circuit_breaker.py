"""When a failing service is left alone, and how long to pause before asking it again. Pure: time is an argument.

Closed, everything passes. After ``failures`` in a row it opens for ``rest`` seconds, in which nothing passes. Then one
trial passes: success closes the circuit, failure opens it for twice as long, up to ``longest``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_LONGEST_REST = 8
"""How many times ``rest`` the circuit stays open at most."""


class Circuit(StrEnum):
    """What passes: everything, nothing, or one trial."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class CircuitBreaker:
    """Leaves a service alone after ``failures`` in a row, for ``rest`` seconds at first."""

    def __init__(self, failures: int = 5, rest: float = 10.0) -> None:
        self._most = failures
        self._first_rest = rest
        self._rest = rest
        self._failures = 0
        self._until: float | None = None
        self._trial: float | None = None

    def circuit(self, now: float) -> Circuit:
        """What passes at ``now``."""
        if self._until is None:
            return Circuit.CLOSED
        return Circuit.OPEN if now < self._until else Circuit.HALF_OPEN

    def admits(self, now: float) -> bool:
        """Whether to ask the service now. A trial that is admitted must be reported on; one that never is, counts as
        lost after a ``rest``."""
        match self.circuit(now):
            case Circuit.CLOSED:
                return True
            case Circuit.OPEN:
                return False
            case Circuit.HALF_OPEN:
                if self._trial is not None and now < self._trial + self._rest:
                    return False
                self._trial = now
                return True

    def succeeded(self) -> None:
        """The service answered."""
        self._failures = 0
        self._rest = self._first_rest
        self._until = self._trial = None

    def failed(self, now: float) -> None:
        """The service did not answer."""
        self._failures += 1
        if self._trial is not None:
            self._rest = min(2 * self._rest, _LONGEST_REST * self._first_rest)
        elif self._failures < self._most:
            return
        self._trial = None
        self._until = now + self._rest


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often and when to ask again: ``attempts`` in all, pauses doubling from ``first`` to ``longest`` seconds."""

    attempts: int = 3
    first: float = 0.2
    longest: float = 2.0

    def pause(self, attempt: int, jitter: float, left: float, asked_for: float | None = None) -> float | None:
        """Seconds until the next attempt after the ``attempt``-th (counted from 1) failed; None: give up.

        ``jitter`` in 0..1 spreads callers over the pause. ``left`` seconds of the whole remain: a pause that would use
        them up is not worth waiting for. ``asked_for`` is the least that the service wants (RFC 9110, Retry-After).
        """
        if attempt >= self.attempts:
            return None
        pause = min(self.longest, self.first * 2 ** (attempt - 1)) * (0.5 + jitter / 2)
        pause = max(pause, asked_for or 0.0)
        return pause if pause < left else None
