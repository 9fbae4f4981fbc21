"""Several writes as one action: done in order, and taken back in reverse when one of them cannot be done.

Each write is an intent of its own, so that every single one is sent at most once and its outcome is found out like any
other's. The whole has succeeded when all have; it has failed when what was done is taken back; as long as it is not
known of one of them whether it took place, it is not known of the whole. What cannot be taken back comes last.

Whoever finds a whole that was left in the middle takes back what was done, rather than go on with what a caller
confirmed some time ago.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from dialog.actions.action import Action, Failed, FailureKind, Outcome, Reading, Step, Succeeded, Unknown
from dialog.actions.intent import Intent, State
from dialog.actions.proof import filled, result_of
from dialog.actions.rules import Rules, Standing
from dialog.actions.store import ActionStore
from dialog.schema import canonical

MOST_UNDOS = 3
"""How often it is tried to take one write back; then a human has to."""

_STEPS = uuid.UUID("3f0c5a1e-58a7-5b7c-9d0b-6f1f5b0a2c77")
"""Under which the ids of steps are derived; changing it would make those of every interrupted whole new."""


class Carrier(Protocol):
    """Who carries single intents out."""

    async def carry_out(self, action: Action, intent: Intent, standing: Standing) -> Outcome:
        """Send a confirmed intent; the outcome stands."""

    async def reconcile(self, action: Action, intent: Intent) -> Outcome:
        """Find out by looking what became of a started one; the outcome stands."""

    async def settle(self, action: Action, intent: Intent, outcome: Outcome) -> Outcome:
        """Write an outcome down."""


class Saga:
    """Carries out actions that consist of steps, on the intents of one store."""

    def __init__(self, carrier: Carrier, store: ActionStore, now: Callable[[], datetime]) -> None:
        self._carrier = carrier
        self._store = store
        self._now = now

    async def forward(self, action: Action, whole: Intent) -> Outcome:
        """Carry all steps out. Raises ``AiccError`` when one could not be entered: then nobody knows."""
        result: dict[str, object] = {}
        for number, step in enumerate(action.steps):
            intent = await self._confirmed(step.do, whole, f"{number}/do")
            outcome = await self._carrier.carry_out(step.do.action, intent, whole.standing)
            match outcome:
                case Succeeded():
                    result |= outcome.result
                case Failed():
                    taken_back = await self.backward(action, whole)
                    return outcome if isinstance(taken_back, Failed) else taken_back
                case Unknown():
                    return outcome
        return _whole(action, result)

    async def resume(self, action: Action, whole: Intent) -> Outcome:
        """What has become of a whole that was left in the middle: done if all of it is, else taken back."""
        result: dict[str, object] = {}
        for number, step in enumerate(action.steps):
            outcome = await self._found(step, whole, number)
            match outcome:
                case Succeeded():
                    result |= outcome.result
                case Unknown():
                    return outcome
                case Failed() | None:
                    await self._barred(step.do, whole, f"{number}/do")
                    return await self.backward(action, whole)
        return _whole(action, result)

    async def backward(self, action: Action, whole: Intent) -> Outcome:
        """Take back what was done, the last first: ``Failed`` when nothing of it is left, else ``Unknown``."""
        for number, step in reversed(list(enumerate(action.steps))):
            outcome = await self._found(step, whole, number)
            if isinstance(outcome, Unknown):
                return outcome
            if isinstance(outcome, Succeeded) and not await self._undone(step, whole, number):
                return Unknown(f"step {number + 1}, {step.do.action.id}, could not be taken back")
        return Failed(FailureKind.NOT_DONE, "one step could not be done, and the others were taken back")

    async def _barred(self, reading: Reading, whole: Intent, name: str) -> None:
        """Make sure that a step which was never begun never will be, should whoever carried the whole out live after
        all: it cannot confirm what was withdrawn."""
        intent = await self._entered(reading, whole, name)
        if intent.state is State.PROPOSED:
            await self._store.withdraw(intent.id, "the whole is taken back", self._now())

    async def _found(self, step: Step, whole: Intent, number: int) -> Outcome | None:
        """What became of a step, looked up if need be; None of one that was taken back or never begun."""
        intent = await self._store.get(step_id(whole.id, f"{number}/do"))
        if intent is None:
            return None
        return await self._looked_up(step.do.action, intent)

    async def _looked_up(self, action: Action, intent: Intent) -> Outcome | None:
        match intent.state:
            case State.CONFIRMED:
                never = Failed(FailureKind.NOT_DONE, "it was never sent", attempts=0)
                return await self._carrier.settle(action, intent, never)
            case State.STARTED | State.UNKNOWN:
                return await self._carrier.reconcile(action, intent)
            case State.COMPENSATED | State.PROPOSED | State.WITHDRAWN:
                return None
            case State.SUCCEEDED | State.FAILED:
                return intent.outcome

    async def _undone(self, step: Step, whole: Intent, number: int) -> bool:
        if step.undo is None:
            return False
        # We take back what we have done ourselves: the caller's rules are not asked for that.
        ours = replace(step.undo.action, rules=Rules(), record=None)
        for again in range(MOST_UNDOS):
            name = f"{number}/undo/{again}"
            intent = await self._store.get(step_id(whole.id, name))
            if intent is None or intent.state is State.PROPOSED:
                intent = await self._confirmed(step.undo, whole, name)
                outcome: Outcome | None = await self._carrier.carry_out(ours, intent, whole.standing)
            else:
                outcome = await self._looked_up(ours, intent)
            if isinstance(outcome, Succeeded):
                await self._store.compensate(step_id(whole.id, f"{number}/do"), self._now())
                return True
            if not isinstance(outcome, Failed):
                return False
        return False

    async def _confirmed(self, reading: Reading, whole: Intent, name: str) -> Intent:
        """A step's intent, confirmed by what confirmed the whole. Raises ``IntentMoved`` when it has been barred."""
        assert whole.confirmation is not None, "a whole is confirmed before it is carried out"
        intent = await self._entered(reading, whole, name)
        return await self._store.confirm(intent.id, whole.confirmation, self._now())

    async def _entered(self, reading: Reading, whole: Intent, name: str) -> Intent:
        action = reading.action
        arguments = canonical(action.arguments, filled(reading.arguments, whole.arguments, whole.key))
        assert isinstance(arguments, dict), "what is canonical of a mapping is one"
        intent = replace(
            whole,
            id=step_id(whole.id, name),
            action=action.id,
            arguments=arguments,
            digest=self._store.digests.of(action.id, arguments),
            parent=whole.id,
            state=State.PROPOSED,
            confirmation=None,
            outcome=None,
            started_at=None,
        )
        return await self._store.enter(intent, self._now())


def step_id(whole: str, name: str) -> str:
    """The id of a step's intent: always the same, whoever carries the whole on."""
    return str(uuid.uuid5(_STEPS, f"{whole}/{name}"))


def _whole(action: Action, result: dict[str, object]) -> Outcome:
    known = result_of(action, result)
    return Unknown("all of it took place, but its result is not known") if known is None else Succeeded(known)
