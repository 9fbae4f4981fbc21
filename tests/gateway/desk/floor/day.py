"""A day in virtual time: callers come as they like (a Poisson stream), contacts take as long as they take
(exponentially distributed, talk and wrap-up together), and everything between is done by the floor. And what theory
says of it.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from math import exp, sqrt
from random import Random
from statistics import mean, stdev

from gateway.desk.floor.agent_state import Presence
from gateway.desk.floor.floor import Floor
from gateway.desk.floor.queue import Queue, Queues
from gateway.desk.floor.work_item import waiting_item
from tests.gateway.desk.floor.hall import NOW

GOAL = 20.0
"""Seconds within which a call is to be answered."""

WRAP_UP_SHARE = 0.2
"""Of a contact, after the call."""

_QUEUE = Queue("general", {"en": "General"}, answer_within=GOAL, wrap_up_seconds=86_400.0)
_QUEUES = Queues("general", {"general": _QUEUE})


@dataclass(frozen=True, slots=True)
class Staffing:
    """``agents`` for ``calls`` in ``hours``, each taking ``handling`` seconds on average."""

    calls: int = 2_000
    agents: int = 40
    hours: float = 8.0
    handling: float = 500.0

    @property
    def erlangs(self) -> float:
        """How many agents are busy on average, as long as nobody gives up."""
        return self.calls / (self.hours * 3600) * self.handling


def erlang_c(agents: int, erlangs: float) -> float:
    """The probability that a caller has to wait (A. K. Erlang, 1917), by way of the loss formula's recursion."""
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = erlangs * blocked / (n + erlangs * blocked)
    load = erlangs / agents
    return blocked / (1 - load * (1 - blocked))


def expected_service_level(staffing: Staffing, within: float = GOAL) -> float:
    """The share of callers who are answered ``within`` seconds, by theory."""
    spare = staffing.agents - staffing.erlangs
    return 1 - erlang_c(staffing.agents, staffing.erlangs) * exp(-spare * within / staffing.handling)


def expected_wait(staffing: Staffing) -> float:
    """The average speed of answer in seconds, by theory."""
    return erlang_c(staffing.agents, staffing.erlangs) * staffing.handling / (staffing.agents - staffing.erlangs)


@dataclass(frozen=True, slots=True)
class Traffic:
    """When callers come (seconds, in order), and how long each of them takes an agent."""

    arrivals: tuple[float, ...]
    handling: tuple[float, ...]


def traffic(staffing: Staffing, seed: int, *, before: int = 0) -> Traffic:
    """A day's callers, after so many who came ``before`` it."""
    random, at = Random(seed), 0.0
    arrivals, handling = [], []
    for _ in range(before + staffing.calls):
        at += random.expovariate(staffing.calls / (staffing.hours * 3600))
        arrivals.append(at)
        handling.append(random.expovariate(1 / staffing.handling))
    return Traffic(tuple(arrivals), tuple(handling))


def first_come_first_served(day: Traffic, agents: int) -> list[float]:
    """How long each caller waits where agents do nothing else than to take who comes first (J. Kiefer, J. Wolfowitz,
    1955)."""
    free_at = [0.0] * agents
    waits = []
    for arrival, took in zip(day.arrivals, day.handling, strict=True):
        begins = max(arrival, free_at[0])
        heapq.heapreplace(free_at, begins + took)
        waits.append(begins - arrival)
    return waits


def service_level(waits: Sequence[float], within: float = GOAL) -> float:
    """The share that was answered in time."""
    return mean(wait <= within for wait in waits)


class Play:
    """The same day on a floor, every offer accepted in the moment that it is made; ``events`` counts what happened."""

    def __init__(self, day: Traffic, agents: int) -> None:
        self._day = day
        self._agents = agents
        self._order = count()
        self._coming: list[tuple[float, int, Callable[[float], None]]] = []
        self._floor = Floor(_QUEUES)
        self._waits: dict[str, float] = {}
        self.events = 0

    def run(self) -> list[float]:
        """How long each caller waited."""
        for n in range(self._agents):
            self._floor.sign_in(f"agent{n}", NOW, name=f"Agent {n}", languages=("ko",))
            self._floor.set_presence(f"agent{n}", Presence.AVAILABLE, NOW)
        for n, at in enumerate(self._day.arrivals):
            self._plan(at, partial(self._calls, n))
        while self._coming:
            now, _, happens = heapq.heappop(self._coming)
            happens(now)
        return [self._waits[f"h{n}"] for n in range(len(self._day.arrivals))]

    def _plan(self, at: float, happens: Callable[[float], None]) -> None:
        heapq.heappush(self._coming, (at, next(self._order), happens))

    def _calls(self, n: int, now: float) -> None:
        self._floor.enqueue(waiting_item(f"h{n}", f"c{n}", "general", "ko", _time(now)), _time(now))
        self._answer(now)

    def _answer(self, now: float) -> None:
        for offer in list(self._floor.offers.values()):
            self._floor.accept(offer.offer, offer.agent, _time(now))
            self._floor.connected(offer.item, _time(now))
            n = int(offer.item.removeprefix("h"))
            self._waits[offer.item] = now - self._day.arrivals[n]
            took = self._day.handling[n]
            self._plan(now + took * (1 - WRAP_UP_SHARE), partial(self._hangs_up, offer.item))
            self._plan(now + took, partial(self._is_done, offer.item, offer.agent))
        self.events += len(self._floor.news)
        self._floor.news.clear()

    def _hangs_up(self, item: str, now: float) -> None:
        self._floor.hung_up(item, _time(now))

    def _is_done(self, item: str, agent: str, now: float) -> None:
        self._floor.wrapped_up(item, agent, _time(now))
        self._answer(now)


def _time(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def interval(values: Sequence[float], t: float) -> tuple[float, float]:
    """The interval that holds the mean of independent days with the confidence of Student's ``t``."""
    half = t * stdev(values) / sqrt(len(values))
    return mean(values) - half, mean(values) + half
