from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from gateway.analytics.topics.trends import Change, Trend, change_of, design_effect, trends_of

MONDAY = date(2026, 11, 16)
DAYS = [MONDAY + timedelta(days=n - 28) for n in range(35)]
"""Four weeks before, and the week that is asked about."""


def change(before: Sequence[int], now: Sequence[int], of: int = 100) -> Change:
    """Of a topic with these contacts a day, out of ``of`` each day."""
    everyone = {MONDAY + timedelta(days=n): of for n in range(-len(before), len(now))}
    return change_of(dict(zip(everyone, (*before, *now), strict=True)), everyone, MONDAY)


def trend(before: Sequence[int], now: Sequence[int], of: int = 100) -> Trend:
    return trends_of([change(before, now, of)])[0]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ([2] * 28, [10] * 7, Trend.RISING),
        ([10] * 28, [2] * 7, Trend.FALLING),
        ([10] * 28, [11] * 7, Trend.STEADY),
        ([0] * 28, [5] * 7, Trend.RISING),  # a topic that is new
        ([0, 0, 1], [1, 0, 1], Trend.STEADY),  # too few to say
        ([0] * 28, [0] * 7, Trend.STEADY),
        ([], [10] * 7, Trend.STEADY),  # nothing to hold it against
    ],
)
def test_a_trend_is_a_difference_that_chance_does_not_make(
    before: Sequence[int], now: Sequence[int], expected: Trend
) -> None:
    assert trend(before, now) is expected


def test_more_calls_of_everything_are_no_trend() -> None:
    everyone = {day: 50 if day < MONDAY else 500 for day in DAYS}
    counted = {day: many // 5 for day, many in everyone.items()}
    found = change_of(counted, everyone, MONDAY)
    assert (found.before, found.now) == (0.2, 0.2)
    assert trends_of([found]) == [Trend.STEADY]


def test_what_always_comes_on_some_days_is_no_trend_because_it_came_again() -> None:
    """A topic of one day in seven: the same contacts a week would pass for a rise if days were left out of account."""
    bursts, even = [0, 0, 0, 0, 0, 0, 28] * 4, [4] * 28
    now = [0, 0, 0, 0, 0, 0, 45]
    assert trend(bursts, now) is Trend.STEADY
    assert trend(even, now) is Trend.RISING


def test_what_is_certain_and_does_not_matter_is_steady() -> None:
    found = change([10_000] * 28, [10_500] * 7, of=100_000)
    assert found.chance < 1e-6
    assert trends_of([found]) == [Trend.STEADY]


def test_fisher_has_a_known_answer() -> None:
    """The lady tasting tea: three of four against one of four, 0.486."""
    assert change([1], [3], of=4).chance == pytest.approx(0.4857, abs=1e-4)


def test_the_design_effect_has_a_known_answer() -> None:
    assert design_effect([(0, 100), (20, 100)]) == pytest.approx(200 / 9)
    assert design_effect([(10, 100), (10, 100)]) == 1.0
    assert design_effect([(10, 100)]) == 1.0
    assert design_effect([(0, 100), (0, 100)]) == 1.0


def test_of_many_topics_that_did_not_change_hardly_any_raises_an_alarm() -> None:
    dice = random.Random(5)
    alarms = rounds = 0
    for _ in range(60):
        topics = []
        for _ in range(20):
            share = dice.uniform(0.01, 0.1)
            counts = [sum(dice.random() < share for _ in range(100)) for _ in DAYS]
            topics.append(change(counts[:28], counts[28:]))
        rounds += 1
        alarms += any(found is not Trend.STEADY for found in trends_of(topics))
    assert alarms / rounds <= 0.05  # tested one by one, 0.6 of the rounds would have an alarm


def test_a_share_that_doubles_is_found_among_many_that_did_not() -> None:
    dice = random.Random(6)
    found = 0
    for _ in range(20):
        topics = []
        for number in range(20):
            share = 0.05
            counts = [
                sum(dice.random() < share * (2 if number == 0 and day >= MONDAY else 1) for _ in range(100))
                for day in DAYS
            ]
            topics.append(change(counts[:28], counts[28:]))
        found += trends_of(topics)[0] is Trend.RISING
    assert found >= 18
