"""The flow machine: how something gets done in conversation, as a pure reducer.

``step(flow, state, event, now)`` gives the next state and the effects that follow; whoever carries the effects out
commits the state first. It knows no clock, no wording and no back end, so a whole dialog can be replayed from its
events.

A flow walks through its plan: it collects what an action needs, reads a value back when it may have been misheard,
and acts. What changes something is proposed first and done only upon a yes to exactly that; whatever comes between
voids the proposal, and it is read back anew. It gives up rather than ask a third time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from dialog.flows import event as ev
from dialog.flows.plan import CALLER, AskFor, Do, Flow, Say, Stop, needs
from dialog.flows.slot import DICTATED, NO, YES, Slot, SlotKind, allows, is_whole, join, longest, mend
from dialog.reply import EscalationReason

MOST_FAILURES = 2
"""A caller is asked again once; the second failure goes to a human."""
MOST_EVENTS = 12
"""No flow with one slot takes more turns than this to an action; a caller who needs more is not being helped."""
MOST_EVENTS_MORE = 4
"""And so many more for each further slot."""

LEAST_PART = 3
"""Fewer digits than this are not taken for the beginning of a number."""

Moved = tuple["FlowState", tuple[ev.Effect, ...]]


class Step(StrEnum):
    """Where a flow stands."""

    WISHED = "wished"
    """It was wished for, but not surely: the caller is asked whether it is what is meant."""
    ASKING = "asking"
    CONFIRMING = "confirming"
    PROPOSED = "proposed"
    """What would be done was read back; only a yes on the very next turn does it."""
    ACTING = "acting"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class FlowState:
    """A flow under way: the ``values`` that stand, the slot being asked for and what was said of it so far.

    ``at`` is the step of the plan, ``done`` the steps that need not be taken again, ``results`` what actions gave.
    ``offered`` are values that were heard, but not surely enough to stand without being read back in their turn.
    """

    flow: str
    step: Step
    slot: str
    values: Mapping[str, str] = field(default_factory=dict)
    heard: str = ""
    """The value under confirmation, or the part of it that still lacks the rest."""
    failures: int = 0
    events: int = 0
    misses: int = 0
    """How often a back end found nothing."""
    at: int = 0
    done: frozenset[int] = frozenset()
    offered: Mapping[str, str] = field(default_factory=dict)
    results: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    given: tuple[ev.ValueHeard, ...] = ()
    """What was given along with a wish that is not sure."""
    caller: Mapping[str, str] = field(default_factory=dict)
    """Who calls, as far as it is known: see ``plan.CALLER_FIELDS``."""


def begin(flow: Flow, confidence: float = 1.0) -> FlowState:
    """The state before the first event. ``confidence`` (0..1) is how sure it is that this flow is wanted."""
    step = Step.ASKING if confidence >= flow.sure_from else Step.WISHED
    return FlowState(flow=flow.id, step=step, slot=flow.slots[0].name if flow.slots else "")


def put_off(state: FlowState) -> FlowState:
    """The state to come back to when what was about to be done has to wait: it is decided anew."""
    return replace(state, step=Step.ASKING, slot="", heard="")


def step(flow: Flow, state: FlowState, event: ev.Event, now: datetime) -> Moved:
    """The next state and what follows from it. An event that means nothing where the flow stands changes nothing.

    ``now`` is the tenant's local time, without a zone.
    """
    if state.step is Step.ENDED:
        return state, ()
    counted = replace(state, events=state.events + 1)
    if counted.events > most_events(flow) and not isinstance(event, ev.OUTCOMES):
        return _give_up(counted, EscalationReason.NO_PROGRESS)
    if state.step is Step.WISHED:
        return _wished(flow, counted, event, now)
    match event:
        case ev.Started():
            return _given(flow, counted, event.given, now) if event.given else _walk(flow, counted)
        case ev.Cancelled():
            return replace(counted, step=Step.ENDED), (ev.TellCancelled(),)
        case ev.ValueNotKnown():
            return _not_known(flow, counted)
        case ev.ValuesHeard() | ev.Agreed() | ev.Refused() | ev.NotUnderstood() | ev.Resumed():
            return (state, ()) if state.step is Step.ACTING else _collect(flow, counted, event, now)
        case _:
            proposed = state.step is Step.PROPOSED and isinstance(event, ev.ActionDenied | ev.ActionFailed)
            return _conclude(flow, counted, event) if state.step is Step.ACTING or proposed else (state, ())


def _wished(flow: Flow, state: FlowState, event: ev.Event, now: datetime) -> Moved:
    """Only a yes to whether it is meant lets a flow begin that was not surely wished for."""
    match event:
        case ev.Started():
            return replace(state, given=event.given), (ev.AskWish(),)
        case ev.Agreed():
            return step(flow, replace(state, step=Step.ASKING, given=()), ev.Started(state.given), now)
        case ev.Resumed():
            return state, (ev.AskWish(),)
        case ev.Refused() | ev.Cancelled():
            return replace(state, step=Step.ENDED), (ev.TellCancelled(),)
        case _ if state.failures + 1 >= MOST_FAILURES:
            return _give_up(state, EscalationReason.NO_PROGRESS)
        case _:
            return replace(state, failures=state.failures + 1), (ev.AskWish(),)


def most_events(flow: Flow) -> int:
    """After how many events a caller is not being helped any more."""
    return MOST_EVENTS + MOST_EVENTS_MORE * max(0, len(flow.slots) - 1)


def known(state: FlowState) -> dict[str, str]:
    """All that conditions can ask about: slots by name, results as ``action.field``, who calls."""
    results = {
        f"{action}.{name}": str(value) for action, result in state.results.items() for name, value in result.items()
    }
    return {**results, **{f"{CALLER}.{name}": value for name, value in state.caller.items()}, **state.values}


def _not_known(flow: Flow, state: FlowState) -> Moved:
    """The caller does not have what was asked for: the flow does without, or a human goes on."""
    if state.step is not Step.ASKING or not state.slot or not flow.slot(state.slot).optional:
        return _give_up(state, EscalationReason.NO_PROGRESS)
    return _walk(flow, replace(state, values={**state.values, state.slot: ""}, heard="", failures=0))


_Answer = ev.ValuesHeard | ev.Agreed | ev.Refused | ev.NotUnderstood | ev.Resumed


def _collect(flow: Flow, state: FlowState, event: _Answer, now: datetime) -> Moved:
    match event:
        case ev.ValuesHeard():
            return _given(flow, state, event.given, now)
        case ev.Resumed():
            return _again(flow, state)
        case ev.Agreed() if state.step is Step.PROPOSED:
            do = flow.does(state.at)
            return replace(state, step=Step.ACTING), (ev.Act(do.action, _arguments(do, state), confirmed=True),)
        case ev.Refused() if state.step is Step.PROPOSED:
            return replace(state, step=Step.ENDED), (ev.TellCancelled(),)
        case ev.Agreed() if state.step is Step.CONFIRMING:
            return _settle(flow, state, state.heard, now)
        case ev.Agreed() | ev.Refused() if state.step is Step.ASKING and _asks_yes_no(flow, state):
            return _settle(flow, state, YES if isinstance(event, ev.Agreed) else NO, now)
        case ev.Agreed() | ev.Refused() | ev.NotUnderstood():
            return _failed(flow, state)
        case _:
            assert_never(event)


def _asks_yes_no(flow: Flow, state: FlowState) -> bool:
    return bool(state.slot) and flow.slot(state.slot).kind is SlotKind.YES_NO


def _again(flow: Flow, state: FlowState) -> Moved:
    """What is waited for, asked as it stands; a proposal is made anew."""
    if state.step is Step.CONFIRMING:
        return state, (ev.ReadBack(state.slot, state.heard),)
    if state.step is Step.ASKING and state.heard:
        return state, (ev.AskRest(state.slot, state.heard),)
    if state.step is Step.ASKING and state.slot:
        return state, (ev.Ask(state.slot),)
    return _walk(flow, state)


def _given(flow: Flow, state: FlowState, given: tuple[ev.ValueHeard, ...], now: datetime) -> Moved:
    """Take what was given. What was asked for comes last, for it decides how to go on."""
    names = {slot.name for slot in flow.slots}
    asked = next((value for value in given if value.slot == state.slot), None)
    if state.step is Step.PROPOSED or (state.slot in state.values and state.step is not Step.CONFIRMING):
        asked = None
    for value in given:
        if value is asked or value.slot not in names:
            continue
        slot = flow.slot(value.slot)
        standing = state.values.get(slot.name, "")
        whole = mend(slot, standing, value.value)
        if whole is None or not is_whole(slot, whole):
            continue
        if not allows(slot, whole, now):
            return _invalid(flow, state, slot, whole)
        sure = _sure(slot, value) or state.step is Step.PROPOSED
        if sure or not slot.secret:
            state = _stand(flow, state, slot, whole, sure=sure)
    if asked is not None:
        return _heard(flow, state, asked, now)
    if state.step is Step.CONFIRMING:
        return _again(flow, state)
    return _walk(flow, replace(state, step=Step.ASKING, heard=""))


def _sure(slot: Slot, value: ev.ValueHeard) -> bool:
    """Whether a value may stand as it was heard. Where only a part of it was corrected, the whole is read back."""
    mended = value.corrected and not is_whole(slot, value.value)
    return value.keyed or (not mended and value.confidence >= slot.confirm_below)


def _stand(flow: Flow, state: FlowState, slot: Slot, value: str, *, sure: bool) -> FlowState:
    """``value`` in its slot (or offered for it). What was looked up by the old one is looked up again."""
    stale = {
        index
        for index, part in enumerate(flow.plan)
        if isinstance(part.does, Do) and not part.does.changes and slot.name in part.does.arguments.values()
    }
    old = {part.does.action for index, part in enumerate(flow.plan) if index in stale and isinstance(part.does, Do)}
    values = {name: held for name, held in state.values.items() if name != slot.name}
    offered = {name: held for name, held in state.offered.items() if name != slot.name}
    return replace(
        state,
        values={**values, slot.name: value} if sure else values,
        offered=offered if sure else {**offered, slot.name: value},
        at=0,
        done=state.done - stale,
        results={action: result for action, result in state.results.items() if action not in old},
    )


def _heard(flow: Flow, state: FlowState, event: ev.ValueHeard, now: datetime) -> Moved:
    slot = flow.slot(event.slot)
    if event.corrected or state.step is Step.CONFIRMING:
        mended = mend(slot, state.heard, event.value)
        if mended is not None:
            sure = state.step is Step.CONFIRMING and is_whole(slot, event.value) and _sure(slot, event)
            return _settle(flow, state, mended, now) if sure else _read_back(flow, state, mended, now)
        return _failed(flow, state)
    joined = join(slot, state.heard, event.value)
    if is_whole(slot, joined):
        return _settle(flow, state, joined, now) if _sure(slot, event) else _read_back(flow, state, joined, now)
    part = slot.kind is SlotKind.DATE_TIME or LEAST_PART <= len(joined) < longest(slot)
    if part and slot.kind in {*DICTATED, SlotKind.DATE_TIME}:
        return replace(state, step=Step.ASKING, heard=joined), (ev.AskRest(slot.name, joined),)
    return _failed(flow, state)


def _read_back(flow: Flow, state: FlowState, value: str, now: datetime) -> Moved:
    if flow.slot(state.slot).secret:
        return _failed(flow, state)  # what is secret is not said back, but asked for once more
    if not allows(flow.slot(state.slot), value, now):
        return _invalid(flow, state, flow.slot(state.slot), value)
    return replace(state, step=Step.CONFIRMING, heard=value), (ev.ReadBack(state.slot, value),)


def _settle(flow: Flow, state: FlowState, value: str, now: datetime) -> Moved:
    slot = flow.slot(state.slot)
    if not allows(slot, value, now):
        return _invalid(flow, state, slot, value)
    return _walk(flow, replace(_stand(flow, state, slot, value, sure=True), step=Step.ASKING, heard="", failures=0))


def _invalid(flow: Flow, state: FlowState, slot: Slot, value: str) -> Moved:
    failures = state.failures + 1
    values = {name: held for name, held in state.values.items() if name != slot.name}
    failed = replace(state, step=Step.ASKING, slot=slot.name, values=values, heard="", failures=failures)
    if failures >= MOST_FAILURES:
        return _give_up(failed, EscalationReason.NO_PROGRESS)
    return failed, (ev.TellInvalid(slot.name, value),)


def _failed(flow: Flow, state: FlowState) -> Moved:
    failures = state.failures + 1
    failed = replace(state, failures=failures)
    if failures >= MOST_FAILURES:
        return _give_up(failed, EscalationReason.NO_PROGRESS)
    if state.step is Step.PROPOSED:
        return _walk(flow, failed)
    offered = {name: held for name, held in state.offered.items() if name != state.slot}
    return replace(failed, step=Step.ASKING, heard="", offered=offered), (ev.Ask(state.slot, again=True),)


def _walk(flow: Flow, state: FlowState) -> Moved:
    """Go on through the plan to the next thing that somebody else must do."""
    said: list[ev.Effect] = []
    at = state.at
    while at < len(flow.plan):
        part = flow.plan[at]
        if at in state.done or not all(condition.holds(known(state)) for condition in part.when):
            at += 1
            continue
        match part.does:
            case AskFor(slot):
                if slot not in state.values:
                    after, asked = _ask(replace(state, at=at), slot)
                    return after, (*said, *asked)
            case Do() as do:
                missing = next((name for name in needs(flow, do) if name not in state.values), None)
                if missing is not None:
                    after, asked = _ask(replace(state, at=at), missing)
                    return after, (*said, *asked)
                arguments = _arguments(do, state)
                follows = ev.Propose(do.action, arguments) if do.changes else ev.Act(do.action, arguments)
                where = Step.PROPOSED if do.changes else Step.ACTING
                return replace(state, step=where, at=at, heard=""), (*said, follows)
            case Say(text):
                said.append(ev.Tell(f"say.{text}"))
                state = replace(state, done=state.done | {at})
            case Stop(person):
                if person:
                    # Whom we call back asked for a person the time before.
                    reason = EscalationReason.CALLER_ASKED if flow.reaches_out else EscalationReason.ACTION_FAILED
                    after, given_up = _give_up(state, reason)
                    return after, (*said, *given_up)
                break
        at += 1
    return replace(state, step=Step.ENDED), (*said, ev.Finished())


def _ask(state: FlowState, slot: str) -> Moved:
    """Ask for a slot, or read back what was heard of it along with something else."""
    offered = state.offered.get(slot)
    if offered is not None:
        return replace(state, step=Step.CONFIRMING, slot=slot, heard=offered), (ev.ReadBack(slot, offered),)
    return replace(state, step=Step.ASKING, slot=slot, heard=""), (ev.Ask(slot),)


def _arguments(do: Do, state: FlowState) -> dict[str, object]:
    """An action's arguments; what is not known is left out."""
    found: dict[str, object] = {}
    for argument, source in do.arguments.items():
        action, _, name = source.partition(".")
        of: Mapping[str, object] = state.caller if action == CALLER else state.results.get(action, {})
        value = of.get(name) if name else state.values.get(source)
        if value not in (None, ""):
            found[argument] = value
    return found


def _conclude(flow: Flow, state: FlowState, event: ev.Event) -> Moved:
    do = flow.does(state.at)
    match event:
        case ev.ActionSucceeded():
            results = {**state.results, do.action: dict(event.result)}
            done = replace(state, step=Step.ASKING, done=state.done | {state.at}, at=state.at + 1, results=results)
            after, following = _walk(flow, done)
            text = f"told.{event.result[do.told_by]}" if do.told_by else "done"
            return after, ((ev.Tell(text), *following) if do.told_by or do.changes else following)
        case ev.ActionRejected() if do.changes:
            return replace(state, step=Step.ENDED), (ev.Tell("rejected"), ev.Finished())
        case ev.ActionDenied(again=False):
            return replace(state, step=Step.ENDED), (ev.Tell("denied"), ev.Finished())
        case ev.ActionDenied():
            return _give_up(state, EscalationReason.POLICY_DENIED)
        case ev.ActionNotConfirmed() if do.changes:
            return _failed(flow, replace(state, step=Step.PROPOSED))
        case ev.ActionRejected() if flow.identifies is not None:
            return _afresh(flow, state)
        case ev.ActionNotFound() if flow.identifies is not None:
            return _answered_wrongly(flow, state)
        case ev.ActionNotFound() if do.not_found is not None:
            return _missed(state, do.not_found)
        case ev.ActionUnknown():
            return _give_up(state, EscalationReason.ACTION_UNKNOWN)
        case _:
            return _give_up(state, EscalationReason.ACTION_FAILED)


def _missed(state: FlowState, slot: str) -> Moved:
    """Nothing was found: the value is asked for once more."""
    values = {name: value for name, value in state.values.items() if name != slot}
    missed = replace(state, step=Step.ASKING, slot=slot, values=values, heard="", at=0, misses=state.misses + 1)
    if missed.misses >= MOST_FAILURES:
        return _give_up(missed, EscalationReason.ACTION_FAILED)
    return missed, (ev.TellNotFound(slot, state.values.get(slot, "")),)


def _answered_wrongly(flow: Flow, state: FlowState) -> Moved:
    """What shows who calls did not fit. Which part was wrong is not told, so all that was said is asked for again;
    how often is decided by whoever counts over the whole call."""
    asked = needs(flow, flow.does(state.at)) or (flow.slots[0].name,)
    undone = replace(state, step=Step.ASKING, slot=asked[0], values={}, offered={}, heard="", misses=state.misses + 1)
    return replace(undone, at=0), (ev.TellNotFound(asked[0], ""),)


def _afresh(flow: Flow, state: FlowState) -> Moved:
    """What was sent to show who calls is no longer good: it is sent anew."""
    fresh = replace(begin(flow), events=state.events, misses=state.misses, caller=state.caller)
    after, effects = _walk(flow, fresh)
    return after, (ev.Tell("expired"), *effects)


def _give_up(state: FlowState, reason: EscalationReason) -> Moved:
    return replace(state, step=Step.ENDED), (ev.GiveUp(reason),)
