"""Business actions: what they are, and what their carrying out can come to.

An action is described once, by the tenant. What would be done is frozen in a proposal; what changes something needs
the caller's confirmation of exactly that proposal. Carrying it out has exactly three outcomes: it succeeded, it
certainly did not happen, or nobody knows.

The record that must stand before an outcome is told, and the transport that really reaches a back end, are named
here and provided by others.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol
from urllib.parse import urlsplit

from dialog.actions.digests import UNKEYED, Digests
from dialog.actions.rules import Permission, Refusal, Rules, Standing
from dialog.schema import canonical

VALID_FOR = 120.0
"""Seconds that a proposal may be confirmed in, unless told otherwise."""

_PROPOSALS = uuid.UUID("7a2f8f0e-3b5c-5d1e-9a44-5a1f0c9be6d1")
_KEYS = uuid.UUID("0c7d1c0e-6a55-5b0e-8f7e-3d8e1f6f2b11")
"""Under which proposals' ids and idempotency keys are derived; changing these would make every past one new."""

_GRANTED = Permission(True)
_ANYBODY = Standing()


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


class Via(StrEnum):
    """How a service is reached."""

    HTTP = "http"
    SQL = "sql"
    PYTHON = "python"
    MAIL = "mail"
    CODE = "code"
    CALLS = "calls"
    MCP = "mcp"
    MEMORY = "memory"


_VIA = {
    "http": Via.HTTP,
    "https": Via.HTTP,
    "mcp+http": Via.MCP,
    "mcp+https": Via.MCP,
    "postgresql": Via.SQL,
    "python": Via.PYTHON,
    "smtp": Via.MAIL,
    "smtps": Via.MAIL,
    "code": Via.CODE,
    "calls": Via.CALLS,
    "memory": Via.MEMORY,
}


@dataclass(frozen=True, slots=True)
class Service:
    """A back end: where it is (``url``, without a slash at its end).

    ``https://…`` is reached over HTTP, ``postgresql://…`` by named SQL statements, ``python:package.module`` by the
    functions of a module, ``smtp://…`` (or ``smtps://…``) by mail, ``mcp+https://…`` by the tools of an MCP server;
    ``code:`` are the one-time codes that we sent, ``calls:`` the calls that we are to make by ourselves,
    ``memory:`` what we remember of customers.
    """

    id: str
    url: str

    @property
    def via(self) -> Via:
        """How it is reached. Raises ``KeyError`` for a URL of another kind, which no loaded service has."""
        return _VIA[urlsplit(self.url).scheme]


@dataclass(frozen=True, slots=True)
class Reading:
    """A look at the system of record: which action reads, and what it is asked.

    ``arguments`` maps its arguments to ``$name`` (an argument of ours), ``$key`` (our idempotency key) or a value.
    """

    action: Action
    arguments: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Proof:
    """How a look at the system of record tells what became of an action.

    It took place when every field that ``shows`` names has one of its values (``$name``: what our argument says). It
    certainly did not when the look succeeds without showing that, or finds nothing, ``settles`` seconds or more after
    the request was sent: by then whatever arrived is visible.
    """

    reading: Reading
    shows: Mapping[str, tuple[object, ...]]
    settles: float = 30.0


@dataclass(frozen=True, slots=True)
class Step:
    """One write of several: ``undo`` takes it back; without it, it is irreversible and must be the last."""

    do: Reading
    undo: Reading | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a back end can be asked to do.

    ``path`` has places for arguments (``/orders/{order_number}``); arguments that it does not name go into the query
    string, or for POST, PUT and PATCH into a JSON body. In SQL ``path`` names a statement, in Python a function, by
    mail a message, of an MCP server a tool, whose errors mean by ``refusals`` that certainly nothing was done: what
    their text says, by why that is.
    ``arguments`` and ``result`` are schemas (see ``dialog.schema``). ``timeout`` is for the whole, in seconds.
    ``record`` reads what the ``rules`` are about. Of its arguments and results, those that are ``secret`` are written
    down nowhere but where they are needed. An action with ``steps`` carries them out in order instead.
    """

    id: str
    service: Service
    method: str
    path: str
    risk: Risk
    timeout: float
    arguments: Mapping[str, object]
    result: Mapping[str, object]
    rules: Rules = field(default_factory=Rules)
    record: Reading | None = None
    proof: Proof | None = None
    steps: tuple[Step, ...] = ()
    secret: frozenset[str] = frozenset()
    refusals: Mapping[FailureKind, tuple[str, ...]] = field(default_factory=dict)


class FailureKind(StrEnum):
    """Why an action was certainly not carried out."""

    NOT_FOUND = "not_found"
    REJECTED = "rejected"
    INVALID = "invalid"
    TIMED_OUT = "timed_out"
    UNAVAILABLE = "unavailable"
    MALFORMED = "malformed"
    NOT_PERMITTED = "not_permitted"
    NOT_CONFIRMED = "not_confirmed"
    NOT_RECORDED = "not_recorded"
    NOT_DONE = "not_done"
    """The system of record shows that it did not take place."""


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
    refusal: Refusal | None = None
    """The rule of ours that forbade it, where one did."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say whether it was carried out."""

    detail: str = ""
    attempts: int = 1


Outcome = Succeeded | Failed | Unknown


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would be done, frozen: nothing of it changes between its read-back and its carrying out.

    ``arguments`` are canonical (see ``dialog.schema.canonical``) and ``digest`` is theirs and the action's. ``id`` is
    the same for the same intention; ``key`` is what back ends know it by. ``turn`` is the turn it was made in,
    ``evidence`` the turns in which the caller said what it is made of. ``permission`` is what the policy decided for
    ``standing``, at that time.
    """

    action: Action
    arguments: Mapping[str, object]
    id: str
    digest: str
    call_id: str
    turn: int
    expires_at: datetime
    evidence: tuple[int, ...] = ()
    permission: Permission = _GRANTED
    standing: Standing = _ANYBODY
    release: str = ""

    @property
    def key(self) -> str:
        """The idempotency key: one for the intention, never for the attempt."""
        return idempotency_key(self.id)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """That the caller said yes to exactly one proposal: in which turn, with which words or keys, and when."""

    proposal_id: str
    turn: int
    evidence: str
    at: datetime


class ActionPort(Protocol):
    """What really reaches the back ends."""

    async def perform(self, action: Action, arguments: Mapping[str, object], *, key: str) -> Outcome:
        """Carry the action out within its time. Every failure comes back as an outcome; nothing is raised."""

    async def close(self) -> None:
        """Give connections back."""


def propose(
    action: Action,
    arguments: Mapping[str, object],
    *,
    call_id: str,
    turn: int,
    evidence: tuple[int, ...] = (),
    permission: Permission = _GRANTED,
    standing: Standing = _ANYBODY,
    release: str = "",
    now: datetime | None = None,
    valid_for: float = VALID_FOR,
    digests: Digests = UNKEYED,
) -> Proposal:
    """Freeze what would be done. Its id is derived from the intention (call, turn, action, arguments), never drawn.
    ``digests`` are those of the store that is to keep it."""
    frozen = canonical(action.arguments, dict(arguments))
    assert isinstance(frozen, dict), "what is canonical of a mapping is one"
    digest = digests.of(action.id, frozen)
    return Proposal(
        action=action,
        arguments=MappingProxyType(frozen),
        id=str(uuid.uuid5(_PROPOSALS, f"{call_id}/{turn}/{digest}")),
        digest=digest,
        call_id=call_id,
        turn=turn,
        expires_at=(now or datetime.now(UTC)) + timedelta(seconds=valid_for),
        evidence=evidence or (turn,),
        permission=permission,
        standing=standing,
        release=release,
    )


def lost(action: Action, kind: FailureKind, detail: str) -> Outcome:
    """What an answer that never came means: when it only reads, nothing happened; of a change, nobody knows."""
    return Failed(kind, detail) if action.risk is Risk.READ_ONLY else Unknown(detail)


def idempotency_key(intent: str) -> str:
    """What back ends know an intent by; the same for ever."""
    return str(uuid.uuid5(_KEYS, intent))


def doubt(
    proposal: Proposal, confirmation: Confirmation | None, now: datetime, digests: Digests = UNKEYED
) -> str | None:
    """Why ``confirmation`` does not allow ``proposal`` to be carried out at ``now``; None when it does. ``digests`` are
    those that it was proposed with.

    That it is used only once is kept by the store.
    """
    if confirmation is None:
        return "nobody has confirmed it"
    if confirmation.proposal_id != proposal.id:
        return "what was confirmed is another proposal"
    if digests.of(proposal.action.id, proposal.arguments) != proposal.digest:
        return "it is no longer what was read back"
    if confirmation.turn <= proposal.turn:
        return "it was not confirmed after it was read back"
    if not confirmation.evidence.strip():
        return "nothing shows that it was confirmed"
    if max(confirmation.at, now) > proposal.expires_at:
        return "its time to be confirmed is over"
    return None
