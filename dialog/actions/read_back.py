"""What the tenant's flows know of an action, used where no flow is walked through: how it is read back, and what limits
its values have beyond its schema. Pure.

Whoever asks for a change outside of a conversation, a program or an agent at the desk, has it read back in the very
words that a caller hears, and may not give it a value that a caller could not give it. Where no flow words the change,
or its words need what is not known here, every argument is named plainly.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import InvalidOperation

from dialog.actions.action import Action
from dialog.errors import TenantDialogInvalid
from dialog.flows.flow import FlowState, Step
from dialog.flows.plan import Do, Flow
from dialog.flows.slot import allows, is_whole
from dialog.flows.speech import FlowSpeech
from dialog.phrasing import CERTAIN
from dialog.releases.release import Release

PLAIN: Mapping[str, str] = {
    "ko": "{title}: {arguments}. 이대로 진행할까요?",
    "en": "{title}: {arguments}. Shall I do this?",
}


def read_back(
    release: Release,
    action: Action,
    arguments: Mapping[str, object],
    language: str,
    *,
    title: str,
    labels: Mapping[str, str],
) -> str:
    """What would be done, with the question whether it shall be, in the tenant's words; ``title`` and ``labels`` (by
    argument) are for where it has none."""
    found = flow_of(release, action, arguments)
    if found is not None:
        flow, do = found
        slots = {do.arguments[name]: str(value) for name, value in arguments.items()}
        state = FlowState(flow.id, Step.PROPOSED, "", values=slots)
        try:
            return FlowSpeech(release.texts(language), flow, state).proposal(do, arguments, CERTAIN).text
        except TenantDialogInvalid:
            pass  # its words need what earlier steps of the flow find out
    named = ", ".join(f"{labels.get(name, name)}: {value}" for name, value in arguments.items())
    return PLAIN[language].format(title=title, arguments=named)


def beyond_limits(release: Release, action: Action, arguments: Mapping[str, object], now: datetime) -> list[str]:
    """Arguments that a caller could not have given. ``now`` is the tenant's local time, without a zone."""
    found = flow_of(release, action, arguments)
    if found is None:
        return []
    flow, do = found
    return [
        f"/{name}: is not possible here"
        for name, value in arguments.items()
        if not _possible(flow, do.arguments[name], str(value), now)
    ]


def flow_of(release: Release, action: Action, arguments: Mapping[str, object]) -> tuple[Flow, Do] | None:
    """The first flow that does the action with all of these arguments, out of values of the caller's alone, and its
    step."""
    for flow in release.flows.values():
        for do in by_caller_alone(flow):
            if do.action == action.id and set(do.arguments) >= set(arguments):
                return flow, do
    return None


def by_caller_alone(flow: Flow) -> tuple[Do, ...]:
    """The actions of a flow that take nothing but values which the caller gives, in order."""
    slots = {slot.name for slot in flow.slots}
    return tuple(do for do in flow.actions if set(do.arguments.values()) <= slots)


def _possible(flow: Flow, slot: str, value: str, now: datetime) -> bool:
    try:
        return is_whole(flow.slot(slot), value) and allows(flow.slot(slot), value, now)
    except (ValueError, InvalidOperation):
        return False
