"""Commands: the only thing an understander may emit, whatever it is made of.

Each says how surely it was understood, which words say so and who read them, because the arbiter lets nothing stand
that is not in the caller's own words.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

from dialog.reply import Manner
from dialog.turn import MASK


class Source(StrEnum):
    """Who read a command out of a turn. Parsers and keys are deterministic and win over heads and models."""

    KEYS = "keys"
    PARSER = "parser"
    HEAD = "head"
    MODEL = "model"
    SESSION = "session"

    @property
    def deterministic(self) -> bool:
        """Whether the same words always give the same command."""
        return self in {Source.KEYS, Source.PARSER, Source.SESSION}


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that say it, and the characters ``start:end`` of the turn's text (or keys) where they stand."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What every command carries: ``confidence`` in 0..1 that the caller meant it, its ``evidence`` and ``source``."""

    confidence: float
    evidence: Evidence
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class AskKnowledge(Understood):
    """The caller asks something that the enterprise's documents may answer."""

    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartFlow(Understood):
    """The caller wants something done that a flow does."""

    flow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSlot(Understood):
    """The caller gives a value that a flow needs; for digits it may be the first part of them."""

    slot: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectSlot(Understood):
    """The caller replaces (the end of) a value that he gave before."""

    slot: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotKnown(Understood):
    """The caller does not have the value that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Affirm(Understood):
    """Yes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deny(Understood):
    """No."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose(Understood):
    """The caller picks one of the topics that were offered, counted from 0."""

    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel(Understood):
    """The caller no longer wants what is being done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat(Understood):
    """The caller did not catch what was said; ``manner`` is how they ask to be spoken to from now on."""

    manner: Manner | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallTalk(Understood):
    """Something said for politeness; ``kind`` names the template that answers it."""

    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Goodbye(Understood):
    """The caller is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver(Understood):
    """The caller wants a human."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoInput(Understood):
    """The caller said nothing for as long as we were willing to wait."""


Command = (
    AskKnowledge
    | StartFlow
    | SetSlot
    | CorrectSlot
    | NotKnown
    | Affirm
    | Deny
    | Choose
    | Cancel
    | Repeat
    | SmallTalk
    | Goodbye
    | HandOver
    | NoInput
)


_SAID = frozenset({"value", "query"})
"""Fields that hold what the caller said."""


def describe(command: Command, *, secret: bool = False) -> dict[str, object]:
    """A command as plain data for the record of the call; of what was said as a ``secret`` neither words nor values."""
    values: dict[str, object] = {"command": type(command).__name__}
    for field in fields(command):
        value = getattr(command, field.name)
        match value:
            case Evidence():
                values["evidence"] = MASK if secret else value.text
            case _ if secret and field.name in _SAID:
                values[field.name] = MASK
            case float():
                values[field.name] = round(value, 4)
            case _:
                values[field.name] = value
    return values
