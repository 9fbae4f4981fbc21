"""Placing calls, whatever carries them: the port, and what can come of it.

A carrier is asked to call somebody; whether the call has been placed, has certainly not, or nobody knows are three
different answers. What nobody knows is looked up, never asked for again.

Refuses: deciding whether, when and how often somebody is called; and any word of a wire format.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Progress(StrEnum):
    """How far a carrier has come with a call."""

    RINGING = "ringing"
    """It is on its way, or rings."""
    TALKING = "talking"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    """The carrier could not complete it: no such number, no route."""
    CANCELLED = "cancelled"
    OVER = "over"
    """It was answered, and has ended."""

    @property
    def final(self) -> bool:
        """Whether nothing more will come of it."""
        return self not in {Progress.RINGING, Progress.TALKING}


class Listening(StrEnum):
    """What a carrier finds out about who answered before it comes back to us."""

    NOT = "not"
    """Nothing: it comes back at once."""
    WHO = "who"
    """Whether a person or a machine answered."""
    GREETING = "greeting"
    """The same, and of a machine it hears the greeting out: what is said afterwards is on the tape."""


@dataclass(frozen=True, slots=True)
class Order:
    """A call to be placed: to ``number`` from the line ``line`` (both E.164), ringing for ``ring_seconds`` at most.

    ``due`` is what the carrier is to name when it comes back to us with this call; see ``outbound_webhooks``.
    """

    number: str
    line: str
    due: str
    ring_seconds: int
    listening: Listening = Listening.NOT


@dataclass(frozen=True, slots=True)
class Placed:
    """The carrier has taken the order; ``provider_id`` is its name for the call."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class NotPlaced:
    """It has certainly not been placed. ``again``: a later attempt may succeed; else something must be set right."""

    reason: str
    again: bool


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nobody can tell: the order was sent, and no answer came that could be understood."""

    detail: str


@dataclass(frozen=True, slots=True)
class Found:
    """The carrier knows the call."""

    provider_id: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class NotThere:
    """The carrier knows no such call."""


class Dialer(Protocol):
    """A carrier that places calls. Every failure comes back as an answer within seconds; nothing is raised."""

    async def place(self, order: Order) -> Placed | NotPlaced | Unclear:
        """Ask for one call, once: it is never asked for a second time in here."""

    async def search(self, number: str, line: str, since: datetime) -> Found | NotThere | Unclear:
        """The latest call from ``line`` to ``number`` that was made at ``since`` or later. Only reads."""

    async def look(self, provider_id: str) -> Found | NotThere | Unclear:
        """How far a call is. Only reads."""

    async def close(self) -> None:
        """Give connections back."""
