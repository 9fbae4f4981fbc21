"""Business actions: what they are, and the record that must stand before their outcome is told.

An action is described once, by the tenant. Carrying it out has exactly three outcomes: it succeeded, it certainly
did not happen, or nobody knows. The runner writes the intention down, and waits until that record stands, before
anything leaves the house; and writes the outcome down, and waits again, before anyone may say "done". Where the
record does not stand, the outcome is unknown and a human goes on.

The transport that really calls a back end is chosen by the composition root; this module names what it needs.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from asyncio import timeout
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic
from typing import Protocol, assert_never

from dialog.schema import violations
from infra.errors import AiccError

_INTENT_NAMESPACE = uuid.UUID("7a2f8f0e-3b5c-5d1e-9a44-5a1f0c9be6d1")
"""Under which idempotency keys are derived; changing it would make every past key new."""


class Journal(Protocol):
    """The durable record of one call, as the dialog needs it."""

    async def record(self, kind: str, payload: Mapping[str, object]) -> None:
        """Append an event and return only when it is acknowledged by the ledger.

        Raises an ``AiccError`` when the ledger does not acknowledge in time: then the action must not be confirmed.
        """


class Risk(StrEnum):
    """What can go wrong when an action is carried out by mistake."""

    READ_ONLY = "read_only"
    REVERSIBLE = "reversible"
    IRREVERSIBLE = "irreversible"


@dataclass(frozen=True, slots=True)
class Service:
    """A back end: where it is (``url``, without a slash at its end)."""

    id: str
    url: str


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a back end can be asked to do.

    ``path`` has places for arguments (``/orders/{order_number}``); arguments that it does not name go into the query
    string. ``arguments`` and ``result`` are schemas (see ``dialog.schema``). ``timeout`` is for the whole, in seconds.
    """

    id: str
    service: Service
    method: str
    path: str
    risk: Risk
    timeout: float
    arguments: Mapping[str, object]
    result: Mapping[str, object]


class FailureKind(StrEnum):
    """Why an action was certainly not carried out."""

    NOT_FOUND = "not_found"
    REJECTED = "rejected"
    INVALID = "invalid"
    TIMED_OUT = "timed_out"
    UNAVAILABLE = "unavailable"
    MALFORMED = "malformed"
    NOT_PERMITTED = "not_permitted"
    NOT_RECORDED = "not_recorded"


@dataclass(frozen=True, slots=True)
class Succeeded:
    """It was carried out; ``result`` fits the action's schema and holds nothing beyond it."""

    result: Mapping[str, object]
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Failed:
    """It was certainly not carried out. ``detail`` is for people who run the service, never for callers."""

    kind: FailureKind
    detail: str = ""
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say whether it was carried out."""

    detail: str = ""
    attempts: int = 1


Outcome = Succeeded | Failed | Unknown


@dataclass(frozen=True, slots=True)
class Proposal:
    """An action with the arguments that it would be carried out with. ``key`` is the same for the same intention."""

    action: Action
    arguments: Mapping[str, str]
    key: str
    digest: str = field(default="")


class ActionPort(Protocol):
    """What really reaches the back ends."""

    async def perform(self, action: Action, arguments: Mapping[str, str], *, key: str) -> Outcome:
        """Carry the action out within its time. Every failure comes back as an outcome; nothing is raised."""

    async def close(self) -> None:
        """Give connections back."""


def propose(action: Action, arguments: Mapping[str, str], *, call_id: str, turn: int) -> Proposal:
    """Freeze what would be done. The key is derived from the intention (call, turn, action, arguments), never drawn."""
    canonical = json.dumps({"action": action.id, "arguments": dict(arguments)}, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = str(uuid.uuid5(_INTENT_NAMESPACE, f"{call_id}/{turn}/{digest}"))
    return Proposal(action, dict(arguments), key, digest)


class ActionRunner:
    """Carries proposals out, with the record kept in the order that makes it trustworthy."""

    def __init__(self, port: ActionPort, *, journal_timeout: float = 2.0) -> None:
        self._port = port
        self._journal_timeout = journal_timeout

    async def run(self, proposal: Proposal, journal: Journal) -> Outcome:
        """Carry ``proposal`` out and record it.

        Events: ``action.proposed`` and ``action.started`` stand before anything leaves the house; then
        ``action.succeeded``, ``action.failed`` or ``action.unknown`` stands before this returns. If the first cannot be
        recorded, nothing is done (``Failed``, not recorded); if the last cannot, the outcome is ``Unknown``.
        """
        action = proposal.action
        about: dict[str, object] = {"action": proposal.digest[:16], "name": action.id, "key": proposal.key}
        broken = violations(action.arguments, dict(proposal.arguments))
        proposed = {**about, "arguments": dict(proposal.arguments), "risk": action.risk.value, "problems": broken}
        if not await self._stands(journal, "action.proposed", proposed):
            return Failed(FailureKind.NOT_RECORDED, "the proposal was not acknowledged by the ledger", attempts=0)
        if broken:
            return await self._concluded(journal, about, Failed(FailureKind.INVALID, "; ".join(broken), attempts=0))
        if not await self._stands(journal, "action.started", about):
            return Failed(FailureKind.NOT_RECORDED, "its start was not acknowledged by the ledger", attempts=0)
        began = monotonic()
        outcome = await self._port.perform(action, proposal.arguments, key=proposal.key)
        return await self._concluded(journal, {**about, "seconds": round(monotonic() - began, 4)}, outcome)

    async def _concluded(self, journal: Journal, about: dict[str, object], outcome: Outcome) -> Outcome:
        kind, payload = _event(outcome)
        if await self._stands(journal, kind, {**about, **payload}):
            return outcome
        return Unknown("its outcome was not acknowledged by the ledger", attempts=outcome.attempts)

    async def _stands(self, journal: Journal, kind: str, payload: Mapping[str, object]) -> bool:
        try:
            async with timeout(self._journal_timeout):
                await journal.record(kind, payload)
        except (AiccError, TimeoutError):
            return False
        return True


def _event(outcome: Outcome) -> tuple[str, dict[str, object]]:
    match outcome:
        case Succeeded():
            return "action.succeeded", {"result": dict(outcome.result), "attempts": outcome.attempts}
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
