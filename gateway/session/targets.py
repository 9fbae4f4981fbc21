"""Where a tenant's calls may be moved to, as ``transfers:`` of its ``tenant.yaml`` says: nothing else is ever dialled.

Refuses: what the toll rules allow (``gateway/outbound/toll.py``), and the ladder of ways (``transfer.py``).
"""

from __future__ import annotations

import re
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from gateway.session.destination import Destination, NoDestination, read_destination

_HEADER = re.compile(r"X-[A-Za-z0-9-]{1,60}", re.ASCII)
_VALUE = re.compile(r"[\x20-\x7e]{0,250}", re.ASCII)


class Way(StrEnum):
    """How a call is moved."""

    REFER = "refer"
    """The network is asked to call the target itself; we are out."""
    ATTENDED = "attended"
    """We call the target and tell who calls; then the network joins the two, and we are out."""
    BRIDGE = "bridge"
    """We call the target and stay between the two: recording, recognition and help go on."""
    PROVIDER = "provider"
    """The platform behind the caller's wire moves the call by its own means."""


DIALLED = frozenset({Way.REFER, Way.ATTENDED, Way.BRIDGE})
"""Ways that need an address; the platform's own may go by any word."""


class Acceptance(StrEnum):
    """What whoever answers has to do before the caller is with them."""

    NONE = "none"
    KEY = "key"
    """They press 1: a voicemail box answers too."""


class Otherwise(StrEnum):
    """What comes when all ways have failed."""

    ASK = "ask"
    CALLBACK = "callback"
    VOICEMAIL = "voicemail"
    DESK = "desk"


class Settled(StrEnum):
    """When a call that the network moves counts as moved."""

    ACCEPTED = "accepted"
    """The network took the order."""
    ANSWERED = "answered"
    """The target has answered, or the caller's leg has gone; else the next way is tried."""


class Afterwards(StrEnum):
    """What becomes of a caller when the target hangs up a bridge."""

    ASK = "ask"
    """The bot asks whether there is anything else."""
    END = "end"


class Target(BaseModel):
    """A destination. ``name`` is what agents see and callers hear, by language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: dict[str, str] = Field(min_length=1)
    to: str = Field(min_length=1)
    ways: tuple[Way, ...] = Field(default=(Way.REFER, Way.BRIDGE), min_length=1)
    provider_to: str = ""
    """The platform's own word for it; empty: ``to``."""
    ring_seconds: float = Field(default=25.0, ge=5, le=120)
    accept: Acceptance = Acceptance.NONE
    settled: Settled = Settled.ACCEPTED
    headers: dict[str, str] = Field(default={}, max_length=16)
    otherwise: Otherwise = Otherwise.ASK
    afterwards: Afterwards = Afterwards.ASK

    @field_validator("ways")
    @classmethod
    def _each_once(cls, ways: tuple[Way, ...]) -> tuple[Way, ...]:
        if len(set(ways)) != len(ways):
            raise ValueError("each way is tried once: name it once")
        return ways

    @field_validator("headers")
    @classmethod
    def _harmless(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if not _HEADER.fullmatch(name):
                raise ValueError(f"{name!r} is no header of yours: its name begins with X-, letters, digits, hyphens")
            if not _VALUE.fullmatch(value):
                raise ValueError(f"the value of {name} may hold 250 printable characters of ASCII")
        return headers

    @model_validator(mode="after")
    def _reachable(self) -> Target:
        if DIALLED.intersection(self.ways):
            try:
                read_destination(self.to)
            except NoDestination as error:
                raise ValueError(f"to: {self.to!r} cannot be called: {error}") from error
        return self

    def address(self, handoff: str) -> Destination:
        """Where it is called for a hand-off. Raises ``NoDestination``."""
        return read_destination(self.to).of(handoff)

    def called(self, language: str) -> str:
        """Its name in a language; any where it has none in that one."""
        return self.name.get(language) or next(iter(self.name.values()))


class Toll(BaseModel):
    """What calls of ours to targets may cost. Without it none is ever made, and no network is asked to make one.

    ``prefixes``: beginnings of numbers (``+82``), and addresses of our own exchanges (``sip:*@pbx.example``). A range
    that is dear everywhere is only allowed by a prefix that lies in it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    prefixes: tuple[str, ...] = Field(min_length=1)
    at_once: int = Field(default=10, ge=1, le=1_000)
    minutes_per_day: float = Field(default=600.0, gt=0)
    longest_minutes: float = Field(default=60.0, gt=0, le=1_440)

    @field_validator("prefixes")
    @classmethod
    def _known(cls, prefixes: tuple[str, ...]) -> tuple[str, ...]:
        for prefix in prefixes:
            if not _PREFIX.fullmatch(prefix):
                raise ValueError(f"{prefix!r} is neither the beginning of a number (+82) nor sip:*@host")
        return prefixes


_PREFIX = re.compile(r"\+[1-9][0-9]{0,14}|sips?:\*@[a-z0-9\[\]:.-]{1,190}", re.ASCII)
