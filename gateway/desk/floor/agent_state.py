"""Where an agent stands: what they chose (presence) beside what the floor made of it (routing).

The two are apart because they change apart: a break is chosen in the middle of a call and begins after it (``next``
presence, the newest wins), and whoever did not answer is not offered anything, but did not choose to be away either:
they have to say that they are back. An agent takes one call at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from gateway.desk.floor.errors import AgentBusy


class Presence(StrEnum):
    """What the agent chose; why they are away (a break, a meal, training) is free text beside it."""

    OFFLINE = "offline"
    AVAILABLE = "available"
    AWAY = "away"


class Routing(StrEnum):
    """What the floor has for the agent."""

    IDLE = "idle"
    RESERVED = "reserved"
    """A call rings at their desk."""
    ON_CONTACT = "on_contact"
    WRAP_UP = "wrap_up"
    NOT_RESPONDING = "not_responding"
    """A call rang and was not answered, or the device failed. Only the agent ends this."""


_R = Routing
MOVES: Mapping[Routing, frozenset[Routing]] = {
    _R.IDLE: frozenset({_R.IDLE, _R.RESERVED, _R.ON_CONTACT}),
    _R.RESERVED: frozenset({_R.IDLE, _R.ON_CONTACT, _R.NOT_RESPONDING}),
    _R.ON_CONTACT: frozenset({_R.WRAP_UP, _R.IDLE, _R.NOT_RESPONDING}),
    _R.WRAP_UP: frozenset({_R.IDLE}),
    _R.NOT_RESPONDING: frozenset({_R.IDLE, _R.ON_CONTACT}),
}
"""What a state of routing may be followed by. (``IDLE`` by itself: another presence.)"""

ENGAGED = frozenset({Routing.ON_CONTACT, Routing.WRAP_UP})
"""Another presence has to wait until this is over."""


@dataclass(frozen=True, slots=True)
class AgentState:
    """An agent called ``name`` who serves ``queues`` (none: all) with ``skills`` at those levels; languages are skills,
    ``lang:ko``.

    ``item`` is what rings, is talked about or wrapped up; ``until`` is when that ends by itself, ``since`` when routing
    or presence became what it is, ``idle_since`` since when they have been waiting for a call. ``next_presence`` comes
    when the contact is over.
    """

    agent: str
    name: str
    since: datetime
    idle_since: datetime
    presence: Presence = Presence.AWAY
    reason: str = ""
    routing: Routing = Routing.IDLE
    next_presence: Presence | None = None
    next_reason: str = ""
    skills: Mapping[str, int] = field(default_factory=dict)
    queues: tuple[str, ...] = ()
    item: str | None = None
    until: datetime | None = None

    @property
    def free(self) -> bool:
        """Whether a call may be offered to them."""
        return self.presence is Presence.AVAILABLE and self.routing is Routing.IDLE

    @property
    def on_duty(self) -> bool:
        """Whether they take calls, this moment's aside."""
        return self.presence is Presence.AVAILABLE and self.routing is not Routing.NOT_RESPONDING


def routed(
    agent: AgentState, to: Routing, now: datetime, *, item: str | None = None, until: datetime | None = None
) -> AgentState:
    """The agent with another routing. Back at ``IDLE`` after a contact, the presence that was chosen meanwhile comes.

    Raises ``AgentBusy``.
    """
    if to not in MOVES[agent.routing]:
        raise AgentBusy(f"agent {agent.agent} is {agent.routing}, and cannot become {to}: finish that first")
    after = replace(agent, routing=to, since=now, item=item, until=until)
    if to is not Routing.IDLE or agent.routing not in ENGAGED:
        return after
    after = replace(after, idle_since=now)
    if after.next_presence is None:
        return after
    return replace(after, presence=after.next_presence, reason=after.next_reason, next_presence=None, next_reason="")


def present(agent: AgentState, presence: Presence, reason: str, now: datetime) -> AgentState:
    """The agent with another presence: at once, or after the contact; the newest wins."""
    if agent.routing in ENGAGED:
        later = None if (presence, reason) == (agent.presence, agent.reason) else presence
        return replace(agent, next_presence=later, next_reason=reason if later else "")
    idle_since = agent.idle_since if agent.free or agent.routing is Routing.RESERVED else now
    after = replace(agent, presence=presence, reason=reason, since=now, idle_since=idle_since)
    return after if after.routing is Routing.RESERVED else replace(after, routing=Routing.IDLE)


def gone(agent: AgentState, now: datetime) -> AgentState:
    """The agent after their desk was lost, whatever they were doing."""
    return replace(
        agent,
        presence=Presence.OFFLINE,
        reason="lost",
        routing=Routing.IDLE,
        next_presence=None,
        next_reason="",
        item=None,
        until=None,
        since=now,
    )
