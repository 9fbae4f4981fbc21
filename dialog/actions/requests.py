"""Actions that are asked for outside of a conversation's flow: by a program, or by an agent at the desk.

*Propose is not commit* holds for both as it does for callers. What only reads is done at once. What changes something
is frozen as a proposal, and nothing else happens; a later confirmation commits it once. Both go through the same
runner, store, policy and proof as in a conversation, and both stand in the record of the contact they are made in.

Refuses: values that a caller could not have given, proposals of another contact, and those of another release that
nobody has confirmed yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from dialog.actions.action import Action, Confirmation, Journal, Outcome, Proposal, Risk, propose
from dialog.actions.intent import Intent, State
from dialog.actions.read_back import beyond_limits
from dialog.actions.rules import Permission, Standing
from dialog.actions.runner import ActionRunner, first_outcome
from dialog.actions.store import ActionStore
from dialog.clock import utc_now
from dialog.releases.release import Release
from dialog.schema import canonical, violations

MOST_OF_A_NAME = 40
"""Characters of an unknown argument's name that are told back."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, on what ``standing``, in which ``turn`` of which contact (``call_id``), and where that is recorded."""

    name: str
    standing: Standing
    call_id: str
    turn: int
    journal: Journal


@dataclass(frozen=True, slots=True)
class Requests:
    """The requests for one tenant's actions. ``runner`` and ``store`` are those of the tenant's actions."""

    release: Release
    runner: ActionRunner
    store: ActionStore
    now: Callable[[], datetime] = utc_now

    def check(self, action: Action, arguments: Mapping[str, object]) -> tuple[Mapping[str, object], list[str]]:
        """Arguments in their canonical form, and what keeps them from being taken."""
        given, broken = fitting(action.arguments, arguments)
        local = self.now().astimezone(ZoneInfo(self.release.tenant.time_zone)).replace(tzinfo=None)
        return given, broken or beyond_limits(self.release, action, given, local)

    async def ask(self, action: Action, given: Mapping[str, object], asker: Asker) -> Proposal | Permission | Outcome:
        """What has become of a request with arguments that were checked: of one that reads its outcome; of a change the
        proposal to be confirmed, or the permission that was not granted."""
        proposal = propose(
            action,
            given,
            call_id=asker.call_id,
            turn=asker.turn,
            standing=asker.standing,
            release=self.release.id,
            now=self.now(),
            digests=self.runner.digests,
        )
        if action.risk is Risk.READ_ONLY:
            return await self.runner.run(proposal, asker.journal)
        permission = await self.runner.offer(proposal, asker.journal)
        return proposal if permission.granted else permission

    async def kept(self, proposal: str, actions: Mapping[str, Action], contact: str) -> Proposal | None:
        """A proposal for one of these actions that was made in a contact whose id begins with ``contact``, on whatever
        node, as it was frozen then. One of another release counts only for what has become of it."""
        intent = await self.store.get(proposal)
        action = None if intent is None else actions.get(intent.action)
        if intent is None or action is None or not intent.call_id.startswith(contact):
            return None
        if intent.state is State.PROPOSED and intent.release != self.release.id:
            return None
        return _frozen(intent, action)

    async def confirm(self, proposal: Proposal, asker: Asker, words: str) -> Outcome:
        """Commit a proposal; again: the first outcome. ``words`` are the evidence that it was agreed to."""
        later = max(asker.turn, proposal.turn + 1)  # another node may have made it, in a contact of its own
        confirmation = Confirmation(proposal.id, later, f"{asker.name}: {words}", self.now())
        return await self.runner.run(proposal, asker.journal, confirmation, standing=asker.standing)

    async def withdraw(self, proposal: Proposal, asker: Asker, words: str) -> Outcome | None:
        """Let a proposal never be confirmed; None once it is withdrawn, else the outcome that it had before."""
        await self.runner.withdraw(proposal, asker.journal, f"{asker.name}: {words}")
        intent = await self.store.get(proposal.id)
        return None if intent is None or intent.state is State.WITHDRAWN else first_outcome(intent)


def fitting(schema: Mapping[str, object], arguments: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    """Arguments in their canonical form, and how they break ``schema``; what it does not name breaks it."""
    properties = schema.get("properties", {})
    assert isinstance(properties, Mapping), "checked when the schema was loaded"
    given = canonical(schema, dict(arguments))
    assert isinstance(given, dict), "what is canonical of a mapping is one"
    unknown = [f"/{name[:MOST_OF_A_NAME]}: is not known" for name in given if name not in properties]
    return given, unknown + violations(schema, given)


def _frozen(intent: Intent, action: Action) -> Proposal:
    """The proposal that began an intent."""
    return Proposal(
        action=action,
        arguments=MappingProxyType(dict(intent.arguments)),
        id=intent.id,
        digest=intent.digest,
        call_id=intent.call_id,
        turn=intent.turn,
        expires_at=intent.expires_at,
        evidence=intent.evidence,
        standing=intent.standing,
        release=intent.release,
    )
