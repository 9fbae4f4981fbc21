from __future__ import annotations

import pytest

from gateway.analytics.webhooks import places as module
from gateway.analytics.webhooks.places import Places


def test_as_many_lines_have_a_place_as_there_are() -> None:
    places = Places[str](2)
    assert [places.take(line) for line in "abc"] == [True, True, False]
    places.free()
    assert places.take("c")


def test_who_was_put_off_first_is_called_first_and_once() -> None:
    places = Places[str](1)
    assert [places.take(line) for line in "abcb"] == [True, False, False, False]
    assert places.called() is None, "there is no place yet"
    places.free()
    assert [places.called(), places.called(), places.called()] == ["b", "c", None]


def test_who_came_by_itself_is_not_called_any_more() -> None:
    places = Places[str](1)
    for line in "ab":
        places.take(line)
    places.free()
    assert places.take("b")
    places.free()
    assert places.called() is None


def test_only_so_many_are_known_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KNOWN", 2)
    places = Places[str](1)
    for line in "abcd":
        places.take(line)
    places.free()
    assert [places.called(), places.called(), places.called()] == ["b", "c", None]
