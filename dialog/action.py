"""Business actions: what they are, and what their carrying out can come to.

An action is described once, by the tenant. Carrying it out has exactly three outcomes: it succeeded, it certainly
did not happen, or nobody knows.

The record that must stand before an outcome is told, and the transport that really reaches a back end, are named
here and provided by others.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

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
