"""How this caller wants to be spoken to: in which language, slower, louder. Pure; kept for the rest of the call.

Refuses: the voice itself, and a manner that nobody asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from dialog.reply import Manner

SLOWER = 0.85
"""What one wish makes of the pace."""

SLOWEST = 0.6
LOUDER = 6.0
"""dB that one wish adds."""

LOUDEST = 12.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """``pace`` multiplies the tenant's pace, ``gain`` is in dB."""

    language: str
    pace: float = 1.0
    gain: float = 0.0

    def asked(self, manner: Manner | None) -> Delivery:
        """After the caller asked for that; there is a limit to both."""
        match manner:
            case None:
                return self
            case Manner.SLOWER:
                return replace(self, pace=max(self.pace * SLOWER, SLOWEST))
            case Manner.LOUDER:
                return replace(self, gain=min(self.gain + LOUDER, LOUDEST))
            case _:
                assert_never(manner)
