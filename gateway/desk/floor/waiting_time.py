"""How long a caller will wait: a figure that says how it was come by, or that nobody knows.

Whoever is at place ``p`` is reached after ``p`` ends of contacts; with ``n`` agents on duty whose contacts take ``h``
seconds on average (talk and wrap-up) one ends every ``h / n`` seconds. From less than ``FEWEST`` contacts no average is
taken: then the wait is unknown, and nothing is announced.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.desk.floor.agent_state import AgentState
from gateway.desk.floor.queue import Queue
from gateway.desk.floor.routing import demand, in_line
from gateway.desk.floor.work_item import WorkItem

FEWEST = 10
"""Contacts below which nobody can tell."""

METHOD = "place_by_handling_time"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A wait of ``seconds`` (none: unknown), come by ``method`` from ``sample`` contacts."""

    seconds: float | None
    method: str
    sample: int


def place_in_queue(item: WorkItem, waiting: Iterable[WorkItem]) -> int:
    """The caller's place among those who wait in the same queue, from 1."""
    line = in_line(other for other in waiting if other.queue == item.queue)
    return 1 + sum(1 for _ in _before(item, line))


def _before(item: WorkItem, line: Sequence[WorkItem]) -> Iterable[WorkItem]:
    for other in line:
        if other.item == item.item:
            return
        yield other


def on_duty(item: WorkItem, agents: Iterable[AgentState], queue: Queue, now: datetime) -> int:
    """How many agents a caller can be reached by, those who are busy counted."""
    asks = demand(item, queue, now)
    return sum(1 for agent in agents if agent.on_duty and asks.suits(agent))


def estimate(place: int, agents: int, handling_seconds: float | None, sample: int) -> Estimate:
    """The wait at that place, with so many agents on duty, after ``sample`` contacts of so many seconds on average."""
    if sample < FEWEST or agents < 1 or handling_seconds is None:
        return Estimate(None, METHOD, sample)
    return Estimate(place * handling_seconds / agents, METHOD, sample)
