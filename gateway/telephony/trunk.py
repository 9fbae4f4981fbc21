"""Calling a destination by a trunk, and having the sound of it as a leg: the port, and what can come of it.

A bridge is made of it (a person's telephone takes part in a call like a person's softphone), and the consultation of an
attended transfer.

Refuses: whom we may call. Targets come from configuration and have been allowed before they come here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from gateway.telephony.leg import MediaLeg


@dataclass(frozen=True, slots=True)
class TrunkOrder:
    """Call ``target`` (a SIP or tel URI), showing ``line`` as who calls, and let it ring for ``ring_seconds`` at most.

    ``handoff`` is the id under which whoever answers finds the context; ``headers`` go along (``User-to-User``,
    ``X-…``). ``beside`` is the call that it is made for: whoever answers may take its place (``ATTENDED``), for which
    some wires need to know the one when they place the other.
    """

    target: str
    line: str
    ring_seconds: float
    handoff: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    beside: MediaLeg | None = None


class Failure(StrEnum):
    """Why nobody could be reached."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    """Somebody, or their network, will not take it (603)."""
    UNREACHABLE = "unreachable"
    """No such target, no route, no trunk, or the trunk failed."""


@dataclass(frozen=True, slots=True)
class NotReached:
    """Nobody answered; ``code`` is the network's own number for it where it has one."""

    failure: Failure
    reason: str
    code: int | None = None


class Trunk(Protocol):
    """A way to call somebody."""

    async def call(self, order: TrunkOrder, ringing: Callable[[], None]) -> MediaLeg | NotReached:
        """Call, and wait until it is answered or has failed; ``ringing`` is told once when it rings.

        Nothing is raised for what goes wrong out there. Whoever is cancelled in here gives the call up. The leg is the
        caller's to end.
        """
