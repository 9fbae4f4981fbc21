"""A call that is to be made, and what can become of it: a pure machine.

``step(due, event, now, patience)`` gives the due call as it stands afterwards. What an event means in each state is
told by the functions below; where it means nothing (a report that comes late, a second one) the due call stays as it
is. Nothing here dials: an attempt is ``Started`` first, and whoever does not find it started does not send it.

    due ------- Started ------> placing --- Acknowledged ---> ringing --- PickedUp ---> answered --- Ended ---> done
     |  ^                         |  |                           |                         |
     |  |                         |  +-- Unacknowledged --> unknown -- Acknowledged, PickedUp, Reported, NotThere
     |  +---- busy, no answer, a machine, cut off, no conversation began: after a pause, up to ``attempts`` times; else
     |        failed
     +------> expired, cancelled, opted_out

Refuses: clocks, carriers and databases; and words: what is said in the call is the dialog's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never

from gateway.telephony.dialer import Progress

LEASE = timedelta(seconds=45)
"""After this, whoever was placing a call and has not said what came of it is believed to be gone."""
LOOK_AFTER = timedelta(seconds=15)
"""Until a call that nobody knows about is looked up (again)."""
SETTLES = timedelta(seconds=60)
"""After this long, a call that the carrier does not show was never placed."""
CARRIER_RESTS = timedelta(minutes=1)
"""Until a carrier that takes no orders is asked again."""
GIVEN_UP = timedelta(hours=6)
"""A call of which the carrier tells nothing for so long is left to people."""
CONNECTS = timedelta(seconds=60)
"""From the callee's hello to the first sound on our socket."""

MESSAGE_LEFT = "message_left"
"""Why a call is done that a machine answered."""


class State(StrEnum):
    """Where a due call stands."""

    DUE = "due"
    PLACING = "placing"
    """An attempt has begun; the carrier has been asked, or is about to be."""
    UNKNOWN = "unknown"
    """The carrier was asked, and did not answer: it is looked up before anything else."""
    RINGING = "ringing"
    ANSWERED = "answered"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    OPTED_OUT = "opted_out"


UNDER_WAY = frozenset({State.PLACING, State.UNKNOWN, State.RINGING, State.ANSWERED})
"""States in which the callee's telephone may ring, or be in use."""
OPEN = UNDER_WAY | {State.DUE}
"""States out of which something still comes."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a call is tried (``attempts``), after which ``pauses`` (the last one again and again), for how long it
    rings, and how long a conversation lasts at most."""

    attempts: int = 3
    pauses: tuple[timedelta, ...] = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))
    ring: timedelta = timedelta(seconds=30)
    talk: timedelta = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class DueCall:
    """A call to ``number`` (E.164) about ``purpose`` with its ``details``, at ``due_at`` or later, never after
    ``not_after``. ``contact`` is the call in which it was promised. ``next_at`` is when to look at it again; ``ticket``
    is what its latest attempt is known by, ``provider_id`` the carrier's name for that, ``call_id`` the contact that
    came of it. ``reason`` says why it stands as it does."""

    id: str
    key: str
    number: str
    language: str
    purpose: str
    created_at: datetime
    due_at: datetime
    not_after: datetime
    next_at: datetime
    details: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    contact: str | None = None
    state: State = State.DUE
    attempts: int = 0
    ticket: str | None = None
    provider_id: str | None = None
    sent_at: datetime | None = None
    call_id: str | None = None
    reason: str = ""


# --- events -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Postponed:
    """It is not to be placed before ``until``."""

    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class RanOut:
    """Its time is over."""


@dataclass(frozen=True, slots=True)
class Started:
    """An attempt begins, known by ``ticket``. Durable before anything is sent."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The carrier has the call."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The carrier did certainly not take it; ``again``: it may the next time."""

    reason: str
    again: bool


@dataclass(frozen=True, slots=True)
class Unacknowledged:
    """Nobody knows whether the carrier has it."""

    detail: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """The carrier was asked and knows no such call."""


@dataclass(frozen=True, slots=True)
class Untold:
    """The carrier was asked, and what it said (or did not say) tells nothing new."""

    detail: str = ""


@dataclass(frozen=True, slots=True)
class Reported:
    """The carrier says how far it is."""

    progress: Progress


@dataclass(frozen=True, slots=True)
class PickedUp:
    """Somebody answered."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class MachineAnswered:
    """A machine answered; it was told something (``message_left``), or nothing."""

    provider_id: str
    message_left: bool


@dataclass(frozen=True, slots=True)
class Connected:
    """The conversation has begun as the contact ``call_id``."""

    call_id: str


@dataclass(frozen=True, slots=True)
class NotBegun:
    """Somebody answered, and no conversation came of it: nothing was said."""

    why: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The conversation is over, and what came of it; ``refused``: the callee wants no such calls any more."""

    outcome: str
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Cancelled:
    """It is not wanted any more."""

    why: str


@dataclass(frozen=True, slots=True)
class OptedOut:
    """The number must not be called any more."""


Event = (
    Postponed
    | RanOut
    | Started
    | Acknowledged
    | Declined
    | Unacknowledged
    | NotFound
    | Untold
    | Reported
    | PickedUp
    | MachineAnswered
    | Connected
    | NotBegun
    | Ended
    | Cancelled
    | OptedOut
)

_ASKED = frozenset({State.PLACING, State.UNKNOWN})
_NOT_ANSWERED = _ASKED | {State.RINGING}


def step(due: DueCall, event: Event, now: datetime, patience: Patience) -> DueCall:
    """The due call after ``event``; itself where the event means nothing."""
    match event:
        case Postponed() | RanOut() | Started() | Cancelled() | OptedOut():
            return _before(due, event, now) if due.state is State.DUE else due
        case Acknowledged() | Declined() | Unacknowledged() | NotFound() | Untold():
            return _asked(due, event, now, patience)
        case Reported() | PickedUp() | MachineAnswered() | Connected() | NotBegun() | Ended():
            return _answered(due, event, now, patience)
        case _:
            assert_never(event)


def _before(due: DueCall, event: Postponed | RanOut | Started | Cancelled | OptedOut, now: datetime) -> DueCall:
    """What happens before anything is dialled, and only then."""
    match event:
        case Postponed(until, why):
            return replace(due, next_at=until, reason=why)
        case RanOut():
            return _closed(due, State.EXPIRED, due.reason or "its time was over")
        case Started(ticket):
            return replace(
                due,
                state=State.PLACING,
                attempts=due.attempts + 1,
                ticket=ticket,
                provider_id=None,
                sent_at=now,
                call_id=None,
                next_at=now + LEASE,
                reason="",
            )
        case Cancelled(why):
            return _closed(due, State.CANCELLED, why)
        case OptedOut():
            return _closed(due, State.OPTED_OUT, "this number must not be called")
        case _:
            assert_never(event)


def _asked(
    due: DueCall,
    event: Acknowledged | Declined | Unacknowledged | NotFound | Untold,
    now: datetime,
    patience: Patience,
) -> DueCall:
    """What the carrier says when it is asked, for a call or about one."""
    if due.state not in UNDER_WAY:
        return due
    match event:
        case Acknowledged(provider_id) if due.state in _ASKED:
            rings_until = now + patience.ring + LOOK_AFTER
            return replace(due, state=State.RINGING, provider_id=provider_id, next_at=rings_until, reason="")
        case Declined(reason, again) if due.state is State.PLACING:
            return _not_tried(due, reason, now) if again else _closed(due, State.FAILED, reason)
        case Unacknowledged(detail) if due.state is State.PLACING:
            return replace(due, state=State.UNKNOWN, next_at=now + LOOK_AFTER, reason=detail)
        case NotFound() if due.state is not State.ANSWERED and _age(due, now) >= SETTLES:
            return _again(due, "the carrier never placed it", now, patience)
        case NotFound() | Untold():
            return _untold(due, event, now)
        case _:
            return due


def _not_tried(due: DueCall, reason: str, now: datetime) -> DueCall:
    """Nobody's telephone rang: it counts as no attempt, and is due until its time is over."""
    return replace(due, state=State.DUE, attempts=due.attempts - 1, next_at=now + CARRIER_RESTS, reason=reason)


def _untold(due: DueCall, event: NotFound | Untold, now: datetime) -> DueCall:
    """Nothing new: it is asked again, and in the end left to people."""
    if _age(due, now) > GIVEN_UP:
        return _closed(due, State.FAILED, "nobody could tell what became of it")
    detail = event.detail if isinstance(event, Untold) else ""
    state = State.UNKNOWN if due.state is State.PLACING else due.state
    return replace(due, state=state, next_at=now + LOOK_AFTER, reason=detail or due.reason)


def _answered(
    due: DueCall,
    event: Reported | PickedUp | MachineAnswered | Connected | NotBegun | Ended,
    now: datetime,
    patience: Patience,
) -> DueCall:
    """What happens at the other end of the line."""
    match event:
        case Reported(progress):
            return _reported(due, progress, now, patience)
        case PickedUp(provider_id) if due.state in _NOT_ANSWERED:
            return replace(due, state=State.ANSWERED, provider_id=provider_id, next_at=now + CONNECTS, reason="")
        case MachineAnswered(provider_id, message_left) if due.state in _NOT_ANSWERED:
            due = replace(due, provider_id=provider_id)
            return _closed(due, State.DONE, MESSAGE_LEFT) if message_left else _again(due, "machine", now, patience)
        case Connected(call_id) if due.state is State.ANSWERED and due.call_id is None:
            return replace(due, call_id=call_id, next_at=now + patience.talk)
        case NotBegun(why) if due.state is State.ANSWERED:
            return _again(due, why, now, patience)
        case Ended(outcome, refused) if due.state is State.ANSWERED:
            return _closed(due, State.OPTED_OUT if refused else State.DONE, outcome)
        case _:
            return due


def _reported(due: DueCall, progress: Progress, now: datetime, patience: Patience) -> DueCall:
    """The carrier's word. Of a conversation that has begun, its own end is the better word."""
    if due.state not in UNDER_WAY or due.call_id is not None:
        return due
    match progress:
        case Progress.RINGING | Progress.TALKING:
            return replace(due, next_at=now + LOOK_AFTER)
        case Progress.OVER:
            return _again(due, "cut_off", now, patience)
        case Progress.BUSY | Progress.NO_ANSWER | Progress.UNREACHABLE | Progress.CANCELLED:
            return _again(due, progress.value, now, patience)
        case _:
            assert_never(progress)


def _again(due: DueCall, reason: str, now: datetime, patience: Patience) -> DueCall:
    """Nobody was reached: it is due again after a pause, or was tried often enough."""
    if due.attempts >= patience.attempts:
        return _closed(due, State.FAILED, reason)
    pause = patience.pauses[min(due.attempts, len(patience.pauses)) - 1]
    return replace(due, state=State.DUE, next_at=now + pause, reason=reason)


def _closed(due: DueCall, state: State, reason: str) -> DueCall:
    return replace(due, state=state, reason=reason)


def _age(due: DueCall, now: datetime) -> timedelta:
    """Since its latest attempt began."""
    return now - (due.sent_at or due.created_at)
