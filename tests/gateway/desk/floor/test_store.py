"""The store in memory, beside what all stores promise (tests/contracts/test_floor_store.py)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.desk.floor import store as module
from gateway.desk.floor.events import FloorEvent, Kind
from gateway.desk.floor.store import HANDOFF_STATES, MemoryFloorStore, item_of_handoff, latest
from gateway.desk.floor.work_item import OVER, ItemState
from gateway.session.records import Handoff, HandoffState
from tests.gateway.desk.floor.hall import NOW, QUEUES, call


def handoff(*skills: str) -> Handoff:
    return Handoff("shop", "h1", "c1", "caller_asked", "orders", skills, {}, "queued", NOW)


def test_every_state_of_an_item_has_one_for_its_handoff() -> None:
    assert set(HANDOFF_STATES) == set(ItemState)
    assert {state for state in ItemState if HANDOFF_STATES[state] in ("ended", "abandoned")} == OVER
    assert {HANDOFF_STATES[state] for state in OVER} == {HandoffState.ENDED, HandoffState.ABANDONED}


def test_a_handoff_is_in_line_since_it_was_queued() -> None:
    item = item_of_handoff(handoff("en", "orders:2"), "ko", "n1", QUEUES)
    assert (item.item, item.call, item.node, item.enqueued_at) == ("h1", "c1", "n1", NOW)
    assert (item.language, item.skills) == ("en", {"orders": 2})


def test_a_language_that_no_queue_is_staffed_in_is_no_other_skill() -> None:
    item = item_of_handoff(handoff("ja"), "ja", "n1", QUEUES)
    assert (item.language, item.skills) == ("ja", {})


def test_of_each_the_last_word_is_stored_in_the_order_in_which_it_was_said() -> None:
    def event(seq: int, kind: Kind, subject: str) -> FloorEvent:
        return FloorEvent(seq, NOW, kind, subject, {})

    events = [
        event(1, Kind.OFFER_MADE, "h1"),
        event(2, Kind.ITEM_OFFERED, "h1"),
        event(3, Kind.OFFER_TIMEOUT, "h1"),
        event(4, Kind.OFFER_MADE, "h2"),
    ]
    assert [e.seq for e in latest(events)] == [2, 3, 4]


async def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_EVENTS", 3)
    monkeypatch.setattr(module, "MOST_OVER", 2)
    store = MemoryFloorStore(lambda _: QUEUES)
    for n in range(4):
        async with store.open("shop") as floor:
            floor.enqueue(call(f"h{n}"), NOW)
            floor.abandon(f"h{n}", NOW + timedelta(seconds=1))
    assert [event.seq for event in await store.events("shop")] == [6, 7, 8]
    assert (await store.figures("shop", NOW))["general"].abandoned == 2
