"""One event on its way to one receiver, and what becomes of it. Pure: time and chance are arguments.

Due until it was taken (any 2xx) or given up: after ``PAUSES`` are used up, or at the first failure once it has been due
for ``LONGEST``, or at once where the receiver says that it is gone (410). A receiver that is away for days is thus
asked ever more rarely, and what piles up behind the first event is not tried for weeks one by one.

Refuses: to decide what is sent next; the order of a contact's events does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias, assert_never

PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 43_200, 43_200, 43_200, 43_200)
)
"""Between two attempts; more attempts than one more than these there are not."""

LONGEST = timedelta(days=3)
LONGEST_ASKED_FOR = timedelta(hours=12)
"""For how long a receiver can keep us waiting (Retry-After)."""

SPREAD = 0.2
"""By which share a pause may be longer, so that not everything comes back at once."""

GONE = 410


class State(StrEnum):
    """How a delivery stands."""

    DUE = "due"
    DELIVERED = "delivered"
    DEAD = "dead"
    """Given up; it can be asked for again."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event for a receiver. ``since``: when it became due; ``next_at``: not before this, or when it was over."""

    subscription: str
    contact: str
    seq: int
    kind: str
    since: datetime
    state: State
    attempts: int
    next_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The receiver said something; ``again_after`` if it asked for some rest."""

    status: int
    again_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class NotAnswered:
    """Nobody said anything, or nobody was asked: why."""

    why: str


@dataclass(frozen=True, slots=True)
class NotWanted:
    """There is nobody to be told any more, or nothing to tell: why."""

    why: str


Outcome: TypeAlias = Answered | NotAnswered | NotWanted


def step(delivery: Delivery, outcome: Outcome, now: datetime, chance: float) -> Delivery:
    """How a due delivery stands after an attempt. ``chance`` in 0..1 spreads the next one."""
    match outcome:
        case Answered(status) if 200 <= status < 300:
            return replace(delivery, state=State.DELIVERED, attempts=delivery.attempts + 1, next_at=now, reason="")
        case Answered(status) if status == GONE:
            return _given_up(delivery, now, "answered 410: the receiver is gone")
        case Answered(status, again_after):
            return _failed(delivery, now, chance, f"answered {status}", again_after or timedelta())
        case NotAnswered(why):
            return _failed(delivery, now, chance, why, timedelta())
        case NotWanted(why):
            return replace(_given_up(delivery, now, why), attempts=delivery.attempts)
        case _:
            assert_never(outcome)


def _failed(delivery: Delivery, now: datetime, chance: float, why: str, asked_for: timedelta) -> Delivery:
    if delivery.attempts >= len(PAUSES) or now - delivery.since >= LONGEST:
        return _given_up(delivery, now, why)
    pause = max(PAUSES[delivery.attempts] * (1 + SPREAD * chance), min(asked_for, LONGEST_ASKED_FOR))
    return replace(delivery, attempts=delivery.attempts + 1, next_at=now + pause, reason=why)


def _given_up(delivery: Delivery, now: datetime, why: str) -> Delivery:
    return replace(delivery, state=State.DEAD, attempts=delivery.attempts + 1, next_at=now, reason=why)
