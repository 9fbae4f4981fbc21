from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.media_clock import GapCounts
from gateway.telephony.streams.reorder import WINDOW, Chunk, ReorderWindow


def chunk(number: int) -> Chunk:
    return Chunk(number, number * 20, bytes(2))


def through(*numbers: int) -> list[list[int]]:
    window = ReorderWindow(GapCounts())
    return [[due.number for due in window.push(chunk(number))] for number in numbers]


def test_a_stream_in_order_is_never_held() -> None:
    assert through(4, 5, 6, 7) == [[4], [5], [6], [7]]


def test_two_that_changed_places_change_back() -> None:
    assert through(1, 3, 2, 4) == [[1], [], [2, 3], [4]]


def test_what_is_missing_is_given_up_when_the_window_is_full() -> None:
    assert through(1, *range(3, 3 + WINDOW), 8) == [[1], *[[]] * (WINDOW - 1), [3, 4, 5, 6, 7], [8]]


def test_the_next_hole_is_waited_for_anew() -> None:
    assert through(1, 3, 4, 6, 7, 9)[-1] == [3, 4]
    assert through(1, 3, 4, 6, 7, 9, 5) == [[1], [], [], [], [], [3, 4], [5, 6, 7]]


def test_what_is_late_is_given_on_to_be_counted_by_who_knows_of_time() -> None:
    assert through(5, 6, 3) == [[5], [6], [3]]


def test_a_chunk_that_comes_again_while_it_is_held_counts_as_late() -> None:
    counts = GapCounts()
    window = ReorderWindow(counts)
    for number in (1, 3, 3):
        window.push(chunk(number))
    assert counts.late_chunks == 1
    assert [due.number for due in window.push(chunk(2))] == [2, 3]


def test_the_rest_comes_when_nothing_more_will() -> None:
    window = ReorderWindow(GapCounts())
    for number in (1, 5, 3):
        window.push(chunk(number))
    assert [due.number for due in window.flush()] == [3, 5]
    assert window.flush() == []


@given(st.lists(st.integers(0, 30), max_size=60))
def test_whatever_comes_no_more_than_the_window_is_held_and_all_of_it_comes_out_once(numbers: list[int]) -> None:
    counts = GapCounts()
    window = ReorderWindow(counts)
    out: list[int] = []
    for number in numbers:
        out += [due.number for due in window.push(chunk(number))]
        assert len(numbers) >= len(out)
        assert len(window._held) < WINDOW
    out += [due.number for due in window.flush()]
    assert sorted(out) == sorted(numbers) or len(out) + counts.late_chunks == len(numbers)


@pytest.mark.parametrize("apart", range(1, WINDOW))
def test_any_shuffle_within_the_window_is_undone(apart: int) -> None:
    numbers = list(range(1, 41))
    for start in range(1, len(numbers), apart + 1):
        numbers[start : start + apart + 1] = reversed(numbers[start : start + apart + 1])
    assert [number for due in through(*numbers) for number in due] == list(range(1, 41))
