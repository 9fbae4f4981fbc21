"""Flows: how something gets done in conversation, as data and a pure reducer.

``step(flow, state, event)`` gives the next state and the effects that follow; whoever carries the effects out
commits the state first. It knows no clock, no wording and no back end, so a whole dialog can be replayed from its
events.

A flow collects its slots one after the other, reads a value back when it may have been misheard, then acts, and
tells the outcome. It gives up rather than ask a third time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import assert_never

from dialog.reply import EscalationReason

MOST_FAILURES = 2
"""A caller is asked again once; the second failure goes to a human."""
MOST_EVENTS = 12
"""No flow of ours takes more turns than this to an action; a caller who needs more is not being helped."""

LEAST_PART = 3
"""Fewer digits than this are not taken for the beginning of a number."""


class SlotKind(StrEnum):
    """What kind of value a slot holds."""

    DIGITS = "digits"


@dataclass(frozen=True, slots=True)
class Slot:
    """A value that a flow needs: ``length`` digits, read back when it was heard less surely than ``confirm_below``.

    A ``secret`` one is masked wherever it would be written down.
    """

    name: str
    kind: SlotKind
    length: int
    confirm_below: float
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """A thing to get done: its slots, the action that does it, and which result field chooses the words that tell
    it."""

    id: str
    slots: tuple[Slot, ...]
    action: str
    told_by: str

    def slot(self, name: str) -> Slot:
        """The slot of that name. Raises ``KeyError``."""
        for slot in self.slots:
            if slot.name == name:
                return slot
        raise KeyError(name)


class Step(StrEnum):
    """Where a flow stands."""

    ASKING = "asking"
    CONFIRMING = "confirming"
    ACTING = "acting"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class FlowState:
    """A flow under way: the ``values`` that stand, the slot being asked for and what was said of it so far."""

    flow: str
    step: Step
    slot: str
    values: Mapping[str, str] = field(default_factory=dict)
    heard: str = ""
    """The value under confirmation, or the digits that still lack the rest."""
    failures: int = 0
    events: int = 0


@dataclass(frozen=True, slots=True)
class Started:
    """The flow begins."""


@dataclass(frozen=True, slots=True)
class ValueHeard:
    """The caller gave (part of) a value, with the confidence (0..1) that it was heard right."""

    slot: str
    value: str
    confidence: float
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class ValueCorrected:
    """The caller replaced (the end of) what he said before."""

    slot: str
    value: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Agreed:
    """Yes, to what was read back."""


@dataclass(frozen=True, slots=True)
class Refused:
    """No, to what was read back."""


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
class ActionSucceeded:
    """The action was carried out; ``case`` is the result's value that chooses the words."""

    case: str


@dataclass(frozen=True, slots=True)
class ActionNotFound:
    """The back end knows nothing under the given values."""


@dataclass(frozen=True, slots=True)
class ActionFailed:
    """The action was certainly not carried out."""


@dataclass(frozen=True, slots=True)
class ActionUnknown:
    """Nobody can say whether the action was carried out, or its record does not stand."""


Event = (
    Started
    | ValueHeard
    | ValueCorrected
    | Agreed
    | Refused
    | Cancelled
    | ValueNotKnown
    | NotUnderstood
    | ActionSucceeded
    | ActionNotFound
    | ActionFailed
    | ActionUnknown
)


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
    """Carry out the action with these arguments."""

    action: str
    arguments: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell the action's result in the words of ``case``."""

    case: str


@dataclass(frozen=True, slots=True)
class TellNotFound:
    """Say that nothing was found under ``value`` and ask for the slot again."""

    slot: str
    value: str


@dataclass(frozen=True, slots=True)
class TellCancelled:
    """Say that it was dropped."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """A human must go on."""

    reason: EscalationReason


Effect = Ask | AskRest | ReadBack | Act | Tell | TellNotFound | TellCancelled | GiveUp


def begin(flow: Flow) -> FlowState:
    """The state before the first event."""
    return FlowState(flow=flow.id, step=Step.ASKING, slot=flow.slots[0].name)


def step(flow: Flow, state: FlowState, event: Event) -> tuple[FlowState, tuple[Effect, ...]]:
    """The next state and what follows from it. An event that means nothing where the flow stands changes nothing."""
    if state.step is Step.ENDED:
        return state, ()
    counted = replace(state, events=state.events + 1)
    if counted.events > MOST_EVENTS and not isinstance(event, _OUTCOMES):
        return _give_up(counted, EscalationReason.NO_PROGRESS)
    match event:
        case Started():
            return counted, (Ask(state.slot),)
        case Cancelled():
            return replace(counted, step=Step.ENDED), (TellCancelled(),)
        case ValueNotKnown():
            return _give_up(counted, EscalationReason.NO_PROGRESS)
        case ValueHeard() | ValueCorrected() | Agreed() | Refused() | NotUnderstood():
            return _collect(flow, counted, event)
        case ActionSucceeded() | ActionNotFound() | ActionFailed() | ActionUnknown():
            return _conclude(counted, event) if state.step is Step.ACTING else (state, ())
        case _:
            assert_never(event)


_Answer = ValueHeard | ValueCorrected | Agreed | Refused | NotUnderstood
_Outcome = ActionSucceeded | ActionNotFound | ActionFailed | ActionUnknown
_OUTCOMES = (ActionSucceeded, ActionNotFound, ActionFailed, ActionUnknown)


def _collect(flow: Flow, state: FlowState, event: _Answer) -> tuple[FlowState, tuple[Effect, ...]]:
    if state.step is Step.ACTING:
        return state, ()
    match event:
        case ValueHeard():
            return _heard(flow, state, event)
        case ValueCorrected():
            return _corrected(flow, state, event)
        case Agreed() if state.step is Step.CONFIRMING:
            return _settle(flow, state, state.heard)
        case Agreed() | Refused() | NotUnderstood():
            return _failed(state)
        case _:
            assert_never(event)


def _heard(flow: Flow, state: FlowState, event: ValueHeard) -> tuple[FlowState, tuple[Effect, ...]]:
    slot = flow.slot(event.slot)
    joined = event.value
    if state.step is Step.ASKING and state.heard and len(event.value) < slot.length:
        whole = state.heard + event.value
        joined = whole if len(whole) <= slot.length else event.value
    if len(joined) == slot.length:
        sure = event.keyed or event.confidence >= slot.confirm_below
        current = replace(state, slot=slot.name)
        return _settle(flow, current, joined) if sure else _read_back(current, joined)
    if state.step is Step.CONFIRMING and len(joined) < slot.length:
        return _read_back(state, state.heard[: slot.length - len(joined)] + joined)
    if LEAST_PART <= len(joined) < slot.length:
        return replace(state, step=Step.ASKING, slot=slot.name, heard=joined), (AskRest(slot.name, joined),)
    return _failed(state)


def _corrected(flow: Flow, state: FlowState, event: ValueCorrected) -> tuple[FlowState, tuple[Effect, ...]]:
    """A corrected value is always read back: it was composed, not said in one piece."""
    slot = flow.slot(event.slot)
    if len(event.value) == slot.length:
        return _read_back(replace(state, slot=slot.name), event.value)
    if len(event.value) < slot.length == len(state.heard):
        return _read_back(state, state.heard[: slot.length - len(event.value)] + event.value)
    return _failed(state)


def _read_back(state: FlowState, value: str) -> tuple[FlowState, tuple[Effect, ...]]:
    return replace(state, step=Step.CONFIRMING, heard=value), (ReadBack(state.slot, value),)


def _settle(flow: Flow, state: FlowState, value: str) -> tuple[FlowState, tuple[Effect, ...]]:
    values = {**state.values, state.slot: value}
    missing = [slot.name for slot in flow.slots if slot.name not in values]
    if missing:
        return replace(state, step=Step.ASKING, slot=missing[0], values=values, heard=""), (Ask(missing[0]),)
    return replace(state, step=Step.ACTING, values=values, heard=""), (Act(flow.action, values),)


def _failed(state: FlowState) -> tuple[FlowState, tuple[Effect, ...]]:
    failures = state.failures + 1
    failed = replace(state, step=Step.ASKING, heard="", failures=failures)
    if failures >= MOST_FAILURES:
        return _give_up(failed, EscalationReason.NO_PROGRESS)
    return failed, (Ask(state.slot, again=True),)


def _conclude(state: FlowState, event: _Outcome) -> tuple[FlowState, tuple[Effect, ...]]:
    match event:
        case ActionSucceeded():
            return replace(state, step=Step.ENDED), (Tell(event.case),)
        case ActionFailed():
            return _give_up(state, EscalationReason.ACTION_FAILED)
        case ActionUnknown():
            return _give_up(state, EscalationReason.ACTION_UNKNOWN)
        case ActionNotFound():
            value = state.values.get(state.slot, "")
            failed = replace(state, step=Step.ASKING, values={}, heard="", failures=state.failures + 1)
            if failed.failures >= MOST_FAILURES:
                return _give_up(failed, EscalationReason.ACTION_FAILED)
            return failed, (TellNotFound(state.slot, value),)
        case _:
            assert_never(event)


def _give_up(state: FlowState, reason: EscalationReason) -> tuple[FlowState, tuple[Effect, ...]]:
    return replace(state, step=Step.ENDED), (GiveUp(reason),)
