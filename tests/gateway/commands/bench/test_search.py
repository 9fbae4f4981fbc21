from __future__ import annotations

import pytest

from gateway.commands.bench.search import Search


def run(search: Search, capacity: int) -> list[int]:
    """Offer what is asked for to a server that carries so many; the steps that were tried."""
    tried = []
    while (calls := search.next()) is not None:
        tried.append(calls)
        search.tried(calls, calls if calls <= capacity else 0, broke=calls > capacity)
    return tried


@pytest.mark.parametrize("capacity", [1, 4, 10, 57, 100, 159, 160, 399])
def test_it_ends_close_below_what_is_carried(capacity: int) -> None:
    search = Search(400)
    tried = run(search, capacity)
    assert capacity * 0.95 - 1 <= search.best <= capacity
    assert len(tried) == len(set(tried)) <= 12


def test_it_doubles_and_then_halves_the_distance() -> None:
    assert run(Search(400), 57)[:6] == [10, 20, 40, 80, 60, 50]


def test_it_stops_at_the_most_that_was_asked_for() -> None:
    search = Search(30)
    assert run(search, 1000) == [10, 20, 30]
    assert search.best == 30


def test_a_server_that_carries_nothing_has_an_answer_too() -> None:
    search = Search(400)
    assert run(search, 0)[-1] == 1
    assert search.best == 0


def test_what_admission_refuses_is_not_carried_but_does_not_break_the_rest() -> None:
    search = Search(400)
    search.tried(10, 10, broke=False)
    search.tried(20, 17, broke=True)
    assert search.best == 17
    assert search.next() == 18


def test_what_costs_less_the_more_there_are_does_not_end_the_search() -> None:
    search = Search(400)
    tried = []
    while (calls := search.next()) is not None:
        tried.append(calls)
        search.tried(calls, calls if 30 <= calls <= 50 else 0, broke=calls > 50)
    assert tried[:4] == [10, 20, 40, 80]
    assert 48 <= search.best <= 50


def test_listed_numbers_are_all_tried() -> None:
    search = Search(400, (10, 40, 20))
    assert run(search, 25) == [10, 40, 20]
    assert search.best == 20
