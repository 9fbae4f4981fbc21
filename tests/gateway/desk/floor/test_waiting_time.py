from __future__ import annotations

from statistics import mean

import pytest

from gateway.desk.floor.agent_state import Presence
from gateway.desk.floor.waiting_time import FEWEST, METHOD, Estimate, estimate, on_duty, place_in_queue
from tests.gateway.desk.floor.day import Staffing, first_come_first_served, traffic
from tests.gateway.desk.floor.hall import GENERAL, NOW, ORDERS, at_work, call, floor_with, talking


def test_the_place_counts_who_is_before_you_in_your_queue() -> None:
    mine = call("b", at=2)
    waiting = [call("c", at=3), mine, call("a", at=1), call("x", "orders", at=0), call("v", at=9, priority=1)]
    assert place_in_queue(mine, waiting) == 3


def test_busy_agents_are_on_duty_and_those_away_or_unfit_are_not() -> None:
    floor = floor_with("anna", "ben", "carl")
    floor.enqueue(call(), NOW)
    talking(floor)
    floor.set_presence("carl", Presence.AWAY, NOW, "meal")
    at_work(floor, "dora", orders=2)
    assert on_duty(call(), floor.agents.values(), GENERAL, NOW) == 3
    assert on_duty(call("o", "orders"), floor.agents.values(), ORDERS, NOW) == 1


def test_an_estimate_says_how_it_was_come_by() -> None:
    assert estimate(3, 2, 240.0, 40) == Estimate(360.0, METHOD, 40)


def test_nobody_can_tell_from_few_contacts_or_without_agents() -> None:
    assert estimate(1, 2, 240.0, FEWEST - 1).seconds is None
    assert estimate(1, 0, 240.0, 40).seconds is None
    assert estimate(1, 2, None, 0) == Estimate(None, METHOD, 0)


def test_over_many_days_callers_wait_as_long_as_they_were_told() -> None:
    staffing = Staffing(calls=2_000, agents=40, handling=520.0)
    told, waited = [], []
    for seed in range(12):
        day = traffic(staffing, seed)
        waits = first_come_first_served(day, staffing.agents)
        for n, (arrival, wait) in enumerate(zip(day.arrivals, waits, strict=True)):
            if wait > 0:
                earlier = zip(day.arrivals[max(0, n - 200) : n], waits[max(0, n - 200) : n], strict=True)
                place = 1 + sum(before + their_wait > arrival for before, their_wait in earlier)
                told.append(estimate(place, staffing.agents, staffing.handling, 100).seconds or 0.0)
                waited.append(wait)
    assert mean(told) == pytest.approx(mean(waited), rel=0.05)
