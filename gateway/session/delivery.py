"""How this caller wants to be spoken to: in which language, slower, louder. Pure; kept for the rest of the call, and
with the caller's consent for the next one (``dialog.memory``).

Refuses: the voice itself, and a manner that nobody asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
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

    def as_before(self, language: str, manners: Iterable[Manner]) -> Delivery:
        """For a caller who is known to want this language, and to have asked for these manners in earlier calls."""
        delivery = replace(self, language=language)
        for manner in manners:
            delivery = delivery.asked(manner)
        return delivery

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
