"""Which texts a flow says, each with the values that it may name: what the templates are checked against. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from dialog.actions.action import Action
from dialog.flows.plan import CALLER, Do, Flow, Say
from dialog.flows.slot import DICTATED, Limits, Slot, SlotKind
from dialog.flows.source import cases, properties


def texts_of(flow: Flow, actions: Mapping[str, Action]) -> dict[str, set[str]]:
    """The keys of all texts that ``flow`` can say, each with the places that are filled when it is said."""
    values = {slot.name for slot in flow.slots if not slot.secret}
    results = {name for do in flow.actions for name in _results(do, actions)}
    wanted: dict[str, set[str]] = {f"{flow.id}.wish": set(), f"{flow.id}.cancelled": set(), f"{flow.id}.wait": set()}
    for slot in flow.slots:
        wanted |= dict.fromkeys(_of_slot(flow, slot), values | results)
        wanted[f"{flow.id}.{slot.name}.name"] = set()
    if flow.reaches_out:
        wanted[_why(flow)] = values
    if flow.identifies is not None and any(do.changes for do in flow.actions):
        wanted[f"{flow.id}.expired"] = set()
    for step in flow.plan:
        match step.does:
            case Do() as do:
                wanted |= _of_action(flow, do, actions, values | results)
            case Say(text):
                wanted[f"{flow.id}.say.{text}"] = values | results
            case _:
                pass
    return wanted


def always_known(flow: Flow) -> dict[str, set[str]]:
    """For every text about a slot, the places that are sure to be filled: its last variant must do with them."""
    why = {_why(flow): set[str]()} if flow.reaches_out else {}
    return why | {key: known for slot in flow.slots for key, known in _of_slot(flow, slot).items()}


def arguments_read_back(flow: Flow, actions: Mapping[str, Action]) -> dict[str, set[str]]:
    """For every text that asks for a yes, the arguments that it must name: nobody agrees to what was not said. What is
    secret, and who calls, the caller knows and does not hear."""
    return {
        f"{flow.id}.{do.action}.confirm": {
            name
            for name, source in do.arguments.items()
            if name not in actions[do.action].secret and not source.startswith(f"{CALLER}.")
        }
        for do in flow.actions
        if do.changes
    }


def _why(flow: Flow) -> str:
    """Why we call: the first thing of a call of ours after who calls."""
    return f"{flow.id}.why"


def _results(do: Do, actions: Mapping[str, Action]) -> set[str]:
    names = properties(actions[do.action].result) - actions[do.action].secret
    return names | {f"{do.action}.{name}" for name in names}


def _of_slot(flow: Flow, slot: Slot) -> dict[str, set[str]]:
    """A slot's own value is known in every text that answers one, unless it is a secret."""
    moments = {"name": set[str](), "ask": set[str](), "ask_again": set[str]()}
    own = set[str]() if slot.secret else {slot.name}
    if slot.kind is not SlotKind.YES_NO and not slot.secret:
        moments["read_back"] = own
    if slot.kind in DICTATED:
        moments["rest"] = own
    if slot.kind is SlotKind.DATE_TIME:
        moments |= {"rest_time": own, "rest_day": own}
    if slot.limits != Limits():
        moments["invalid"] = own
    if any(do.not_found == slot.name for do in flow.actions):
        moments["not_found"] = set() if flow.identifies else own
    return {f"{flow.id}.{slot.name}.{moment}": known for moment, known in moments.items()}


def _of_action(flow: Flow, do: Do, actions: Mapping[str, Action], known: set[str]) -> dict[str, set[str]]:
    wanted: dict[str, set[str]] = {}
    if do.changes:
        wanted[f"{flow.id}.{do.action}.confirm"] = known | (set(do.arguments) - actions[do.action].secret)
        wanted |= {f"{flow.id}.rejected": known, f"{flow.id}.denied": known}
    if do.told_by is not None:
        wanted |= {f"{flow.id}.told.{case}": known for case in cases(actions[do.action], do.told_by)}
    elif do.changes:
        wanted[f"{flow.id}.done"] = known
    return wanted
