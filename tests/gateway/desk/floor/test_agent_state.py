from __future__ import annotations

import pytest

from gateway.desk.floor.agent_state import MOVES, AgentState, Presence, Routing, gone, present, routed
from gateway.desk.floor.errors import AgentBusy
from tests.gateway.desk.floor.hall import NOW, later

ANNA = AgentState("anna", "Anna", NOW, NOW, presence=Presence.AVAILABLE)


def on_contact() -> AgentState:
    return routed(routed(ANNA, Routing.RESERVED, later(1), item="h1"), Routing.ON_CONTACT, later(2), item="h1")


def test_every_routing_stands_in_the_table_and_leads_back() -> None:
    assert set(MOVES) == set(Routing)
    assert all(Routing.IDLE in onward for onward in MOVES.values())


def test_who_wraps_up_gets_no_call() -> None:
    busy = routed(on_contact(), Routing.WRAP_UP, later(9), item="h1", until=later(69))
    assert not busy.free
    assert busy.on_duty
    with pytest.raises(AgentBusy, match="finish that first"):
        routed(busy, Routing.RESERVED, later(10), item="h2")


def test_a_contact_ends_idleness_and_a_declined_offer_does_not() -> None:
    declined = routed(routed(ANNA, Routing.RESERVED, later(1), item="h1"), Routing.IDLE, later(5))
    assert (declined.idle_since, declined.item) == (NOW, None)
    assert routed(on_contact(), Routing.IDLE, later(5)).idle_since == later(5)


def test_a_break_begins_after_the_contact_and_the_newest_wins() -> None:
    talking = present(present(on_contact(), Presence.AWAY, "break", later(3)), Presence.AWAY, "meal", later(4))
    assert (talking.presence, talking.next_presence, talking.next_reason) == (Presence.AVAILABLE, Presence.AWAY, "meal")
    after = routed(talking, Routing.IDLE, later(8))
    assert (after.presence, after.reason, after.next_presence) == (Presence.AWAY, "meal", None)


def test_a_break_that_was_thought_better_of_does_not_begin() -> None:
    talking = present(present(on_contact(), Presence.AWAY, "break", later(3)), Presence.AVAILABLE, "", later(4))
    assert talking.next_presence is None
    assert routed(talking, Routing.IDLE, later(8)).free


def test_after_a_break_idleness_begins_anew() -> None:
    back = present(present(ANNA, Presence.AWAY, "break", later(10)), Presence.AVAILABLE, "", later(60))
    assert (back.free, back.idle_since) == (True, later(60))
    assert present(back, Presence.AVAILABLE, "", later(70)).idle_since == later(60)


def test_who_did_not_respond_is_back_only_when_they_say_so() -> None:
    silent = routed(routed(ANNA, Routing.RESERVED, later(1), item="h1"), Routing.NOT_RESPONDING, later(16))
    assert (silent.free, silent.on_duty, silent.presence) == (False, False, Presence.AVAILABLE)
    assert present(silent, Presence.AVAILABLE, "", later(30)).free


def test_a_lost_desk_has_nothing() -> None:
    lost = gone(present(on_contact(), Presence.AWAY, "break", later(3)), later(5))
    assert (lost.presence, lost.routing, lost.item, lost.next_presence) == (Presence.OFFLINE, Routing.IDLE, None, None)
