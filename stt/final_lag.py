"""How long this recognizer takes for its finals, as measured: the bound on waiting for one.

Refuses: a constant. Only while nearly nothing is known does a cautious one stand in.
"""

from __future__ import annotations

from collections import deque
from typing import Final

FIRST: Final = 1.5
"""Seconds to wait while fewer finals than ``ENOUGH`` were seen."""
ENOUGH: Final = 20
KEPT: Final = 400
SHORTEST: Final = 0.15
LONGEST: Final = 3.0
MARGIN: Final = 1.25


class FinalLag:
    """The lags of the last finals of one recognizer, over all calls."""

    def __init__(self) -> None:
        self._lags: deque[float] = deque(maxlen=KEPT)
        self._within = FIRST

    @property
    def within(self) -> float:
        """Seconds within which practically every final is there: the 99th percentile and a quarter more."""
        return self._within

    def saw(self, lag: float) -> None:
        """A final came ``lag`` seconds after it was asked for."""
        self._lags.append(lag)
        if len(self._lags) >= ENOUGH:
            p99 = sorted(self._lags)[int(0.99 * (len(self._lags) - 1))]
            self._within = min(max(p99 * MARGIN, SHORTEST), LONGEST)
