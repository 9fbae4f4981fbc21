from __future__ import annotations

import pytest

from gateway.desk.floor.errors import WrongState
from gateway.desk.floor.work_item import MOVES, OVER, ItemState, moved, waiting_item
from tests.gateway.desk.floor.hall import NOW, call, later


def test_every_state_stands_in_the_table() -> None:
    assert set(MOVES) == set(ItemState)
    assert {ItemState.COMPLETED, ItemState.ABANDONED, ItemState.CANCELLED, ItemState.EXPIRED} == OVER


def test_every_state_can_be_reached_and_left_for_an_end() -> None:
    def reachable(state: ItemState, seen: frozenset[ItemState] = frozenset()) -> set[ItemState]:
        return {state}.union(*(reachable(to, seen | {state}) for to in MOVES[state] - seen))

    assert reachable(ItemState.QUEUED) == set(ItemState)
    assert all(reachable(state) & OVER for state in ItemState)


def test_a_move_is_dated_and_changes_what_it_is_told_to() -> None:
    item = moved(call(), ItemState.OFFERED, later(3), offer="o1")
    assert (item.state, item.since, item.offer, item.enqueued_at) == (ItemState.OFFERED, later(3), "o1", NOW)


def test_a_move_that_the_table_does_not_know_is_refused() -> None:
    with pytest.raises(WrongState, match="call-h1 is queued"):
        moved(call(), ItemState.CONNECTED, NOW)


def test_a_call_begins_to_wait_everywhere_at_once() -> None:
    item = waiting_item("h", "c", "general", "en", NOW, node="n1", skills={"orders": 2})
    assert {item.enqueued_at, item.eligible_at, item.queue_since, item.since} == {NOW}
    assert (item.node, item.skills, item.state) == ("n1", {"orders": 2}, ItemState.QUEUED)
