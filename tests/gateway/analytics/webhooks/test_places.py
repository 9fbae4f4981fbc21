from __future__ import annotations

import pytest

from gateway.analytics.webhooks.places import LONGEST_AWAY, SHORTEST_AWAY, Places


def test_as_many_lines_have_a_place_as_there_are() -> None:
    places = Places(2)
    assert [places.take(0.0), places.take(0.0)] == [None, None]
    assert places.take(0.0) is not None
    places.free(1.0)
    assert places.take(0.0) is None


def test_lines_that_find_none_come_back_one_behind_the_other() -> None:
    places = Places(1)
    places.take(0.0)
    away = [places.take(0.0) for _ in range(4)]
    assert None not in away
    assert away == sorted(set(away))


def test_the_slower_the_lines_have_been_the_later_they_come_back() -> None:
    quick, slow = Places(2), Places(2)
    for places, took in ((quick, 0.01), (slow, 10.0)):
        for _ in range(30):
            places.take(0.0)
            places.free(took)
        places.take(0.0)
        places.take(0.0)
    assert quick.take(0.0) == SHORTEST_AWAY
    assert slow.take(0.0) == pytest.approx(5.0, abs=0.1)


def test_nobody_is_sent_away_for_long_and_time_that_passes_counts() -> None:
    places = Places(1)
    places.take(0.0)
    away = [places.take(0.0) for _ in range(1_000)]
    assert away[-1] == LONGEST_AWAY
    later = places.take(LONGEST_AWAY + 60.0)
    assert later is not None
    assert later < 1.0
