"""What callers can have done about our memory, as flows and actions like any other: forget me; my last call.

They come with the program, so that a right does not depend on anybody writing a flow: read-back, confirmation, who must
be known how well, the one-time carrying out and the audit are those of all actions. Texts: ``forget_me.*`` and
``earlier_contact.*`` in ``phrases.*.yaml``; a tenant's own flow of the same name takes the place of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from dialog.actions.action import (
    Action,
    Failed,
    FailureKind,
    Outcome,
    Proof,
    Reading,
    Risk,
    Service,
    Succeeded,
    lost,
)
from dialog.actions.rules import Identity, Rules
from dialog.clock import utc_now
from dialog.flows.plan import CALLER, Condition, Do, Flow, PlanStep, Say, Stop
from dialog.memory.memory import Eraser
from dialog.memory.policy import Consent
from dialog.memory.summary import day, topic
from dialog.memory.tenant import TenantMemory
from dialog.releases.release import Release
from infra.errors import AiccError

SERVICE = Service("memory", "memory:")
FORGET, EARLIER = "forget_me", "earlier_contact"

_WITHIN = 3.0
"""Seconds after which whoever carries one of these out is believed to be gone."""


class Found(StrEnum):
    """What there is to say of the last contact."""

    NOTHING = "nothing"
    TOPIC = "topic"
    UNFINISHED = "unfinished"
    """What it was about, and that it came to no end there."""
    HANDED_OVER = "handed_over"
    """What it was about, and that a person was to go on with it; what they did is not known here."""
    NO_TOPIC = "no_topic"
    """There was one, and no words for what it was about."""


_NAMES = ("by_customer", "by_number", "by_former_number")
"""By what whoever wants to be forgotten is known."""
_SUBJECTS: Mapping[str, object] = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in _NAMES},
}
_LEFT: Mapping[str, object] = {"type": "object", "properties": {"left": {"type": "integer"}}}
_COUNT = Action("remembered", SERVICE, "", "count", Risk.READ_ONLY, _WITHIN, _SUBJECTS, _LEFT)
_FORGET = Action(
    FORGET,
    SERVICE,
    "",
    "forget",
    Risk.IRREVERSIBLE,
    _WITHIN,
    _SUBJECTS,
    _LEFT,
    proof=Proof(Reading(_COUNT, {name: f"${name}" for name in _NAMES}), {"left": (0,)}),
)
_EARLIER = Action(
    EARLIER,
    SERVICE,
    "",
    "last",
    Risk.READ_ONLY,
    _WITHIN,
    {
        "type": "object",
        "required": ["by_customer", "language"],
        "properties": {"by_customer": {"type": "string"}, "language": {"type": "string"}},
    },
    {
        "type": "object",
        "required": ["found"],
        "properties": {
            "found": {"enum": [found.value for found in Found]},
            "at": {"type": "string", "format": "date"},
            "topic": {"type": "string"},
            "about": {"type": "string"},
        },
    },
)

_NOBODY = (Condition(f"{CALLER}.remembered_as", ("nobody",)),)
_FORGET_ME = Flow(
    FORGET,
    (),
    (
        PlanStep(Say("nobody"), _NOBODY),
        PlanStep(Stop(), _NOBODY),
        PlanStep(
            Do(FORGET, {name: f"{CALLER}.{name}" for name in _NAMES}, changes=True),
        ),
    ),
)
_EARLIER_CONTACT = Flow(
    EARLIER,
    (),
    (
        PlanStep(
            Do(EARLIER, {name: f"{CALLER}.{name}" for name in ("by_customer", "language")}, told_by="found"),
        ),
    ),
)


def with_memory(release: Release) -> Release:
    """The release with our flows, if its tenant remembers anybody."""
    policy = release.policy.memory
    if policy.consent is Consent.OFF:
        return release
    earlier = replace(_EARLIER, rules=Rules(identity=max(policy.identity, Identity.CLAIMED)))
    actions = {action.id: action for action in (_COUNT, _FORGET, earlier)}
    flows = {flow.id: flow for flow in (_FORGET_ME, _EARLIER_CONTACT)}
    return replace(release, actions={**actions, **release.actions}, flows={**flows, **release.flows})


class MemoryActions:
    """Carries our actions out on a tenant's memory; ``release`` has its texts."""

    def __init__(self, memory: TenantMemory, release: Release, now: Callable[[], datetime] = utc_now) -> None:
        self._store = memory.store
        self._keep = memory.policy.keep
        self._release = release
        self._now = now

    async def perform(self, action: Action, arguments: Mapping[str, object], *, key: str) -> Outcome:
        """Carry the action out. Nothing is raised."""
        subjects = [str(arguments[name]) for name in _NAMES if name in arguments]
        try:
            match action.path:
                case "count":
                    return Succeeded({"left": await self._store.left(subjects)})
                case "forget":
                    for subject in subjects:
                        await self._store.forget(subject, self._now(), Eraser.CALLER, key)
                    return Succeeded({"left": await self._store.left(subjects)})
                case "last":
                    return Succeeded(await self._last(subjects[0], str(arguments["language"])))
                case _:
                    return Failed(FailureKind.INVALID, f"memory cannot {action.path}", attempts=0)
        except AiccError as error:
            return lost(action, FailureKind.UNAVAILABLE, str(error))

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _last(self, subject: str, language: str) -> Mapping[str, object]:
        remembered = await self._store.recall(subject, self._now() - self._keep)
        if not remembered.agreed or not remembered.contacts:
            return {"found": Found.NOTHING.value}
        contact = remembered.contacts[0]
        words = topic(contact, self._release.texts(language))
        found = {"at": day(contact, self._release.tenant.time_zone).isoformat(), "about": contact.about}
        if not words:
            return {**found, "found": Found.NO_TOPIC.value}
        how = Found.UNFINISHED if contact.unfinished else Found.TOPIC
        return {**found, "found": (how if contact.reason is None else Found.HANDED_OVER).value, "topic": words}
