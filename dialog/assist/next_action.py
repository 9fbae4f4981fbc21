"""What an agent can have done for a caller, and which of it comes next. Pure.

It is what the tenant's flows do out of values that a caller gives: an agent collects the values by talking, so nothing
of a flow but its actions is left, under the names that the tenant's texts give them. Everything else that holds of an
action, its rules, its proof, that it is confirmed and done once, holds at the desk as well.

Refuses: what a flow only looks up on its way, actions that need what earlier steps find out, and those of calls of our
own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dialog.actions.action import Action, Risk
from dialog.actions.read_back import by_caller_alone
from dialog.assist.card import NextAction
from dialog.flows.plan import Flow
from dialog.releases.release import Release


@dataclass(frozen=True, slots=True)
class AgentAction:
    """An action with the flow whose texts name it, and the slot of the flow that each of its arguments ``takes``."""

    action: Action
    flow: Flow
    takes: Mapping[str, str]

    @property
    def changes(self) -> bool:
        """Whether it changes something, and so is read back and confirmed."""
        return self.action.risk is not Risk.READ_ONLY

    def title(self, release: Release, language: str) -> str:
        """What it is called."""
        return release.texts(language).render(f"{self.flow.id}.wish")

    def labels(self, release: Release, language: str) -> dict[str, str]:
        """What its arguments are called."""
        texts = release.texts(language)
        return {name: texts.render(f"{self.flow.id}.{slot}.name") for name, slot in self.takes.items()}

    def schema(self, release: Release, language: str) -> dict[str, object]:
        """Its arguments as a JSON schema whose properties have titles; what is secret is only written."""
        properties = self.action.arguments.get("properties", {})
        assert isinstance(properties, Mapping), "checked when the action was loaded"
        described: dict[str, object] = {}
        for name, label in self.labels(release, language).items():
            secret = {"writeOnly": True} if name in self.action.secret else {}
            described[name] = {**properties.get(name, {}), "title": label, **secret}
        return {"type": "object", "required": list(required(self.action)), "properties": described}


def agent_actions(release: Release) -> dict[str, AgentAction]:
    """All that agents can ask for, by the action's name: what each flow is for."""
    found: dict[str, AgentAction] = {}
    for flow in release.flows.values():
        aim = goal(release, flow)
        if aim is not None:
            found.setdefault(aim.action.id, aim)
    return found


def goal(release: Release, flow: Flow) -> AgentAction | None:
    """What a flow is for: the last of its actions that changes something, else the last one. None where that takes
    more than the caller's own values, and of a flow for calls of our own."""
    if flow.reaches_out or not flow.actions:
        return None
    changing = [do.action for do in flow.actions if do.changes]
    aim = release.actions[changing[-1] if changing else flow.actions[-1].action]
    ways = [do for do in by_caller_alone(flow) if do.action == aim.id and set(required(aim)) <= set(do.arguments)]
    takes = {name: slot for do in ways for name, slot in do.arguments.items()}
    return AgentAction(aim, flow, takes) if ways else None


def next_action(release: Release, flow_id: str, values: Mapping[str, str], language: str) -> NextAction | None:
    """What comes next where ``flow_id`` is wished for, with the values (by slot) that were given; None where agents
    cannot have it done."""
    flow = release.flows.get(flow_id)
    aim = None if flow is None else goal(release, flow)
    if aim is None:
        return None
    known = {name: values[slot] for name, slot in aim.takes.items() if values.get(slot)}
    missing = tuple(name for name in required(aim.action) if name not in known)
    return NextAction(aim.action.id, aim.title(release, language), known, missing)


def required(action: Action) -> tuple[str, ...]:
    """The arguments that an action cannot do without."""
    names = action.arguments.get("required", ())
    assert isinstance(names, Sequence), "checked when the action was loaded"
    return tuple(map(str, names))
