"""Looks after intents whose bearer is gone: a process that was killed, a database that was away.

What was confirmed and never started is sent if its time is not over, else it has certainly failed. What was started and
has no outcome is unknown, and looked up in the system of record; it is never sent again. What nobody can look up is
left to a human.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from dialog.actions.action import Action, Failed, FailureKind, Outcome, Unknown
from dialog.actions.dispatch import Dispatcher
from dialog.actions.intent import Intent, State
from dialog.actions.store import ActionStore
from dialog.clock import utc_now
from infra.errors import AiccError
from infra.supervision import supervised
from infra.telemetry.metrics import metrics

INTERVAL = 5.0
"""Seconds between two looks into the outbox."""

AT_ONCE = 20
"""Intents that one look takes, one after the other; more wait for the next."""

CLAIM = timedelta(seconds=300)
"""For how long an intent that was taken is left alone by others."""

_SWEPT = metrics.counter("aicc_action_intents_swept", "Intents that were left behind and looked after")
_LEFT = metrics.counter("aicc_action_intents_unknown", "Looks that did not tell what became of an intent")

MOST_UNTOLD = 1_000
"""Tidings that wait for whom they are for; beyond that the oldest are dropped. The audit has them all the same."""

_log = structlog.get_logger(__name__)


class Tidings(Protocol):
    """Who is told what became of a change that nobody knew about."""

    async def __call__(self, intent: Intent, outcome: Outcome) -> bool:
        """Whether it stands where those who served the caller see it; if not yet, it is told again. May raise
        ``AiccError``: then it is told again as well."""


class Sweep:
    """Looks after the intents of one tenant's store. ``actions`` are those that the tenant has now; what is found out
    goes to ``tidings``."""

    def __init__(
        self,
        store: ActionStore,
        dispatcher: Dispatcher,
        actions: Mapping[str, Action],
        *,
        now: Callable[[], datetime] = utc_now,
        tidings: Tidings | None = None,
    ) -> None:
        self._store = store
        self._dispatcher = dispatcher
        self._actions = actions
        self._now = now
        self._tidings = tidings
        self._untold: deque[tuple[Intent, Outcome]] = deque(maxlen=MOST_UNTOLD)

    async def once(self) -> int:
        """Look after what is due; how many intents that were. Raises ``AiccError`` when the store cannot be asked."""
        now = self._now()
        found = await self._store.due(now, now + CLAIM, AT_ONCE)
        for intent in found:
            outcome = await self._look_after(intent)
            _SWEPT.inc()
            if isinstance(outcome, Unknown):
                _LEFT.inc()
            elif intent.parent is None:
                self._untold.append((intent, outcome))
            _log.info(
                "an intent was left behind",
                call_id=intent.call_id,
                intent=intent.id,
                action=intent.action,
                was=intent.state.value,
                outcome=type(outcome).__name__,
                detail=getattr(outcome, "detail", ""),
            )
        await self._tell()
        return len(found)

    async def _tell(self) -> None:
        """Pass on what was found out, each until somebody has it."""
        if self._tidings is None:
            self._untold.clear()
            return
        for _ in range(len(self._untold)):
            intent, outcome = self._untold.popleft()
            try:
                told = await self._tidings(intent, outcome)
            except AiccError:
                told = False
            if not told:
                self._untold.append((intent, outcome))

    async def _look_after(self, intent: Intent) -> Outcome:
        action = self._actions.get(intent.action)
        if action is None:
            return Unknown(f"there is no action {intent.action} any more")
        if intent.state is not State.CONFIRMED:
            return await self._dispatcher.reconcile(action, intent)
        if intent.parent is not None:
            # The whole decides what becomes of its steps, and it does not go on with what was interrupted.
            never = Failed(FailureKind.NOT_DONE, "it was never sent", attempts=0)
            return await self._dispatcher.settle(action, intent, never)
        if self._now() > intent.expires_at:
            late = Failed(FailureKind.NOT_DONE, "it could not be sent while it was wanted", attempts=0)
            return await self._dispatcher.settle(action, intent, late)
        return await self._dispatcher.carry_out(action, intent, intent.standing)


async def keep_sweeping(sweeps: Sequence[Sweep], interval: float = INTERVAL) -> None:
    """Let each sweep look again and again, until cancelled. A store that cannot be asked is asked the next time."""
    while True:
        for sweep in sweeps:
            await supervised(sweep.once(), "intents that were left behind could not be looked after")
        await asyncio.sleep(interval)
