"""Carries actions out with the record kept in the order that makes it trustworthy.

The runner writes the intention down, and waits until that record stands, before anything leaves the house; and
writes the outcome down, and waits again, before anyone may say "done". Where the record does not stand, the outcome
is unknown and a human goes on.

What only reads is done at once. What changes something is *offered*, confirmed, and run: once. A confirmation of
another proposal, an old one or none is refused; a second run of the same proposal has no effect and gives the first
outcome.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import assert_never

from dialog.actions.action import (
    Action,
    ActionPort,
    Confirmation,
    Failed,
    FailureKind,
    Journal,
    Outcome,
    Proposal,
    Risk,
    Succeeded,
    Unknown,
    doubt,
)
from dialog.actions.digests import Digests
from dialog.actions.dispatch import Dispatcher, refused
from dialog.actions.intent import Intent, State, intent_of
from dialog.actions.rules import Permission, Standing
from dialog.actions.store import ActionStore, MemoryActionStore
from dialog.clock import utc_now
from dialog.errors import IntentMoved
from dialog.policy import decide, may_act
from dialog.schema import violations
from dialog.turn import MASK
from infra.errors import AiccError


class ActionRunner:
    """Carries proposals out, with the record kept in the order that makes it trustworthy.

    ``store`` keeps what changes something; without one it is kept in memory and forgotten with the process.
    """

    def __init__(
        self,
        port: ActionPort,
        *,
        store: ActionStore | None = None,
        journal_timeout: float = 2.0,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._port = port
        self._store = store or MemoryActionStore()
        self._dispatcher = Dispatcher(port, self._store, now=now)
        self._journal_timeout = journal_timeout
        self._now = now
        self._running: dict[str, asyncio.Task[Outcome]] = {}

    @property
    def digests(self) -> Digests:
        """Those that what it carries out is proposed with."""
        return self._store.digests

    async def offer(self, proposal: Proposal, journal: Journal) -> Permission:
        """Write down what will be read back to the caller, if the policy allows it at all.

        Whoever does not offer a proposal before running it gets the same answer, but only then.
        """
        broken = violations(proposal.action.arguments, dict(proposal.arguments))
        permission = Permission(False, "; ".join(broken))
        if not broken:
            permission = await self._dispatcher.permission(proposal.action, proposal.standing, proposal.arguments)
        if permission.granted:
            entered = await self._entered(proposal, journal)
            return permission if entered else Permission(False, "the proposal could not be written down")
        if await self._stands(journal, "action.proposed", _proposed(proposal, [permission.why])):
            await self._concluded(proposal, journal, _about(proposal), refused(permission))
        return permission

    async def learned(self, proposal: Proposal, journal: Journal) -> Outcome | None:
        """What was found out since about a change of which nobody knew what became of it, written down; None as long as
        nobody knows."""
        try:
            intent = await self._store.get(proposal.id)
        except AiccError:
            return None
        outcome = None if intent is None else intent.outcome
        if outcome is None or isinstance(outcome, Unknown):
            return None
        kind, payload = _event(proposal.action, outcome)
        told = await self._stands(journal, "action.reconciled", {**_about(proposal), "outcome": kind, **payload})
        return outcome if told else None

    async def withdraw(self, proposal: Proposal, journal: Journal, why: str) -> None:
        """Let a proposal never be confirmed any more: the caller said no, corrected something, or let it be.

        ``why`` holds his words. What was confirmed already stays as it is.
        """
        try:
            if await self._store.get(proposal.id) is None:
                await self._store.enter(intent_of(proposal), self._now())
            await self._store.withdraw(proposal.id, why, self._now())
        except IntentMoved:
            return
        except AiccError:
            pass  # nobody will confirm it: it is not asked for again, and its time runs out
        await self._stands(journal, "action.declined", {**_about(proposal), "words": why})

    async def run(
        self,
        proposal: Proposal,
        journal: Journal,
        confirmation: Confirmation | None = None,
        *,
        standing: Standing | None = None,
    ) -> Outcome:
        """Carry ``proposal`` out and record it. ``standing`` is the caller's now; by default that of the proposal.

        Events: ``action.proposed``, for a change ``action.confirmed``, and ``action.started`` stand before anything
        leaves the house; then ``action.succeeded``, ``action.failed`` or ``action.unknown`` stands before this returns.
        If one of the first cannot be recorded, nothing is done (``Failed``, not recorded); if the last cannot, the
        outcome is ``Unknown``. A change that is not confirmed, or not permitted any more, is not done (``Failed``).
        """
        if proposal.action.risk is Risk.READ_ONLY:
            return await self._read(proposal, journal, standing or proposal.standing)
        running = self._running.get(proposal.id)
        if running is None:
            change = self._change(proposal, journal, confirmation, standing or proposal.standing)
            running = asyncio.create_task(change, name=f"action {proposal.id}")
            self._running[proposal.id] = running
            running.add_done_callback(lambda _: self._running.pop(proposal.id, None))
        return await asyncio.shield(running)

    async def _read(self, proposal: Proposal, journal: Journal, standing: Standing) -> Outcome:
        about, broken = _about(proposal), violations(proposal.action.arguments, dict(proposal.arguments))
        if not await self._stands(journal, "action.proposed", _proposed(proposal, broken)):
            return Failed(FailureKind.NOT_RECORDED, "the proposal was not acknowledged by the ledger", attempts=0)
        if broken:
            return await self._concluded(
                proposal, journal, about, Failed(FailureKind.INVALID, "; ".join(broken), attempts=0)
            )
        if not await self._stands(journal, "action.started", about):
            return Failed(FailureKind.NOT_RECORDED, "its start was not acknowledged by the ledger", attempts=0)
        began = monotonic()
        outcome = await self._looked_up(proposal, standing)
        return await self._concluded(proposal, journal, {**about, "seconds": round(monotonic() - began, 4)}, outcome)

    async def _looked_up(self, proposal: Proposal, standing: Standing) -> Outcome:
        """What is read, if the caller may have it: whose it is often shows only then."""
        permission = may_act(proposal.action, standing)
        if not permission.granted:
            return refused(permission)
        outcome = await self._port.perform(proposal.action, proposal.arguments, key=proposal.key)
        if isinstance(outcome, Succeeded):
            permission = decide(proposal.action, standing, proposal.arguments, outcome.result)
        return outcome if permission.granted else refused(permission)

    async def _change(
        self, proposal: Proposal, journal: Journal, confirmation: Confirmation | None, standing: Standing
    ) -> Outcome:
        try:
            earlier = await self._store.get(proposal.id)
        except AiccError as error:
            return Failed(FailureKind.NOT_RECORDED, f"what was done before cannot be read: {error}", attempts=0)
        if earlier is not None and earlier.state is not State.PROPOSED:
            return first_outcome(earlier)
        about, broken = _about(proposal), violations(proposal.action.arguments, dict(proposal.arguments))
        if earlier is None and not await self._entered(proposal, journal, broken):
            return Failed(FailureKind.NOT_RECORDED, "the proposal could not be written down", attempts=0)
        refusal = _refusal(proposal, confirmation, broken, self._now(), self.digests)
        if refusal is not None or confirmation is None:
            assert refusal is not None, "without a confirmation there is a doubt"
            return await self._concluded(proposal, journal, about, refusal)
        confirmed = {**about, "turn": confirmation.turn, "words": confirmation.evidence}
        for kind, payload in (("action.confirmed", confirmed), ("action.started", about)):
            if not await self._stands(journal, kind, payload):
                return Failed(FailureKind.NOT_RECORDED, f"{kind} was not acknowledged by the ledger", attempts=0)
        began = monotonic()
        outcome = await self._confirmed(proposal, confirmation, standing)
        return await self._concluded(proposal, journal, {**about, "seconds": round(monotonic() - began, 4)}, outcome)

    async def _confirmed(self, proposal: Proposal, confirmation: Confirmation, standing: Standing) -> Outcome:
        try:
            intent = await self._store.confirm(proposal.id, confirmation, self._now())
        except IntentMoved:
            return Unknown("somebody else has confirmed it", attempts=0)
        except AiccError as error:
            return Unknown(f"its confirmation could not be written down for certain: {error}", attempts=0)
        return await self._dispatcher.carry_out(proposal.action, intent, standing)

    async def _entered(self, proposal: Proposal, journal: Journal, broken: Sequence[str] = ()) -> bool:
        """Whether the proposal stands in the record of the call and in the store."""
        if not await self._stands(journal, "action.proposed", _proposed(proposal, broken)):
            return False
        try:
            await self._store.enter(intent_of(proposal), self._now())
        except AiccError:
            return False
        return True

    async def _concluded(
        self, proposal: Proposal, journal: Journal, about: dict[str, object], outcome: Outcome
    ) -> Outcome:
        kind, payload = _event(proposal.action, outcome)
        if await self._stands(journal, kind, {**about, **payload}):
            return outcome
        return Unknown("its outcome was not acknowledged by the ledger", attempts=outcome.attempts)

    async def _stands(self, journal: Journal, kind: str, payload: Mapping[str, object]) -> bool:
        try:
            async with asyncio.timeout(self._journal_timeout):
                await journal.record(kind, payload)
        except (AiccError, TimeoutError):
            return False
        return True


def first_outcome(intent: Intent) -> Outcome:
    """What is told of an intent that was confirmed or withdrawn before."""
    if intent.state is State.WITHDRAWN:
        return Failed(FailureKind.NOT_CONFIRMED, "it was withdrawn", attempts=0)
    return intent.outcome or Unknown("it is being carried out", attempts=0)


def _refusal(
    proposal: Proposal, confirmation: Confirmation | None, broken: list[str], now: datetime, digests: Digests
) -> Failed | None:
    if broken:
        return Failed(FailureKind.INVALID, "; ".join(broken), attempts=0)
    doubts = doubt(proposal, confirmation, now, digests)
    if doubts is not None:
        return Failed(FailureKind.NOT_CONFIRMED, doubts, attempts=0)
    return None if proposal.permission.granted else refused(proposal.permission)


def _about(proposal: Proposal) -> dict[str, object]:
    return {"action": proposal.digest[:16], "name": proposal.action.id, "key": proposal.key}


def _proposed(proposal: Proposal, broken: Sequence[str]) -> dict[str, object]:
    return {
        **_about(proposal),
        "proposal": proposal.id,
        "arguments": _told(proposal.action, proposal.arguments),
        "risk": proposal.action.risk.value,
        "turns": list(proposal.evidence),
        "problems": list(broken),
    }


def _told(action: Action, values: Mapping[str, object]) -> dict[str, object]:
    """Arguments or results as the record of the call may hold them."""
    return {name: MASK if name in action.secret else value for name, value in values.items()}


def _event(action: Action, outcome: Outcome) -> tuple[str, dict[str, object]]:
    match outcome:
        case Succeeded():
            return "action.succeeded", {"result": _told(action, outcome.result), "attempts": outcome.attempts}
        case Failed():
            return "action.failed", {
                "error": outcome.kind.value,
                "detail": outcome.detail,
                "attempts": outcome.attempts,
            }
        case Unknown():
            return "action.unknown", {"error": "unknown", "detail": outcome.detail, "attempts": outcome.attempts}
        case _:
            assert_never(outcome)
