"""A call that wants a person, from the queue to the end of its wrap-up: data, and what may become of it.

``MOVES`` is the specification; ``moved`` is the only way from one state to another. Refuses: who gets it (routing), and
what it is about (the hand-off, which has the same id).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from gateway.desk.floor.errors import WrongState

AGENT_LOST = 100
"""The priority of a call whose agent was lost in the middle of it."""


class ItemState(StrEnum):
    """Where a work item stands."""

    QUEUED = "queued"
    OFFERED = "offered"
    """It rings at one agent's desk."""
    ACCEPTED = "accepted"
    """An agent has said yes; their sound is not there yet."""
    CONNECTED = "connected"
    WRAP_UP = "wrap_up"
    """The call is over, the agent's work on it is not."""
    CALLBACK_SCHEDULED = "callback_scheduled"
    """The caller has hung up and will be called back; the place in the queue is kept."""
    OVERFLOWED = "overflowed"
    """It has waited too long here; it goes on at once, in another queue or with the offer of a callback."""
    COMPLETED = "completed"
    ABANDONED = "abandoned"
    """The caller left before anybody was there."""
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    """A callback whose time is over, or that was tried often enough."""


_S = ItemState
MOVES: Mapping[ItemState, frozenset[ItemState]] = {
    _S.QUEUED: frozenset(
        {
            _S.OFFERED,
            _S.ACCEPTED,
            _S.QUEUED,
            _S.OVERFLOWED,
            _S.CALLBACK_SCHEDULED,
            _S.ABANDONED,
            _S.CANCELLED,
            _S.EXPIRED,
        }
    ),
    _S.OFFERED: frozenset({_S.ACCEPTED, _S.QUEUED, _S.CALLBACK_SCHEDULED, _S.ABANDONED, _S.CANCELLED, _S.EXPIRED}),
    _S.ACCEPTED: frozenset({_S.CONNECTED, _S.QUEUED, _S.CALLBACK_SCHEDULED, _S.ABANDONED, _S.EXPIRED}),
    _S.CONNECTED: frozenset({_S.WRAP_UP, _S.QUEUED, _S.COMPLETED}),
    _S.WRAP_UP: frozenset({_S.COMPLETED}),
    _S.CALLBACK_SCHEDULED: frozenset({_S.QUEUED, _S.CANCELLED, _S.EXPIRED}),
    _S.OVERFLOWED: frozenset({_S.QUEUED}),
    _S.COMPLETED: frozenset(),
    _S.ABANDONED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.EXPIRED: frozenset(),
}
"""What a state may be followed by. (``QUEUED`` by itself: in another queue.)"""

OVER = frozenset(state for state, onward in MOVES.items() if not onward)
"""States out of which nothing comes any more."""

WITH_AGENT = frozenset({ItemState.ACCEPTED, ItemState.CONNECTED})
"""States in which an agent has the call."""


@dataclass(frozen=True, slots=True)
class Callback:
    """The caller wants to be called at ``number`` (E.164), not before and not after a time; ``attempts`` were made."""

    number: str
    not_before: datetime
    expires_at: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class WorkItem:
    """The call ``call``, held by ``node``, waiting in ``queue`` (since ``queue_since``) for somebody with ``skills`` at
    those levels, its ``language`` among them as ``lang:ko``.

    The higher ``priority`` goes first, then who is in line since ``eligible_at`` and ``enqueued_at``; both are kept
    when the item comes back into a queue, so that its place is. ``offer`` rings now, or is the one by which ``agent``
    took it. ``attempts`` counts offers; ``asked`` are the agents who were and did not take it, and when. ``for_agent``
    is whom it was transferred to. ``answered_at`` is when the first agent took it; ``since`` is when its state began,
    and ``reason`` why it stands as it does. ``overflowed_from`` are the queues that it has left for waiting too long.
    """

    item: str
    call: str
    queue: str
    language: str
    enqueued_at: datetime
    eligible_at: datetime
    queue_since: datetime
    since: datetime
    node: str = ""
    skills: Mapping[str, int] = field(default_factory=dict)
    priority: int = 0
    state: ItemState = ItemState.QUEUED
    reason: str = ""
    offer: str | None = None
    agent: str | None = None
    for_agent: str | None = None
    attempts: int = 0
    asked: Mapping[str, datetime] = field(default_factory=dict)
    overflowed_from: tuple[str, ...] = ()
    callback: Callback | None = None
    answered_at: datetime | None = None


def waiting_item(
    item: str,
    call: str,
    queue: str,
    language: str,
    now: datetime,
    *,
    node: str = "",
    skills: Mapping[str, int] | None = None,
    priority: int = 0,
) -> WorkItem:
    """A call that begins to wait now."""
    return WorkItem(
        item=item,
        call=call,
        queue=queue,
        language=language,
        enqueued_at=now,
        eligible_at=now,
        queue_since=now,
        since=now,
        node=node,
        skills=dict(skills or {}),
        priority=priority,
    )


def moved(item: WorkItem, to: ItemState, now: datetime, *, reason: str = "", **changes: Any) -> WorkItem:
    """The item in another state for that reason, with other changes. Raises ``WrongState``."""
    if to not in MOVES[item.state]:
        raise WrongState(f"call {item.call} is {item.state}, and cannot become {to}")
    return replace(item, state=to, since=now, reason=reason, **changes)
