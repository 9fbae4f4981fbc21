"""Who answers, and when the next one does: a language model, else the passages' own sentences, else a human. Pure.

The model has ``rung_after`` seconds for its first backed sentence and for each that follows; if it is silent for
``filler_after`` seconds, the caller is asked for patience once. A model that said something that is not backed is not
listened to any further: the extracted answer takes the place of the rest. What was said stays said.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Heard(StrEnum):
    """What became of the model's work."""

    BACKED = "backed"
    """A sentence that may be said."""
    REFUSED = "refused"
    """A sentence that may not."""
    ENDED = "ended"
    """It has no more to say."""
    FAILED = "failed"
    """It said that it cannot answer, or broke down."""


class Move(StrEnum):
    """What to do now."""

    FILL = "fill"
    """Ask the caller for patience."""
    SAY = "say"
    """Say the backed sentence."""
    EXTRACT = "extract"
    """Say what the passages say, as far as it was not said."""
    HAND_OVER = "hand_over"


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds until the caller is asked for patience, and until the next rung is climbed."""

    filler_after: float = 1.5
    rung_after: float = 5.0


class AnswerLadder:
    """The state of one answer. ``extract`` says whether there is an extracted answer that may be said."""

    def __init__(self, now: float, *, extract: bool, patience: Patience | None = None) -> None:
        patience = patience or Patience()
        self._extract = extract
        self._rung_after = patience.rung_after
        self._fill_at: float | None = now + patience.filler_after
        self._climb_at: float | None = now + patience.rung_after
        self._said = False

    @property
    def deadline(self) -> float | None:
        """When it wants to be asked next; None when the answer is complete."""
        if self._climb_at is None:
            return None
        return self._climb_at if self._fill_at is None else min(self._fill_at, self._climb_at)

    @property
    def over(self) -> bool:
        """Whether the answer is complete, so that the model need not work any longer."""
        return self._climb_at is None

    def handle(self, heard: Heard, now: float) -> tuple[Move, ...]:
        """What follows from the model's work."""
        if self.over:
            return ()
        match heard:
            case Heard.BACKED:
                self._said = True
                self._fill_at = None
                self._climb_at = now + self._rung_after
                return (Move.SAY,)
            case Heard.REFUSED:
                return self._climb()
            case Heard.FAILED:
                return self._climb() if not self._said else self._end()
            case Heard.ENDED:
                return self._end() if self._said else self._climb()

    def tick(self, now: float) -> tuple[Move, ...]:
        """What follows from the time."""
        if self._climb_at is not None and now >= self._climb_at:
            return self._end() if self._said else self._climb()
        if self._fill_at is not None and now >= self._fill_at:
            self._fill_at = None
            return (Move.FILL,)
        return ()

    def _climb(self) -> tuple[Move, ...]:
        self._end()
        if self._extract:
            return (Move.EXTRACT,)
        return () if self._said else (Move.HAND_OVER,)

    def _end(self) -> tuple[Move, ...]:
        self._fill_at = self._climb_at = None
        return ()
