"""Sends what was confirmed, and finds out what became of it.

Between the moment that an intent is started and the moment that its outcome stands, nobody but the system of record
knows the truth. So a start is written down before anything is sent; a success is told only when a look at the system of
record shows it, where the action says how to look; and what nobody knows is looked up, never sent again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from time import monotonic
from typing import assert_never

from dialog.actions.action import Action, ActionPort, Failed, FailureKind, Outcome, Succeeded, Unknown
from dialog.actions.intent import Intent, State
from dialog.actions.proof import Shown, look, read, result_of
from dialog.actions.rules import Permission, Standing
from dialog.actions.saga import Saga
from dialog.actions.store import ActionStore
from dialog.clock import utc_now
from dialog.errors import IntentMoved
from dialog.policy import decide
from infra.errors import AiccError

LOOKS = 3
"""How often a success that does not show yet is looked for before it counts as unknown."""

BETWEEN_LOOKS = 0.2
"""Seconds."""

MARGIN = 10.0
"""Seconds beyond its own time limit until whoever started an intent is believed to be gone."""

SETTLES = 30.0
"""Seconds after which an unknown whole of several steps is looked at again."""

SELDOM = timedelta(hours=1)
GIVEN_UP = timedelta(days=3)
"""How seldom something unknown is looked at in the end, and when it is left to a human for good."""

LATEST_DEPARTURE = 3.0
"""Seconds after its start that a request may leave at the latest: well before anybody else looks what became of it."""


class Dispatcher:
    """Carries the intents of one store out over one port."""

    def __init__(
        self,
        port: ActionPort,
        store: ActionStore,
        *,
        now: Callable[[], datetime] = utc_now,
        between_looks: float = BETWEEN_LOOKS,
    ) -> None:
        self._port = port
        self._store = store
        self._now = now
        self._between_looks = between_looks
        self._saga = Saga(self, store, now)

    async def permission(self, action: Action, standing: Standing, arguments: Mapping[str, object]) -> Permission:
        """What the policy says now, with the record read now."""
        record: Mapping[str, object] | None = None
        if action.record is not None:
            found = await read(self._port, action.record, arguments, "")
            record = found if isinstance(found, Mapping) else None
        return decide(action, standing, arguments, record)

    async def carry_out(self, action: Action, intent: Intent, standing: Standing) -> Outcome:
        """Carry a confirmed intent out, if it is still allowed, and write down what became of it.

        Nothing is sent unless its start stands; nothing is told that does not stand: then the outcome is unknown.
        """
        permission = await self.permission(action, standing, intent.arguments)
        begun = monotonic()
        try:
            if permission.granted:
                permission = await self._start(action, intent)
            if not permission.granted:
                return await self.settle(action, intent, refused(permission))
        except IntentMoved:
            return Unknown("somebody else is carrying it out", attempts=0)
        except AiccError as error:
            return Unknown(f"its start could not be written down for certain: {error}", attempts=0)
        if monotonic() - begun > LATEST_DEPARTURE:
            return await self.settle(action, intent, Failed(FailureKind.TIMED_OUT, "it was started too late", 0))
        sent = await self._send(action, intent)
        return await self.settle(action, intent, await self._seen(action, intent, sent))

    async def settle(self, action: Action, intent: Intent, outcome: Outcome) -> Outcome:
        """Write an outcome down; the one that may be told."""
        try:
            await self._store.settle(intent.id, outcome, self._now(), self._look_at(action, intent, outcome))
        except IntentMoved:
            stands = await self._store.get(intent.id)
            return outcome if stands is None or stands.outcome is None else stands.outcome
        except AiccError as error:
            return Unknown(f"its outcome could not be written down: {error}", attempts=outcome.attempts)
        return outcome

    async def reconcile(self, action: Action, intent: Intent) -> Outcome:
        """Find out by looking what became of an intent that is started or unknown, and write it down.

        Never sends anything. What cannot be told is looked at again later, less and less often.
        """
        outcome = await self._found_out(action, intent)
        if intent.state is State.STARTED and not isinstance(outcome, Unknown):
            await self.settle(action, intent, Unknown("whoever carried it out is gone"))
        return await self.settle(action, intent, outcome)

    async def _found_out(self, action: Action, intent: Intent) -> Outcome:
        if action.steps:
            return await self._guarded(self._saga.resume(action, intent))
        if action.proof is not None:
            seen = await look(self._port, action.proof, intent.arguments, intent.key)
            match seen.shown:
                case Shown.DONE:
                    return Succeeded(result_of(action, seen.record) or {})
                case Shown.NOT_DONE if self._age(intent) >= timedelta(seconds=action.proof.settles):
                    return Failed(FailureKind.NOT_DONE, "the system of record shows that it did not take place")
                case _:
                    pass
        return Unknown("nobody knows what became of it")

    async def _send(self, action: Action, intent: Intent) -> Outcome:
        if action.steps:
            return await self._guarded(self._saga.forward(action, intent))
        return await self._port.perform(action, intent.arguments, key=intent.key)

    async def _guarded(self, saga: Awaitable[Outcome]) -> Outcome:
        try:
            return await saga
        except AiccError as error:
            return Unknown(f"its steps could not be written down: {error}")

    async def _start(self, action: Action, intent: Intent) -> Permission:
        now = self._now()
        until = now + timedelta(seconds=longest(action))
        return await self._store.start(intent.id, now, until, action.rules.per_call)

    async def _seen(self, action: Action, intent: Intent, sent: Outcome) -> Outcome:
        """What a look at the system of record makes of a back end's answer."""
        if action.proof is None:
            return sent
        match sent:
            case Failed():
                return sent
            case Succeeded() | Unknown():
                return await self._looked_for(action, intent, sent)
            case _:
                assert_never(sent)

    async def _looked_for(self, action: Action, intent: Intent, sent: Succeeded | Unknown) -> Outcome:
        assert action.proof is not None, "asked by the caller"
        for again in range(LOOKS):
            if again:
                await asyncio.sleep(self._between_looks)
            seen = await look(self._port, action.proof, intent.arguments, intent.key)
            if seen.shown is Shown.DONE:
                result = sent.result if isinstance(sent, Succeeded) else result_of(action, seen.record)
                return Unknown("it took place, but its result is not known") if result is None else Succeeded(result)
        detail = sent.detail if isinstance(sent, Unknown) else "it was answered, but the system of record shows nothing"
        return Unknown(detail, sent.attempts)

    def _look_at(self, action: Action, intent: Intent, outcome: Outcome) -> datetime | None:
        """When to look at something unknown again, later and later; None where only a human can find it out."""
        age = self._age(intent)
        if not isinstance(outcome, Unknown) or not (action.proof or action.steps) or age > GIVEN_UP:
            return None
        settles = timedelta(seconds=action.proof.settles if action.proof else SETTLES)
        return self._now() + min(max(settles, age / 2), SELDOM)

    def _age(self, intent: Intent) -> timedelta:
        now = self._now()
        return now - (intent.started_at or now)


def longest(action: Action) -> float:
    """Seconds after its start in which an action is over, or whoever carries it out is gone."""
    steps = sum(step.do.action.timeout + (step.undo.action.timeout if step.undo else 0.0) for step in action.steps)
    looks = LOOKS * action.proof.reading.action.timeout if action.proof else 0.0
    return max(action.timeout, steps) + looks + MARGIN * (1 + len(action.steps))


def refused(permission: Permission) -> Failed:
    """The outcome of what the policy does not allow."""
    return Failed(FailureKind.NOT_PERMITTED, permission.why, attempts=0, refusal=permission.refusal)
