from __future__ import annotations

import pytest

from gateway.api.rate_limit import RateLimit


def test_so_many_and_no_more_until_the_window_has_slid_on() -> None:
    limit = RateLimit(2, 60.0)
    assert [limit.allows("a", now) for now in (0.0, 30.0, 59.0, 60.0, 61.0, 90.0)] == [
        True,
        True,
        False,
        True,
        False,
        True,
    ]


def test_askers_do_not_count_for_each_other() -> None:
    limit = RateLimit(1, 60.0)
    assert limit.allows("a", 0.0)
    assert limit.allows("b", 0.0)
    assert not limit.allows("a", 1.0)


def test_whoever_asked_longest_ago_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.api.rate_limit.MOST_ASKERS", 2)
    limit = RateLimit(1, 60.0)
    assert limit.allows("a", 0.0)
    assert limit.allows("b", 1.0)
    assert not limit.allows("a", 2.0)
    assert limit.allows("c", 3.0)
    assert not limit.allows("a", 4.0)
    assert limit.allows("b", 5.0)
