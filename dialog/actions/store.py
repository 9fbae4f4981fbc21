"""What keeps the intents of one tenant's actions: a promise, kept in memory here and in PostgreSQL next door.

A store makes every move of an intent whole or not at all, together with the line of the audit that tells of it, and
makes none that ``dialog.actions.intent`` does not know. It is what makes a confirmation single use: of two who try to
confirm or to start the same intent, one succeeds.

With a confirmation goes, in the same transaction, an entry in the *outbox*: from then on the intent has to be brought
to an end, by whoever began or, when that one is gone, by the sweep.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from dialog.actions.action import Confirmation, Outcome
from dialog.actions.audit import AuditEntry, append, entry_body
from dialog.actions.digests import UNKEYED, Digests
from dialog.actions.intent import SPENT, UNRESOLVED, Intent, State, moved, state_after
from dialog.actions.rules import Permission, Refusal
from dialog.errors import IntentMoved

HEAD_START = timedelta(seconds=10)
"""How long whoever took the confirmation has to start, before the sweep looks after the intent."""

MOST_KEPT = 10_000
"""Intents that the store in memory keeps; beyond that the oldest that have ended are forgotten."""

MOST_LINES = 50_000
"""Lines of its audit that the store in memory keeps; the oldest go."""


class ActionStore(Protocol):
    """The intents of one tenant. Every method may raise an ``AiccError``: then it is unknown whether it was done."""

    @property
    def digests(self) -> Digests:
        """Those that its intents have to have: it compares them."""

    async def enter(self, intent: Intent, now: datetime) -> Intent:
        """Enter a proposed intent, unless it is there already; the one that stands now."""

    async def withdraw(self, intent_id: str, why: str, now: datetime) -> Intent:
        """Let a proposed intent never be confirmed. Raises ``IntentMoved`` when it is beyond that."""

    async def confirm(self, intent_id: str, confirmation: Confirmation, now: datetime) -> Intent:
        """Confirm a proposed intent, with its entry in the outbox. Raises ``IntentMoved`` when it is not proposed."""

    async def start(self, intent_id: str, now: datetime, until: datetime, per_call: int | None) -> Permission:
        """Let a confirmed intent be carried out by whoever asks, who is believed to be gone after ``until``.

        Not granted when the same is unresolved, or was done ``per_call`` times in the call. Raises ``IntentMoved``
        when it is not confirmed, or somebody else has started it.
        """

    async def settle(self, intent_id: str, outcome: Outcome, now: datetime, look_at: datetime | None = None) -> Intent:
        """Write down what became of an intent. It leaves the outbox, but when its outcome is unknown: then it is looked
        at again at ``look_at``. An unknown one that stays unknown is only given its new time. Raises ``IntentMoved``.
        """

    async def compensate(self, intent_id: str, now: datetime) -> Intent:
        """Write down that what succeeded was taken back. Raises ``IntentMoved``."""

    async def get(self, intent_id: str) -> Intent | None:
        """An intent, if it was entered."""

    async def due(self, now: datetime, again_at: datetime, limit: int) -> Sequence[Intent]:
        """Intents of the outbox whose time has come. Whoever gets them looks after them: nobody else does so before
        ``again_at``."""

    async def audit(self, after: int, limit: int) -> Sequence[AuditEntry]:
        """The audit's lines after a number, in order."""


@dataclass(slots=True)
class _Kept:
    intent: Intent
    due: datetime | None = None


class MemoryActionStore:
    """Intents that are forgotten with the process: for text conversations without a database, and for tests."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._audit: deque[AuditEntry] = deque(maxlen=MOST_LINES)
        self.digests = UNKEYED

    async def enter(self, intent: Intent, now: datetime) -> Intent:
        """See ``ActionStore``."""
        if intent.id not in self._kept:
            self._forget_the_oldest()
            self._kept[intent.id] = _Kept(intent)
            self._note(intent, now)
        return self._kept[intent.id].intent

    async def withdraw(self, intent_id: str, why: str, now: datetime) -> Intent:
        """See ``ActionStore``."""
        return self._move(moved(self._known(intent_id).intent, State.WITHDRAWN), now, None, {"why": why})

    async def confirm(self, intent_id: str, confirmation: Confirmation, now: datetime) -> Intent:
        """See ``ActionStore``."""
        confirmed = replace(moved(self._known(intent_id).intent, State.CONFIRMED), confirmation=confirmation)
        return self._move(confirmed, now, now + HEAD_START)

    async def start(self, intent_id: str, now: datetime, until: datetime, per_call: int | None) -> Permission:
        """See ``ActionStore``."""
        started = replace(moved(self._known(intent_id).intent, State.STARTED), started_at=now)
        others = [kept.intent for kept in self._kept.values() if kept.intent.id != intent_id]
        if any(other.digest == started.digest and other.state in UNRESOLVED for other in others):
            return UNRESOLVED_TWIN
        if per_call is not None and sum(_counts(other, started) for other in others) >= per_call:
            return too_often(started, per_call)
        self._move(started, now, until)
        return Permission(True)

    async def settle(self, intent_id: str, outcome: Outcome, now: datetime, look_at: datetime | None = None) -> Intent:
        """See ``ActionStore``."""
        kept = self._known(intent_id)
        to = state_after(outcome)
        if kept.intent.state is State.UNKNOWN and to is State.UNKNOWN:
            kept.due = look_at
            return kept.intent
        settled = replace(moved(kept.intent, to), outcome=outcome)
        return self._move(settled, now, look_at if to is State.UNKNOWN else None)

    async def compensate(self, intent_id: str, now: datetime) -> Intent:
        """See ``ActionStore``."""
        return self._move(moved(self._known(intent_id).intent, State.COMPENSATED), now, None)

    async def get(self, intent_id: str) -> Intent | None:
        """See ``ActionStore``."""
        kept = self._kept.get(intent_id)
        return None if kept is None else kept.intent

    async def due(self, now: datetime, again_at: datetime, limit: int) -> Sequence[Intent]:
        """See ``ActionStore``."""
        ripe = [kept for kept in self._kept.values() if kept.due is not None and kept.due <= now][:limit]
        for kept in ripe:
            kept.due = again_at
        return [kept.intent for kept in ripe]

    async def audit(self, after: int, limit: int) -> Sequence[AuditEntry]:
        """See ``ActionStore``."""
        return [line for line in self._audit if line.number > after][:limit]

    def _known(self, intent_id: str) -> _Kept:
        kept = self._kept.get(intent_id)
        if kept is None:
            raise IntentMoved(f"intent {intent_id} was never entered; enter it first")
        return kept

    def _move(
        self, intent: Intent, now: datetime, due: datetime | None, more: Mapping[str, object] | None = None
    ) -> Intent:
        self._kept[intent.id] = _Kept(intent, due)
        self._note(intent, now, more)
        return intent

    def _note(self, intent: Intent, now: datetime, more: Mapping[str, object] | None = None) -> None:
        last = self._audit[-1] if self._audit else None
        self._audit.append(append(last, now, intent.id, {**entry_body(intent), **(more or {})}))

    def _forget_the_oldest(self) -> None:
        if len(self._kept) >= MOST_KEPT:
            ended = next((name for name, kept in self._kept.items() if kept.due is None), next(iter(self._kept)))
            del self._kept[ended]


UNRESOLVED_TWIN = Permission(False, "the same is under way, or nobody knows what became of it", Refusal.UNRESOLVED)
"""What ``start`` says when another intent of the same action with the same arguments is unresolved."""


def too_often(intent: Intent, per_call: int) -> Permission:
    """What ``start`` says when the call has had its share."""
    return Permission(False, f"{intent.action} was carried out {per_call} times in this call", Refusal.TOO_OFTEN)


def _counts(other: Intent, started: Intent) -> bool:
    return other.call_id == started.call_id and other.action == started.action and other.state in SPENT
