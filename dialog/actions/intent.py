"""The life of an action that changes something, from its proposal to its end, and which moves it may make. Pure.

    proposed ─► confirmed ─► started ─► succeeded ─► compensated
        │           │           ├─────► failed
        ▼           ▼           ▼          ▲
    withdrawn    failed      unknown ──────┴─► succeeded

A store keeps intents and makes a move only if it stands here. What has ended never moves again; nothing but reading
the system of record (or a human) leads out of ``unknown``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from dialog.actions.action import Confirmation, Failed, Outcome, Proposal, Succeeded, Unknown, idempotency_key
from dialog.actions.rules import Standing
from dialog.errors import IntentMoved


class State(StrEnum):
    """Where an intent stands."""

    PROPOSED = "proposed"
    WITHDRAWN = "withdrawn"
    CONFIRMED = "confirmed"
    STARTED = "started"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    COMPENSATED = "compensated"


MOVES: Mapping[State, frozenset[State]] = {
    State.PROPOSED: frozenset({State.CONFIRMED, State.WITHDRAWN}),
    State.WITHDRAWN: frozenset(),
    State.CONFIRMED: frozenset({State.STARTED, State.FAILED}),
    State.STARTED: frozenset({State.SUCCEEDED, State.FAILED, State.UNKNOWN}),
    State.SUCCEEDED: frozenset({State.COMPENSATED}),
    State.FAILED: frozenset(),
    State.UNKNOWN: frozenset({State.SUCCEEDED, State.FAILED}),
    State.COMPENSATED: frozenset(),
}

UNRESOLVED = frozenset({State.STARTED, State.UNKNOWN})
"""While an intent is here, no other one of the same action with the same arguments is started."""

SPENT = frozenset({State.STARTED, State.SUCCEEDED, State.UNKNOWN, State.COMPENSATED})
"""What counts against the number of times that an action may be carried out in one call."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One action that is wanted, once. ``id`` is its proposal's; ``parent`` is the intent that it is a step of."""

    id: str
    call_id: str
    turn: int
    action: str
    arguments: Mapping[str, object]
    digest: str
    release: str
    expires_at: datetime
    evidence: tuple[int, ...] = ()
    standing: Standing = field(default_factory=Standing)
    parent: str | None = None
    state: State = State.PROPOSED
    confirmation: Confirmation | None = None
    outcome: Outcome | None = None
    started_at: datetime | None = None

    @property
    def key(self) -> str:
        """What back ends know it by, whoever sends it and however often."""
        return idempotency_key(self.id)


def intent_of(proposal: Proposal) -> Intent:
    """The intent that a proposal begins."""
    return Intent(
        id=proposal.id,
        call_id=proposal.call_id,
        turn=proposal.turn,
        action=proposal.action.id,
        arguments=dict(proposal.arguments),
        digest=proposal.digest,
        release=proposal.release,
        expires_at=proposal.expires_at,
        evidence=proposal.evidence,
        standing=proposal.standing,
    )


def moved(intent: Intent, to: State) -> Intent:
    """The intent in another state. Raises ``IntentMoved`` when it cannot get there from where it is."""
    if to not in MOVES[intent.state]:
        raise IntentMoved(f"intent {intent.id} is {intent.state} and cannot become {to}; read it anew")
    return replace(intent, state=to)


def state_after(outcome: Outcome) -> State:
    """The state that an outcome leads to."""
    match outcome:
        case Succeeded():
            return State.SUCCEEDED
        case Failed():
            return State.FAILED
        case Unknown():
            return State.UNKNOWN
        case _:
            assert_never(outcome)
