"""What a tenant allows to be done, for whom and how far: rules as data, and what is decided by them.

The rules of an action stand in the tenant's ``actions.yaml``; ``dialog.policy`` evaluates them. Nothing here acts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Identity(IntEnum):
    """How sure it is who calls. Each level includes those before it."""

    NONE = 0
    CLAIMED = 1
    """Somebody says who they are, and nothing shows that it is so."""
    KNOWLEDGE = 2
    """Questions were answered that the customer can answer."""
    CODE = 3
    """A code was given back that was sent to the customer a moment ago."""


class Refusal(StrEnum):
    """Why something may not be done."""

    HANDED_OVER = "handed_over"
    IDENTITY = "identity"
    OWNER = "owner"
    STATE = "state"
    AMOUNT = "amount"
    REASON = "reason"
    RECORD = "record"
    """The record that decides it could not be read."""
    TOO_OFTEN = "too_often"
    UNRESOLVED = "unresolved"
    """The same is under way, or nobody knows what became of it."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that a number among the arguments may be: a number, or that which stands in a field of the record."""

    most: float | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Sureness:
    """How sure (0..1) it must be that an action is meant (``intent``), and each value that it takes (``slot``), before
    it is even proposed; what is less sure is asked about first."""

    intent: float = 0.45
    slot: float = 0.5


@dataclass(frozen=True, slots=True)
class Rules:
    """Under which conditions an action may be carried out.

    ``owner`` names the field of the record that must be the verified customer; ``states`` maps fields of the record to
    the values that they may have; ``one_of`` maps arguments to the values that they may have; ``at_most`` maps
    arguments to their ceilings. ``per_call`` is how often in one call.
    """

    identity: Identity = Identity.NONE
    owner: str | None = None
    states: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    one_of: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    at_most: Mapping[str, Ceiling] = field(default_factory=dict)
    per_call: int | None = None
    sure: Sureness = field(default_factory=Sureness)

    @property
    def needs_record(self) -> bool:
        """Whether the record must be read to decide."""
        return bool(self.owner or self.states or any(ceiling.field for ceiling in self.at_most.values()))


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the conversation that wants something done.

    ``customer`` is who calls, as far as ``identity`` makes it sure.
    """

    handed_over: bool = False
    identity: Identity = Identity.NONE
    customer: str | None = None


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether it may be done; ``why`` says why not, for people who run the service; ``refusal`` for the dialog."""

    granted: bool
    why: str = ""
    refusal: Refusal | None = None
