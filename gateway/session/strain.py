"""Whether this node has all it can do, as measured: the event loop's lag, the wait for recognition and its load.

A call limit is a guess about the machine; these are what its callers would feel. Beyond them a new call is refused, so
that those in progress do not notice. Where none is in progress nobody is spared by refusing: the first call is taken
also by a machine that other work keeps busy (its own start, the reading of documents).

Refuses: refusing. The switchboard does.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gateway.session.call_load import CallLoad
from infra.telemetry.metrics import metrics

EVERY: Final = 0.05
"""Seconds between two looks at the loop."""

LOAD_EVERY: Final = 1.0
"""Seconds between two looks at what recognition has spent."""

KEPT: Final = 200
"""Looks that are remembered: ten seconds."""

ENOUGH: Final = 20
_BUCKETS: Final = (0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0)

_LAG = metrics.histogram("aicc_loop_lag_seconds", "How late the event loop comes to what is due", buckets=_BUCKETS)


class LoopLag:
    """How late the event loop is. ``run`` looks at it until cancelled."""

    def __init__(self) -> None:
        self._lags: deque[float] = deque(maxlen=KEPT)

    def saw(self, lag: float) -> None:
        """It came ``lag`` seconds late."""
        self._lags.append(lag)
        _LAG.observe(lag)

    def quantile(self, share: float) -> float:
        """The lag in seconds that this share (0..1) of the last looks did not exceed; 0.0 while little is known."""
        if len(self._lags) < ENOUGH:
            return 0.0
        return sorted(self._lags)[int(share * (len(self._lags) - 1))]

    async def run(self) -> None:
        """Look until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + EVERY
            await asyncio.sleep(EVERY)
            self.saw(max(loop.time() - due, 0.0))


@dataclass(frozen=True, slots=True)
class Strain:
    """What is measured and how much of it is borne.

    ``recognition_wait`` tells how many seconds work waits there, infinitely many when nobody will do it.
    """

    loop_lag: LoopLag
    recognition_wait: Callable[[], float]
    call_load: CallLoad
    most_loop_lag: float
    most_recognition_wait: float

    def too_much(self, calls: int) -> str | None:
        """Why no further call should be taken beside ``calls``, in words; None when one may be."""
        waits = self.recognition_wait()
        if math.isinf(waits):
            return "recognition does not run"
        if not calls:
            return None
        if waits > self.most_recognition_wait:
            return f"recognition is {waits:.1f} s behind"
        lag = self.loop_lag.quantile(0.95)
        if lag > self.most_loop_lag:
            return f"the event loop is {lag * 1000:.0f} ms late"
        if not self.call_load.bears(calls + 1):
            return f"recognition bears no more than {calls} calls"
        return None

    async def watch(self, spent: Callable[[], float], calls: Callable[[], tuple[int, int]]) -> None:
        """Look until cancelled at what recognition has ``spent`` (processor seconds), at how many ``calls`` go on and
        in how many of them the caller speaks."""
        loop = asyncio.get_running_loop()
        while True:
            self.call_load.saw(loop.time(), spent(), *calls())
            await asyncio.sleep(LOAD_EVERY)
