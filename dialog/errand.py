"""What we call somebody about by ourselves, and what came of it.

Refuses: dialling, and when to do so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Disposition(StrEnum):
    """What came of a call of ours."""

    SETTLED = "settled"
    """What it was about was gone through to its end."""
    UNSETTLED = "unsettled"
    """It was not: whoever was called hung up, or said nothing."""
    HANDED_OVER = "handed_over"
    REFUSED = "refused"
    """Whoever was called wants no such calls any more."""


@dataclass(frozen=True, slots=True)
class Errand:
    """``purpose`` is a flow that reaches out, ``details`` values of its slots. ``refuse`` keeps for good that this
    number is not to be called any more (in these words): durable when it returns; raises ``AiccError``."""

    purpose: str
    details: Mapping[str, str]
    refuse: Callable[[str], Awaitable[None]]


@dataclass(slots=True)
class ErrandUnderWay:
    """An errand in its conversation."""

    errand: Errand
    settled: bool = False
    refused: bool = False

    def flow_ended(self, flow: str) -> None:
        """A flow has come to its end."""
        self.settled = self.settled or flow == self.errand.purpose

    def disposition(self, *, handed_over: bool) -> Disposition:
        """What has come of it so far."""
        if self.refused:
            return Disposition.REFUSED
        if handed_over:
            return Disposition.HANDED_OVER
        return Disposition.SETTLED if self.settled else Disposition.UNSETTLED
