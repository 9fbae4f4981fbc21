"""What can happen to a flow, and what can follow from it: the alphabet of its reducer.

Events are all that a flow's state is made of, so whoever keeps them can replay it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dialog.reply import EscalationReason


@dataclass(frozen=True, slots=True)
class ValueHeard:
    """The caller gave (part of) a value, with the confidence (0..1) that it was heard right; ``corrected`` when it
    replaces (the end of) what was said before."""

    slot: str
    value: str
    confidence: float
    keyed: bool = False
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class Started:
    """The flow begins, perhaps with values that were given along with the wish."""

    given: tuple[ValueHeard, ...] = ()


@dataclass(frozen=True, slots=True)
class ValuesHeard:
    """The caller gave one or several values in one turn."""

    given: tuple[ValueHeard, ...]


@dataclass(frozen=True, slots=True)
class Agreed:
    """Yes, to what was asked or read back."""


@dataclass(frozen=True, slots=True)
class Refused:
    """No, to what was asked or read back."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The caller wants none of it any more."""


@dataclass(frozen=True, slots=True)
class ValueNotKnown:
    """The caller does not have the value."""


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Something was said that does not help the flow."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """Something came between: a digression, a silence, too much time. What was read back no longer stands."""


@dataclass(frozen=True, slots=True)
class ActionSucceeded:
    """The action was carried out, with this result."""

    result: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ActionNotFound:
    """The back end knows nothing under the given values."""


@dataclass(frozen=True, slots=True)
class ActionRejected:
    """The back end will not do it."""


@dataclass(frozen=True, slots=True)
class ActionDenied:
    """Our own rules do not allow it; ``again`` when that happened before in this conversation."""

    again: bool = False


@dataclass(frozen=True, slots=True)
class ActionNotConfirmed:
    """The yes came too late, or to something else: nothing was done."""


@dataclass(frozen=True, slots=True)
class ActionFailed:
    """The action was certainly not carried out."""


@dataclass(frozen=True, slots=True)
class ActionUnknown:
    """Nobody can say whether the action was carried out, or its record does not stand."""


Outcome = (
    ActionSucceeded | ActionNotFound | ActionRejected | ActionDenied | ActionNotConfirmed | ActionFailed | ActionUnknown
)
OUTCOMES = (
    ActionSucceeded,
    ActionNotFound,
    ActionRejected,
    ActionDenied,
    ActionNotConfirmed,
    ActionFailed,
    ActionUnknown,
)
Event = Started | ValuesHeard | Agreed | Refused | Cancelled | ValueNotKnown | NotUnderstood | Resumed | Outcome


@dataclass(frozen=True, slots=True)
class AskWish:
    """Ask whether this is what the caller wants at all."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for a slot's value; ``again`` says that it did not work the first time."""

    slot: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class AskRest:
    """Take what was said so far and ask for the rest."""

    slot: str
    so_far: str


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Say the value and ask whether it is right."""

    slot: str
    value: str


@dataclass(frozen=True, slots=True)
class Act:
    """Carry out an action that changes nothing, or the one that was just confirmed."""

    action: str
    arguments: Mapping[str, object]
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Propose:
    """Freeze what would be done, read it back and ask for a yes."""

    action: str
    arguments: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Tell:
    """Say one of the flow's texts with what is known."""

    text: str


@dataclass(frozen=True, slots=True)
class TellNotFound:
    """Say that nothing was found under ``value`` and ask for the slot again."""

    slot: str
    value: str


@dataclass(frozen=True, slots=True)
class TellInvalid:
    """Say why the value will not do and ask for another."""

    slot: str
    value: str


@dataclass(frozen=True, slots=True)
class TellCancelled:
    """Say that it was dropped, and that it is over."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The flow is over: ask whether there is anything else."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """A human must go on."""

    reason: EscalationReason


Effect = (
    AskWish
    | Ask
    | AskRest
    | ReadBack
    | Act
    | Propose
    | Tell
    | TellNotFound
    | TellInvalid
    | TellCancelled
    | Finished
    | GiveUp
)
