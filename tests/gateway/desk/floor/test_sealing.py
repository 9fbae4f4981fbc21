from __future__ import annotations

from gateway.desk.floor.sealing import with_number


def test_the_number_of_a_callback_is_changed_and_nothing_else() -> None:
    item = {"item": "i", "callback": {"number": "+8210", "attempts": 1}}
    assert with_number(item, lambda word: word[::-1]) == {"item": "i", "callback": {"number": "0128+", "attempts": 1}}
    assert item["callback"] == {"number": "+8210", "attempts": 1}


def test_what_has_no_callback_stays_as_it_is() -> None:
    for item in ({"item": "i", "callback": None}, {"offer": "o"}):
        assert with_number(item, lambda word: "never") == item
