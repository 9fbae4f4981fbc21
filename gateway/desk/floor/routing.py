"""Who gets which call: pure.

Calls come in the order of their priority, then of their place in line. An agent suits whose skills reach the required
levels and who serves the queue; of those who are free, whoever has been idle for longest. Who was asked and did not
take a call is asked again only when nobody else is free for it, and after a rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.desk.floor.agent_state import AgentState
from gateway.desk.floor.queue import Queue, Queues, language_skill
from gateway.desk.floor.work_item import WorkItem

AGAIN_AFTER = timedelta(seconds=15)
"""How long an agent who did not take a call is left alone with it, though nobody else is free for it."""

HELD_FOR_AGENT = timedelta(seconds=60)
"""How long a call that was transferred to an agent who is busy waits for nobody else."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a call asks of an agent at a moment: ``skills`` at levels, and to serve one of ``queues``."""

    skills: Mapping[str, int]
    queues: frozenset[str]

    def suits(self, agent: AgentState) -> bool:
        """Whether the agent is right for it, whatever they are doing."""
        serves = not agent.queues or not self.queues.isdisjoint(agent.queues)
        return serves and all(agent.skills.get(skill, 0) >= level for skill, level in self.skills.items())


def demand(item: WorkItem, queue: Queue, now: datetime) -> Demand:
    """What a call of that queue asks for, after all the relaxing that its time in the queue has brought."""
    skills = {**queue.skills, **item.skills, language_skill(item.language): 1}
    queues = {queue.id}
    for step in queue.relax:
        if item.queue_since + timedelta(seconds=step.after) <= now:
            skills = {
                skill: max(1, level - step.lower_levels)
                for skill, level in skills.items()
                if skill not in step.drop_skills
            }
            queues.update(step.also_queues)
    return Demand(skills, frozenset(queues))


def in_line(waiting: Iterable[WorkItem]) -> list[WorkItem]:
    """Calls that wait, the first one first."""
    return sorted(waiting, key=lambda item: (-item.priority, item.eligible_at, item.enqueued_at, item.item))


def choose(
    waiting: Iterable[WorkItem], agents: Iterable[AgentState], queues: Queues, now: datetime
) -> list[tuple[WorkItem, AgentState]]:
    """Which call to offer to whom: each call and each agent at most once."""
    line = in_line(waiting)
    if not line:
        return []
    everybody = {agent.agent: agent for agent in agents}
    free = {name: agent for name, agent in everybody.items() if agent.free}
    chosen = []
    for item in line:
        if not free:
            break
        if item.eligible_at <= now:
            agent = _agent_for(item, free, everybody, queues[item.queue], now)
            if agent is not None:
                del free[agent.agent]
                chosen.append((item, agent))
    return chosen


def _agent_for(
    item: WorkItem, free: Mapping[str, AgentState], everybody: Mapping[str, AgentState], queue: Queue, now: datetime
) -> AgentState | None:
    wanted = everybody.get(item.for_agent or "")
    if wanted is not None and _is_held(item, wanted, now):
        return free.get(wanted.agent)
    asks = demand(item, queue, now)
    fit = [agent for agent in free.values() if asks.suits(agent)]
    fresh = [agent for agent in fit if agent.agent not in item.asked]
    if fresh:
        return min(fresh, key=lambda agent: (agent.idle_since, agent.agent))
    rested = [agent for agent in fit if item.asked[agent.agent] + AGAIN_AFTER <= now]
    return min(rested, key=lambda agent: (item.asked[agent.agent], agent.idle_since, agent.agent), default=None)


def _is_held(item: WorkItem, wanted: AgentState, now: datetime) -> bool:
    """Whether it waits for nobody else than the agent whom it was transferred to."""
    return wanted.on_duty and wanted.agent not in item.asked and now < item.queue_since + HELD_FOR_AGENT


def moments(item: WorkItem, queue: Queue) -> Iterator[datetime]:
    """When a call that waits may get somebody whom it did not get before, though nobody came or left."""
    yield item.eligible_at
    for step in queue.relax:
        yield item.queue_since + timedelta(seconds=step.after)
    for asked_at in item.asked.values():
        yield asked_at + AGAIN_AFTER
    if item.for_agent is not None:
        yield item.queue_since + HELD_FOR_AGENT
